package org.violin.dataplane;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a handshake has given a tunnel: the indices by which both sides name the session, and a key for each direction.
 * The arrays are not copied; whoever made them may overwrite them once the dataplane has taken them.
 *
 * @param localIndex  what the peer's datagrams name; not 0
 * @param remoteIndex what this side's datagrams name; not 0
 * @param sendKey     {@link SealCipher#KEY_BYTES} bytes
 * @param receiveKey  {@link SealCipher#KEY_BYTES} bytes, others than {@code sendKey}
 * @param confirmed   whether the peer is known to have these keys, so that they are sent with at once; else that waits
 *                    for its first datagram sealed with them
 */
public record TunnelKeys(int localIndex, int remoteIndex, SealCipher cipher, byte[] sendKey, byte[] receiveKey,
    boolean confirmed) {

    public TunnelKeys {
        Objects.requireNonNull(cipher, "cipher");
        if (localIndex == 0 || remoteIndex == 0) {
            throw new IllegalArgumentException("index 0 names no session");
        }
        if (sendKey.length != SealCipher.KEY_BYTES || receiveKey.length != SealCipher.KEY_BYTES) {
            throw new IllegalArgumentException("keys have " + SealCipher.KEY_BYTES + " bytes");
        }
        if (Arrays.equals(sendKey, receiveKey)) {
            throw new IllegalArgumentException("one key for both directions would use nonces twice");
        }
    }

    /** Without the keys. */
    @Override
    public String toString() {
        return "TunnelKeys[%08x, %08x, %s]".formatted(localIndex, remoteIndex, cipher.label());
    }
}
