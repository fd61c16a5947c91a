package org.violin.control.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.violin.control.keys.NoiseHandshake.Answer;
import org.violin.control.keys.NoiseHandshake.TransportKeys;

/** The handshake beside the published vector of its protocol (Cacophony's), and against whatever is not it. */
class NoiseHandshakeTest {
    private static final byte[] PROLOGUE = bytes("4a6f686e2047616c74");
    private static final String PSK = "54686973206973206d7920417573747269616e20706572737065637469766521";
    private static final String INITIATOR_EPHEMERAL =
        "893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a";
    private static final String RESPONDER_EPHEMERAL =
        "bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b";
    private static final String FIRST_PAYLOAD = "4c756477696720766f6e204d69736573";
    private static final String FIRST = "ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944"
        + "7c37a89fc17813788d30df2d59501d6066f5f8aecc3406bbd9829f2d24a531b1";
    private static final String ANSWER_PAYLOAD = "4d757272617920526f746862617264";
    private static final String ANSWER = "95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843"
        + "2f29d79368ef9de4e1ae7a362fb05bf0ad668e026bf5714554497b3a720461";
    /** What both sides then send in turn, sealed with the keys of the session. */
    private static final String[][] TRANSPORT = {
        {"462e20412e20486179656b", "7c01e898a6201f36aecee532e29cd0b7f8ffa29d3366ad0dce39a6"},
        {"4361726c204d656e676572", "a9ff535aace3db6a1da1a7fb00fe2de2622bb373abad9fb42c00e0"},
        {"4a65616e2d426170746973746520536179", "6cfc49a3e65472edc2d0152abe5ce950170a8a47c959f30bd48b5f0aacf29adbfd"},
        {"457567656e2042f6686d20766f6e2042617765726b",
            "9bc86e6d974ed21ba04604a94aa68de21677eb409ead070c0cd569b069ee19ba142aa4c1a9"}};

    private final NoiseHandshake initiator = handshake();
    private final NoiseHandshake responder = handshake();

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private static NoiseHandshake handshake() {
        return new NoiseHandshake(new SharedKey(bytes(PSK)), PROLOGUE);
    }

    private byte[] first() {
        return initiator.writeFirst(bytes(INITIATOR_EPHEMERAL), bytes(FIRST_PAYLOAD));
    }

    private byte[] answer() {
        assertThat(responder.readFirst(first())).isNotNull();
        return responder.writeAnswer(bytes(RESPONDER_EPHEMERAL), bytes(ANSWER_PAYLOAD));
    }

