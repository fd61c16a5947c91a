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
 * answer}, {@code onLast} at the other. Has no socket and no clock.
 */
final class StreamHello {
    static final int HEADER_BYTES = 8;
    static final int FIRST_BYTES = 88;
    static final int ANSWER_BYTES = 72;
    static final int LAST_BYTES = 32;
    static final int BINDING_BYTES = 32;
    static final int NONCE_BYTES = 32;
    static final int KEY_BYTES = 32;

    private static final int PROOF_BYTES = 32;
    private static final byte[] NAME = "violin".getBytes(StandardCharsets.US_ASCII);
    private static final byte VERSION = 2;
    private static final byte TLS_HANDSHAKE = 0x16;
    private static final byte FIRST = 1;
    private static final byte ANSWER = 2;
    private static final byte LAST = 3;

    /** How the ends know each other; its number is on the wire. */
    enum Mode {
        PLAINTEXT("no key"), KEYED("a key"), IDENTITIES("an identity");

        private final String means;

        Mode(String means) {
            this.means = means;
        }
    }

    private final Mode mode;
    private final byte[] header;
    /** Null before it is known, at the end that is connected to. */
    private TunnelName name;
    private final byte[] binding;
    private final Mac mac;
    private final SecureRandom random;
    private final byte[] nonce = new byte[NONCE_BYTES];
    private final byte[] answerNonce = new byte[NONCE_BYTES];

    /**
     * @param key     {@link #KEY_BYTES}, derived from what both ends know; zeros if there is none
     * @param mode    how they know each other
     * @param binding {@link #BINDING_BYTES} that only the ends of this connection know; zeros if there are none
     * @param name    which tunnel it is for; null: the other end tells
     */
    StreamHello(byte[] key, Mode mode, byte[] binding, TunnelName name, SecureRandom random) {
        header = ByteBuffer.allocate(HEADER_BYTES).put(NAME).put(VERSION).put((byte) mode.ordinal()).array();
        this.mode = mode;
        this.binding = binding;
        this.name = name;
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
        return ByteBuffer.allocate(FIRST_BYTES).put(header).put(name.bytes()).put(nonce).put(proof(FIRST)).array();
    }

    /** Checks the first message; then {@link #name} is known, and {@link #answer} may be sent. */
    void onFirst(byte[] first) throws HelloException {
        checkHeader(first);
        ByteBuffer fields = ByteBuffer.wrap(first, HEADER_BYTES, first.length - HEADER_BYTES);
        name = TunnelName.of(fields);
        fields.get(nonce);
        check(first, proof(FIRST));
    }

    byte[] answer() {
        random.nextBytes(answerNonce);
        return ByteBuffer.allocate(ANSWER_BYTES).put(header).put(answerNonce).put(proof(ANSWER)).array();
    }

    /** Checks the answer and returns what to send last. */
    byte[] onAnswer(byte[] answer) throws HelloException {
        checkHeader(answer);
        System.arraycopy(answer, HEADER_BYTES, answerNonce, 0, NONCE_BYTES);
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

    /** Which tunnel the connection is for. */
    TunnelName name() {
        return name;
    }

    private byte[] proof(byte which) {
        mac.update(which);
        mac.update(binding);
        mac.update(header);
        mac.update(name.bytes());
        mac.update(nonce);
        if (which != FIRST) {
            mac.update(answerNonce);
        }
        return mac.doFinal();
    }

    /** @param message its first {@link #HEADER_BYTES}, or more */
    void checkHeader(byte[] message) throws HelloException {
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
        int theirs = message[HEADER_BYTES - 1] & 0xFF;
        throw new HelloException(StreamEvent.HELLO_FOREIGN, "has "
            + (theirs < Mode.values().length ? Mode.values()[theirs].means : "something else") + ", this end has "
            + mode.means + ": say --key-file on both ends, or --identity, or --insecure-plaintext");
    }

    private static void check(byte[] message, byte[] proof) throws HelloException {
        byte[] claimed = Arrays.copyOfRange(message, message.length - PROOF_BYTES, message.length);
        if (!MessageDigest.isEqual(claimed, proof)) {
            throw new HelloException(StreamEvent.HELLO_FORGED, "has another key, or somebody stands between: compare"
                + " what 'violin key show' says on both hosts");
        }
    }
}
