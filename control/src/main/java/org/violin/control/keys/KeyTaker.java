package org.violin.control.keys;

/** Where the shared keys go that control connections give. Any thread may call it. */
public interface KeyTaker {
    /**
     * Gives a tunnel a shared key. When this returns, handshakes that the peer begins with it are answered.
     *
     * @param key   the taker's from now on
     * @param known whether the peer is known to have it, so that a handshake is begun with it at once
     */
    void give(String tunnel, SharedKey key, boolean known);

    /** Whether another shared key may help the tunnel: it is not up, or does not get new keys. */
    boolean wantsKey(String tunnel);
}
