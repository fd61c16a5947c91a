package org.violin.control.keys;

import java.net.InetSocketAddress;
import org.violin.dataplane.TunnelKeys;

/** Where a {@link KeyAgreement} leads to. Called on its thread, from within its methods. */
public interface Wire {
    /**
     * Sends a datagram to the tunnel's peer, or loses it: it is sent again as long as it matters.
     *
     * @param to       null: to where the peer is, if that is known
     * @param datagram its to keep
     */
    void send(InetSocketAddress to, byte[] datagram);

    /** The index near a random one that may name a session of the tunnel's. */
    int index(int random);

    /**
     * Gives a tunnel its next keys. When this returns, datagrams that the peer seals with them are understood: the
     * answer that lets it do so is sent afterwards. The arrays of keys are overwritten then.
     *
     * <p>Confirmed keys are sent with from now on, and end the wait of keys that wait. Others wait until the peer is
     * heard with them, and take the place of keys that waited. What was sealed with the keys that were sent with before
     * is under way, and goes on being understood.
     */
    void install(TunnelKeys keys);
}