    private static byte[] seal(byte[] key, long nonce, byte[] plain) throws Exception {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"),
            new GCMParameterSpec(128, ByteBuffer.allocate(12).putInt(0).putLong(nonce).array()));
        return cipher.doFinal(plain);
    }

    @Test
    void messagesAreThoseOfThePublishedVector() {
        byte[] first = first();
        assertThat(hex(first)).isEqualTo(FIRST);
        assertThat(hex(responder.readFirst(first))).isEqualTo(FIRST_PAYLOAD);
        byte[] answer = responder.writeAnswer(bytes(RESPONDER_EPHEMERAL), bytes(ANSWER_PAYLOAD));
        assertThat(hex(answer)).isEqualTo(ANSWER);
        assertThat(hex(initiator.readAnswer(answer).payload())).isEqualTo(ANSWER_PAYLOAD);
    }

    @Test
    void keysSealWhatThePublishedVectorSends() throws Exception {
        TransportKeys initiators = initiator.readAnswer(answer()).keys();
        TransportKeys responders = responder.split();
        assertThat(initiators.initiator()).isEqualTo(responders.initiator());
        assertThat(initiators.responder()).isEqualTo(responders.responder());
        for (int i = 0; i < TRANSPORT.length; i++) {
            byte[] key = i % 2 == 0 ? initiators.initiator() : initiators.responder();
            assertThat(hex(seal(key, i / 2, bytes(TRANSPORT[i][0])))).isEqualTo(TRANSPORT[i][1]);
        }
    }

    @Test
    void anotherKeyOrPrologueIsRefused() {
        byte[] other = bytes(PSK);
        other[31] ^= 1;
        assertThat(new NoiseHandshake(new SharedKey(other), PROLOGUE).readFirst(first())).isNull();
        assertThat(new NoiseHandshake(new SharedKey(bytes(PSK)), new byte[0]).readFirst(bytes(FIRST))).isNull();
    }

    @Test
    void everyBitOfTheFirstMessageCounts() {
        byte[] message = first();
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] flipped = message.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(handshake().readFirst(flipped)).as("bit %d", bit).isNull();
        }
    }

    @Test
    void everyBitOfTheAnswerCountsAndTheTrueOneIsStillTaken() {
        byte[] message = answer();
        for (int bit = 0; bit < message.length * 8; bit++) {
            byte[] flipped = message.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(initiator.readAnswer(flipped)).as("bit %d", bit).isNull();
        }
        Answer answer = initiator.readAnswer(message);
        assertThat(answer.keys().initiator()).isEqualTo(responder.split().initiator());
    }

    @Test
    void whatIsCutOrLongerIsRefused() {
        byte[] answer = answer();
        byte[] first = bytes(FIRST);
        for (int length = X25519.BYTES; length < answer.length; length++) {
            assertThat(handshake().readFirst(Arrays.copyOf(first, length))).isNull();
            assertThat(initiator.readAnswer(Arrays.copyOf(answer, length))).isNull();
        }
        assertThat(handshake().readFirst(Arrays.copyOf(first, first.length + 1))).isNull();
        assertThat(initiator.readAnswer(Arrays.copyOf(answer, answer.length + 1))).isNull();
    }

    @Test
    void aMessageIsNoAnswerAndAnAnswerIsNoFirstMessage() {
        byte[] answer = answer();
        assertThat(handshake().readFirst(answer)).isNull();
        assertThat(initiator.readAnswer(bytes(FIRST))).isNull();
    }

    @Test
    void aPeerWhoseKeyIsOfSmallOrderGetsNoAnswer() {
        byte[] zero = new byte[X25519.BYTES];
        // Whoever has the shared key can seal such a message; nobody gets keys by it that the shared key alone gives.
        SymmetricState state = new SymmetricState(NoiseHandshake.PROTOCOL);
        state.mixHash(PROLOGUE);
        state.mixKeyAndHash(bytes(PSK));
        state.mixHash(zero);
        state.mixKey(zero);
        byte[] sealed = state.encryptAndHash(new byte[8]);
        byte[] message = Arrays.copyOf(zero, zero.length + sealed.length);
        System.arraycopy(sealed, 0, message, zero.length, sealed.length);
        assertThat(responder.readFirst(message)).hasSize(8);
        assertThat(responder.writeAnswer(bytes(RESPONDER_EPHEMERAL), new byte[8])).isNull();
        first();
        assertThat(initiator.readAnswer(message)).isNull();
    }

    @Test
    void stepsOutOfTurnAreMistakes() {
        assertThatThrownBy(initiator::split).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> initiator.readAnswer(bytes(ANSWER))).isInstanceOf(IllegalStateException.class);
        first();
        assertThatThrownBy(this::first).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> responder.writeAnswer(bytes(RESPONDER_EPHEMERAL), new byte[0]))
            .isInstanceOf(IllegalStateException.class);
        SymmetricState unkeyed = new SymmetricState(NoiseHandshake.PROTOCOL);
        assertThatThrownBy(() -> unkeyed.encryptAndHash(new byte[0])).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void secretsAreOverwritten() {
        byte[] secret = bytes(INITIATOR_EPHEMERAL);
        initiator.writeFirst(secret, new byte[0]);
        initiator.close();
        assertThat(secret).containsOnly(0);
        assertThatThrownBy(() -> initiator.readAnswer(bytes(ANSWER))).isInstanceOf(IllegalStateException.class);
        responder.readFirst(bytes(FIRST));
        byte[] other = bytes(RESPONDER_EPHEMERAL);
        responder.writeAnswer(other, new byte[0]);
        assertThat(other).containsOnly(0);
    }
}
