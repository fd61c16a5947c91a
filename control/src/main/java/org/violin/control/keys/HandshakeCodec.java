package org.violin.control.keys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import org.violin.dataplane.SealCipher;

/**
 * The two datagrams of a handshake (docs/tunnel-protocol.md, Handshake): a tunnel datagram's header, and a Noise
 * message whose payload is the sender's session index and a set of ciphers.
 */
final class HandshakeCodec {
    static final int VERSION = 1;
    static final int TYPE_FIRST = 4;
    static final int TYPE_ANSWER = 5;

    static final int HEADER_BYTES = 16;
    static final int PAYLOAD_BYTES = 8;
    static final int BYTES = HEADER_BYTES + NoiseHandshake.OVERHEAD_BYTES + PAYLOAD_BYTES;

    private static final int RECEIVER_INDEX = 4;
    private static final int COUNTER = 8;
    private static final String PROLOGUE = "violin tunnel 1";

    private HandshakeCodec() {
    }

    /** Returns null if a datagram of any origin has the length and the header of a handshake, else why not. */
    static KeyEvent check(byte[] datagram) {
        if (datagram.length != BYTES) {
            return KeyEvent.HANDSHAKE_LENGTH;
        }
        ByteBuffer buffer = ByteBuffer.wrap(datagram);
        int word = buffer.getInt(0);
        int type = type(datagram);
        if (word >>> 28 != VERSION || type != TYPE_FIRST && type != TYPE_ANSWER) {
            return KeyEvent.HANDSHAKE_TYPE;
        }
        boolean named = type == TYPE_FIRST && receiverIndex(datagram) != 0;
        boolean clean = (word & 0xFF_FFFF) == 0 && buffer.getLong(COUNTER) == 0 && !named;
        return clean ? null : KeyEvent.HANDSHAKE_RESERVED;
    }

    static int type(byte[] datagram) {
        return datagram[0] & 0xF;
    }

    static int receiverIndex(byte[] datagram) {
        return ByteBuffer.wrap(datagram).getInt(RECEIVER_INDEX);
    }

    static byte[] message(byte[] datagram) {
        return Arrays.copyOfRange(datagram, HEADER_BYTES, datagram.length);
    }

    /** The sender's ephemeral public key. */
    static byte[] ephemeral(byte[] datagram) {
        return Arrays.copyOfRange(datagram, HEADER_BYTES, HEADER_BYTES + X25519.BYTES);
    }

    static byte[] datagram(int type, int receiverIndex, byte[] message) {
        return ByteBuffer.allocate(HEADER_BYTES + message.length)
            .putInt((VERSION << 4 | type) << 24).putInt(receiverIndex).putLong(0).put(message).array();
    }

    /** What both sides must agree on: what this is a handshake of, and the first message's header. */
    static byte[] prologue() {
        byte[] text = PROLOGUE.getBytes(StandardCharsets.US_ASCII);
        byte[] header = datagram(TYPE_FIRST, 0, new byte[0]);
        return ByteBuffer.allocate(text.length + header.length).put(text).put(header).array();
    }

    /** @param ciphers a set of {@link #bit}s */
    static byte[] payload(int senderIndex, int ciphers) {
        return ByteBuffer.allocate(PAYLOAD_BYTES).putInt(senderIndex).put((byte) ciphers).array();
    }

    static int senderIndex(byte[] payload) {
        return ByteBuffer.wrap(payload).getInt(0);
    }

    static int ciphers(byte[] payload) {
        return payload[4] & 0xFF;
    }

    /** Whether an authentic payload has an index other than {@code notIndex}, and zeros where they must be. */
    static boolean isValid(byte[] payload, int notIndex) {
        int index = senderIndex(payload);
        return index != 0 && index != notIndex && (payload[5] | payload[6] | payload[7]) == 0;
    }

    static int bit(SealCipher cipher) {
        return switch (cipher) {
            case AES_256_GCM -> 1;
            case CHACHA20_POLY1305 -> 2;
        };
    }

    static int bits(Collection<SealCipher> ciphers) {
        return ciphers.stream().mapToInt(HandshakeCodec::bit).reduce(0, (a, b) -> a | b);
    }
}
