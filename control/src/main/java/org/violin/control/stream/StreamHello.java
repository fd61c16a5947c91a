package org.violin.control.stream;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How the two ends of a new connection prove to each other that they have the same key, in three messages
 * (docs/transports.md, Hello). Whoever connected speaks first, and who does not know the key is answered nothing. Each
 * proof is of both ends' random numbers, but for the first, which only keeps strangers from an answer; and of the TLS
 * connection that it is sent on, so that nobody can stand between.
 *
 * <p>One object a connection: {@code first}, {@code onAnswer} at the end that connected, {@code onFirst}, {@code
 * onLast} at the other. Has no socket and no clock.
 */
final class StreamHello {
    static final int FIRST_BYTES = 72;
    static final int ANSWER_BYTES = FIRST_BYTES;
    static final int LAST_BYTES = 32;
    static final int BINDING_BYTES = 32;
    static final int NONCE_BYTES = 32;
    static final int KEY_BYTES = 32;

    private static final int HEADER_BYTES = 8;
    private static final int PROOF_BYTES = 32;
    private static final byte[] NAME = "violin".getBytes(StandardCharsets.US_ASCII);
    private static final byte VERSION = 1;
    private static final byte TLS_HANDSHAKE = 0x16;
    private static final byte FIRST = 1;
    private static final byte ANSWER = 2;
    private static final byte LAST = 3;

    private final byte[] header;
    private final byte[] binding;
    private final Mac mac;
    private final SecureRandom random;
    private byte[] nonce = new byte[NONCE_BYTES];
    private byte[] answerNonce = new byte[NONCE_BYTES];

    /**
     * @param key     {@link #KEY_BYTES}, derived from what both ends know; zeros if there is none
     * @param keyed   whether there is one
     * @param binding {@link #BINDING_BYTES} that only the ends of this connection know; zeros if there are none
     */
    StreamHello(byte[] key, boolean keyed, byte[] binding, SecureRandom random) {
        header = ByteBuffer.allocate(HEADER_BYTES).put(NAME).put(VERSION).put((byte) (keyed ? 1 : 0)).array();
        this.binding = binding;
        this.random = random;
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HMAC-SHA256", e);
        }
    }

    /** What to send first. */
    byte[] first() {
        random.nextBytes(nonce);
        return message(nonce, proof(FIRST));
    }

    /** Checks the first message and returns the answer. */
    byte[] onFirst(byte[] first) throws HelloException {
        checkHeader(first);
        nonce = Arrays.copyOfRange(first, HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
        check(first, proof(FIRST));
        random.nextBytes(answerNonce);
        return message(answerNonce, proof(ANSWER));
    }

    /** Checks the answer and returns what to send last. */
    byte[] onAnswer(byte[] answer) throws HelloException {
        checkHeader(answer);
        answerNonce = Arrays.copyOfRange(answer, HEADER_BYTES, HEADER_BYTES + NONCE_BYTES);
        check(answer, proof(ANSWER));
        return proof(LAST);
    }

    void onLast(byte[] last) throws HelloException {
        check(last, proof(LAST));
    }

    /** The random number of the end that connected: names the connection to both. */
    byte[] nonce() {
        return nonce;
    }

    private byte[] message(byte[] number, byte[] proof) {
        return ByteBuffer.allocate(FIRST_BYTES).put(header).put(number).put(proof).array();
    }

    private byte[] proof(byte which) {
        mac.update(which);
        mac.update(binding);
        mac.update(header);
        mac.update(nonce);
        if (which != FIRST) {
            mac.update(answerNonce);
        }
        return mac.doFinal();
    }

    private void checkHeader(byte[] message) throws HelloException {
        if (Arrays.equals(message, 0, HEADER_BYTES, header, 0, HEADER_BYTES)) {
            return;
        }
        if (!Arrays.equals(message, 0, NAME.length, NAME, 0, NAME.length)) {
            throw new HelloException(StreamEvent.HELLO_FOREIGN, message[0] == TLS_HANDSHAKE
                ? "speaks TLS: say --transport tls on both ends, or on neither" : "does not speak Violin's protocol");
        }
        if (message[NAME.length] != VERSION) {
            throw new HelloException(StreamEvent.HELLO_FOREIGN, "speaks version " + (message[NAME.length] & 0xFF)
                + " of the stream protocol, this is version " + VERSION);
        }
        String keys = header[HEADER_BYTES - 1] == 0 ? "has a key, this end has none" : "has no key, this end has one";
        throw new HelloException(StreamEvent.HELLO_FOREIGN,
            keys + ": say --key-file on both ends, or --insecure-plaintext on both");
    }

    private static void check(byte[] message, byte[] proof) throws HelloException {
        byte[] claimed = Arrays.copyOfRange(message, message.length - PROOF_BYTES, message.length);
        if (!MessageDigest.isEqual(claimed, proof)) {
            throw new HelloException(StreamEvent.HELLO_FORGED, "has another key, or somebody stands between: compare"
                + " what 'violin key show' says on both hosts");
        }
    }
}
