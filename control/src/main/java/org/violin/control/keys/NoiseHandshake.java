package org.violin.control.keys;

import java.util.Arrays;

/**
 * One handshake of {@code Noise_NNpsk0_25519_AESGCM_SHA256} (the Noise Protocol Framework, revision 34), on either
 * side:
 *
 * <pre>
 *   initiator                    responder
 *   writeFirst   --- psk, e ---> readFirst
 *   readAnswer   <--- e, ee ---- writeAnswer
 * </pre>
 *
 * <p>Both messages carry a payload, sealed under the shared key and, the second one, what the ephemeral keys agree on.
 * Whoever learns the shared key later cannot read what the session's keys have sealed. Not thread-safe. Closing it
 * overwrites its secrets.
 */
final class NoiseHandshake implements AutoCloseable {
    static final String PROTOCOL = "Noise_NNpsk0_25519_AESGCM_SHA256";
    /** How much longer a message is than its payload. */
    static final int OVERHEAD_BYTES = X25519.BYTES + SymmetricState.TAG_BYTES;

    /** What a step is allowed after. */
    private enum Step { BEGUN, FIRST_WRITTEN, FIRST_READ, DONE }

    /** Keys of a session, {@value X25519#BYTES} bytes each: of what the initiator sends, and of what it receives. */
    record TransportKeys(byte[] initiator, byte[] responder) {
        void clear() {
            Arrays.fill(initiator, (byte) 0);
            Arrays.fill(responder, (byte) 0);
        }

        /** Without the keys. */
        @Override
        public String toString() {
            return "TransportKeys";
        }
    }

    /** An answer that is authentic: its payload, and the session's keys. */
    record Answer(byte[] payload, TransportKeys keys) { }

    private final SymmetricState state;
    private Step step = Step.BEGUN;
    /** The initiator's own, from its first message on. */
    private byte[] secret;
    /** The initiator's public key, which the responder has read. */
    private byte[] peer;

    /** @param prologue what both sides must agree on for the handshake to succeed */
    NoiseHandshake(SharedKey key, byte[] prologue) {
        state = new SymmetricState(PROTOCOL);
        state.mixHash(prologue);
        state.mixKeyAndHash(key.bytes()); // psk0: the first token of the first message
    }

    /**
     * The initiator's first message.
     *
     * @param ephemeral 32 random bytes, used for nothing else; overwritten when this is closed
     */
    byte[] writeFirst(byte[] ephemeral, byte[] payload) {
        advance(Step.BEGUN, Step.FIRST_WRITTEN);
        secret = ephemeral;
        return write(state, X25519.publicKey(ephemeral), null, payload);
    }

    /** Returns the payload of an initiator's first message, or null if that is not authentic. */
    byte[] readFirst(byte[] message) {
        advance(Step.BEGUN, Step.FIRST_READ);
        peer = Arrays.copyOf(message, X25519.BYTES);
        mixEphemeral(state, peer);
        return state.decryptAndHash(Arrays.copyOfRange(message, X25519.BYTES, message.length));
    }

    /**
     * The responder's answer to a first message that {@link #readFirst} has found authentic.
     *
     * @param ephemeral 32 random bytes, used for nothing else; overwritten
     * @return null if the initiator's public key is a point of small order, with which anybody could agree
     */
    byte[] writeAnswer(byte[] ephemeral, byte[] payload) {
        advance(Step.FIRST_READ, Step.DONE);
        byte[] shared = X25519.agree(ephemeral, peer);
        byte[] message = shared == null ? null : write(state, X25519.publicKey(ephemeral), shared, payload);
        Arrays.fill(ephemeral, (byte) 0);
        return message;
    }

    /** The keys of the session, once there is an answer. */
    TransportKeys split() {
        if (step != Step.DONE) {
            throw new IllegalStateException(step.name());
        }
        return split(state);
    }

    /**
     * Reads an answer to the first message. Changes nothing, so that a forged answer does not keep out the true one.
     *
     * @return null if it is not authentic, or its public key is a point of small order
     */
    Answer readAnswer(byte[] message) {
        if (step != Step.FIRST_WRITTEN) {
            throw new IllegalStateException(step.name());
        }
        byte[] ephemeral = Arrays.copyOf(message, X25519.BYTES);
        byte[] shared = X25519.agree(secret, ephemeral);
        if (shared == null) {
            return null;
        }
        SymmetricState next = state.copy();
        mixEphemeral(next, ephemeral);
        next.mixKey(shared);
        Arrays.fill(shared, (byte) 0);
        byte[] payload = next.decryptAndHash(Arrays.copyOfRange(message, X25519.BYTES, message.length));
        Answer answer = payload == null ? null : new Answer(payload, split(next));
        next.clear();
        return answer;
    }

    @Override
    public void close() {
        step = Step.DONE;
        state.clear();
        if (secret != null) {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private void advance(Step from, Step to) {
        if (step != from) {
            throw new IllegalStateException(step.name());
        }
        step = to;
    }

    /** @param shared what the ephemeral keys agree on, which is overwritten; null in a first message */
    private static byte[] write(SymmetricState state, byte[] ephemeral, byte[] shared, byte[] payload) {
        mixEphemeral(state, ephemeral);
        if (shared != null) {
            state.mixKey(shared);
            Arrays.fill(shared, (byte) 0);
        }
        byte[] message = Arrays.copyOf(ephemeral, OVERHEAD_BYTES + payload.length);
        byte[] sealed = state.encryptAndHash(payload);
        System.arraycopy(sealed, 0, message, X25519.BYTES, sealed.length);
        return message;
    }

    /** The token e, which in patterns with a psk also goes into the key (section 9.2). */
    private static void mixEphemeral(SymmetricState state, byte[] ephemeral) {
        state.mixHash(ephemeral);
        state.mixKey(ephemeral);
    }

    private static TransportKeys split(SymmetricState state) {
        byte[][] keys = state.split();
        return new TransportKeys(keys[0], keys[1]);
    }
}
