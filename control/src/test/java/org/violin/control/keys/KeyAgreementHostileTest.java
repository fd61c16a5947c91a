package org.violin.control.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.control.Seeds;
import org.violin.dataplane.SealCipher;

/** Whatever comes from a network: nothing but a true handshake has an effect, and floods cost no more than is said. */
class KeyAgreementHostileTest {
    private static final long SECOND_NS = Side.SECOND_NS;
    private static final byte[] PROLOGUE = HandshakeCodec.prologue();

    private final SplittableRandom random = Seeds.random("KeyAgreementHostileTest");
    private final SharedKey key = new SharedKey(new byte[SharedKey.BYTES]);
    private final List<byte[]> fromA = new ArrayList<>();
    private final List<byte[]> fromB = new ArrayList<>();
    private final Side a = side(fromA);
    private final Side b = side(fromB);
    private long nowNs;

    private Side side(List<byte[]> sent) {
        return new Side(key, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT,
            new SeededRandom(random.split()), 0, datagram -> sent.add((byte[]) datagram));
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    /** As somebody who has the key makes it. */
    private byte[] first(byte[] payload) {
        try (NoiseHandshake handshake = new NoiseHandshake(key, PROLOGUE)) {
            return HandshakeCodec.datagram(HandshakeCodec.TYPE_FIRST, 0, handshake.writeFirst(bytes(32), payload));
        }
    }

    private byte[] first() {
        return first(HandshakeCodec.payload(random.nextInt(1, Integer.MAX_VALUE), 3));
    }

    private static byte[] answer(SharedKey key, byte[] first, byte[] ephemeral, byte[] payload, int index) {
        try (NoiseHandshake handshake = new NoiseHandshake(key, PROLOGUE)) {
            handshake.readFirst(HandshakeCodec.message(first));
            return HandshakeCodec.datagram(HandshakeCodec.TYPE_ANSWER, index,
                handshake.writeAnswer(ephemeral, payload));
        }
    }

    /** The index that a first message has sealed in it. */
    private int index(byte[] first) {
        try (NoiseHandshake handshake = new NoiseHandshake(key, PROLOGUE)) {
            return HandshakeCodec.senderIndex(handshake.readFirst(HandshakeCodec.message(first)));
        }
    }

    private void assertRefused(Side side, byte[] datagram, KeyEvent... reasons) {
        int installed = side.installed().size();
        int sent = fromA.size() + fromB.size();
        nowNs += SECOND_NS / 10; // slowly enough for the limits
        long before = Arrays.stream(reasons).mapToLong(side::count).sum();
        side.agreement.onDatagram(null, datagram, nowNs);
        assertThat(Arrays.stream(reasons).mapToLong(side::count).sum()).as("%s", side.agreement.counts())
            .isEqualTo(before + 1);
        assertThat(side.installed()).hasSize(installed);
        assertThat(fromA.size() + fromB.size()).isEqualTo(sent);
    }

    @Test
    void everyBitOfAFirstMessageCounts() {
        a.agreement.onTick(0);
        byte[] datagram = fromA.getLast();
        for (int bit = 0; bit < datagram.length * 8; bit++) {
            byte[] flipped = datagram.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            assertRefused(b, flipped, KeyEvent.HANDSHAKE_TYPE, KeyEvent.HANDSHAKE_RESERVED, KeyEvent.HANDSHAKE_FORGED,
                KeyEvent.HANDSHAKE_UNKNOWN);
        }
        b.agreement.onDatagram(null, datagram, nowNs);
        assertThat(b.count(KeyEvent.ANSWERED)).isEqualTo(1);
    }

    @Test
    void everyBitOfAnAnswerCountsAndTheTrueOneIsStillTaken() {
        a.agreement.onTick(0);
        b.agreement.onDatagram(null, fromA.getLast(), 0);
        byte[] datagram = fromB.getLast();
        for (int bit = 0; bit < datagram.length * 8; bit++) {
            byte[] flipped = datagram.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            // Slowly enough for the limit, and before the attempt is over.
            a.agreement.onDatagram(null, flipped, Math.max(0, bit - HandshakeCodec.HEADER_BYTES * 8) * SECOND_NS / 100);
            assertThat(a.installed()).as("bit %d", bit).isEmpty();
        }
        assertThat(a.count(KeyEvent.HANDSHAKE_FLOOD)).isZero();
        assertThat(a.count(KeyEvent.HANDSHAKE_FORGED)).isEqualTo((datagram.length - HandshakeCodec.HEADER_BYTES) * 8L);
        a.agreement.onDatagram(null, datagram, SECOND_NS * 49 / 10);
        assertThat(a.count(KeyEvent.AGREED)).isEqualTo(1);
        assertThat(Side.mirrored(a.installed().getLast(), b.installed().getLast())).isTrue();
    }

    @Test
    void everyOtherLengthIsRefused() {
        a.agreement.onTick(0);
        b.agreement.onDatagram(null, fromA.getLast(), 0);
        for (byte[] datagram : List.of(fromA.getLast(), fromB.getLast())) {
            for (int length = 0; length < 200; length++) {
                if (length != datagram.length) {
                    assertRefused(b, Arrays.copyOf(datagram, length), KeyEvent.HANDSHAKE_LENGTH);
                    assertRefused(a, Arrays.copyOf(datagram, length), KeyEvent.HANDSHAKE_LENGTH);
                }
            }
        }
    }

    @Test
    void garbageIsCountedOnceAndHasNoEffect() {
        a.agreement.onTick(0);
        int count = 20_000;
        for (int i = 0; i < count; i++) {
            byte[] garbage = bytes(random.nextInt(4) == 0 ? random.nextInt(2000) : HandshakeCodec.BYTES);
            if (garbage.length >= HandshakeCodec.HEADER_BYTES && random.nextBoolean()) {
                Arrays.fill(garbage, 0, HandshakeCodec.HEADER_BYTES, (byte) 0);
                garbage[0] = (byte) (HandshakeCodec.VERSION << 4 | random.nextInt(3, 7));
            }
            a.agreement.onDatagram(null, garbage, i * SECOND_NS / 1000);
        }
        assertThat(a.installed()).isEmpty();
        assertThat(fromA).hasSize(1);
        assertThat(a.agreement.counts().values().stream().mapToLong(n -> n).sum()).isEqualTo(count + 1);
        assertThat(a.agreement.counts()).containsKeys("handshake-length", "handshake-type", "handshake-reserved",
            "handshake-forged", "handshake-unknown");
    }

    @Test
    void authenticFieldsOutOfRangeAreRefused() {
        for (byte[] payload : List.of(new byte[] {0, 0, 0, 0, 3, 0, 0, 0}, new byte[] {0, 0, 0, 1, 3, 1, 0, 0},
            new byte[] {0, 0, 0, 1, 3, 0, 1, 0}, new byte[] {0, 0, 0, 1, 3, 0, 0, 1})) {
            assertRefused(b, first(payload), KeyEvent.HANDSHAKE_FIELD);
        }
        assertRefused(b, first(HandshakeCodec.payload(1, 0)), KeyEvent.HANDSHAKE_CIPHER);
        assertRefused(b, first(HandshakeCodec.payload(1, 0x80)), KeyEvent.HANDSHAKE_CIPHER);

        a.agreement.onTick(nowNs);
        byte[] first = fromA.getLast();
        int index = index(first);
        for (byte[] payload : List.of(HandshakeCodec.payload(0, 1), HandshakeCodec.payload(index, 1),
            HandshakeCodec.payload(7, 0), HandshakeCodec.payload(7, 3), HandshakeCodec.payload(7, 4),
            new byte[] {0, 0, 0, 7, 1, 1, 0, 0}, new byte[] {0, 0, 0, 7, 1, 0, 0, 1})) {
            assertRefused(a, answer(key, first, bytes(32), payload, index), KeyEvent.HANDSHAKE_FIELD);
        }
        a.agreement.onDatagram(null, answer(key, first, bytes(32), HandshakeCodec.payload(7, 1), index), nowNs);
        assertThat(a.count(KeyEvent.AGREED)).isEqualTo(1);
    }

    @Test
    void unknownCiphersMayBeOfferedBesideKnownOnes() {
        b.agreement.onDatagram(null, first(HandshakeCodec.payload(7, 0xFE)), 0);
        assertThat(b.installed().getLast().cipher()).isEqualTo(SealCipher.CHACHA20_POLY1305);
    }

    @Test
    void somebodyWithAnotherKeyGetsNoAnswerAndIsNotBelieved() {
        SharedKey other = new SharedKey(bytes(SharedKey.BYTES));
        List<byte[]> sent = new ArrayList<>();
        Side stranger = new Side(other, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT,
            new SeededRandom(random.split()), 0, datagram -> sent.add((byte[]) datagram));
        stranger.agreement.onTick(0);
        assertRefused(b, sent.getLast(), KeyEvent.HANDSHAKE_FORGED);
        a.agreement.onTick(0);
        int index = index(fromA.getLast());
        assertRefused(a, answer(other, first(), bytes(32), HandshakeCodec.payload(7, 1), index),
            KeyEvent.HANDSHAKE_FORGED);
    }

    @Test
    void replaysOfBothMessagesChangeNothing() {
        a.agreement.onTick(0);
        b.agreement.onDatagram(null, fromA.getLast(), 0);
        a.agreement.onDatagram(null, fromB.getLast(), 0);
        for (int i = 0; i < 3; i++) {
            assertRefused(b, fromA.getLast(), KeyEvent.HANDSHAKE_REPEATED);
            assertRefused(a, fromB.getLast(), KeyEvent.HANDSHAKE_UNKNOWN);
        }
        assertRefused(b, fromB.getLast(), KeyEvent.HANDSHAKE_UNKNOWN);
    }

    @Test
    void anAnswerToAnEarlierAttemptIsNoAnswerToALaterOne() {
        a.agreement.onTick(0);
        byte[] early = answer(key, fromA.getLast(), bytes(32), HandshakeCodec.payload(7, 1), index(fromA.getLast()));
        a.agreement.onTick(SECOND_NS);
        byte[] late = early.clone();
        byte[] named = HandshakeCodec.datagram(HandshakeCodec.TYPE_ANSWER, index(fromA.getLast()), new byte[0]);
        System.arraycopy(named, 0, late, 0, named.length);
        nowNs = SECOND_NS;
        assertRefused(a, late, KeyEvent.HANDSHAKE_FORGED);
    }

    @Test
    void whatASideHasSentItselfIsNotAnswered() {
        for (int i = 0; i < 5; i++) {
            nowNs = a.agreement.onTick(nowNs);
            assertRefused(a, fromA.getLast(), KeyEvent.HANDSHAKE_REPEATED);
        }
        byte[] asAnswer = fromA.getLast().clone();
        asAnswer[0] = HandshakeCodec.VERSION << 4 | HandshakeCodec.TYPE_ANSWER;
        assertRefused(a, asAnswer, KeyEvent.HANDSHAKE_UNKNOWN);
    }

    @Test
    void aKeyOfSmallOrderGetsNoKeys() {
        byte[] zero = new byte[X25519.BYTES];
        SymmetricState state = new SymmetricState(NoiseHandshake.PROTOCOL);
        state.mixHash(PROLOGUE);
        state.mixKeyAndHash(key.bytes());
        state.mixHash(zero);
        state.mixKey(zero);
        byte[] sealed = state.encryptAndHash(HandshakeCodec.payload(7, 1));
        byte[] message = Arrays.copyOf(zero, zero.length + sealed.length);
        System.arraycopy(sealed, 0, message, zero.length, sealed.length);
        assertRefused(b, HandshakeCodec.datagram(HandshakeCodec.TYPE_FIRST, 0, message), KeyEvent.HANDSHAKE_POINT);
    }

    @Test
    void ofAFloodOfAuthenticMessagesNoMoreThanTwentyASecondAreAnswered() {
        for (int i = 0; i < 600; i++) {
            b.agreement.onDatagram(null, first(), i * SECOND_NS / 200);
        }
        assertThat(b.count(KeyEvent.ANSWERED)).isBetween(3L * KeyAgreement.ANSWERED_PER_SECOND,
            3L * KeyAgreement.ANSWERED_PER_SECOND + KeyAgreement.BURST);
        assertThat(b.count(KeyEvent.ANSWERED) + b.count(KeyEvent.HANDSHAKE_FLOOD)).isEqualTo(600);
    }

    @Test
    void ofAFloodOfForgedMessagesFewAreOpenedAndATrueOneGetsThroughSoon() {
        for (int i = 0; i < 10_000; i++) {
            byte[] forged = HandshakeCodec.datagram(HandshakeCodec.TYPE_FIRST, 0, bytes(56));
            b.agreement.onDatagram(null, forged, i * SECOND_NS / 5000);
        }
        long opened = b.count(KeyEvent.HANDSHAKE_FORGED);
        assertThat(opened).isBetween(2L * KeyAgreement.OPENED_PER_SECOND,
            2L * KeyAgreement.OPENED_PER_SECOND + KeyAgreement.BURST);
        assertThat(b.count(KeyEvent.HANDSHAKE_FLOOD)).isEqualTo(10_000 - opened);
        // A replay of what is known costs a true message nothing.
        byte[] known = first();
        b.agreement.onDatagram(null, known, 4 * SECOND_NS);
        for (int i = 0; i < 10_000; i++) {
            b.agreement.onDatagram(null, known, 4 * SECOND_NS);
        }
        b.agreement.onDatagram(null, first(), 4 * SECOND_NS);
        assertThat(b.count(KeyEvent.ANSWERED)).isEqualTo(2);
        assertThat(b.count(KeyEvent.HANDSHAKE_REPEATED)).isEqualTo(10_000);
    }

    @Test
    void ofAFloodOfAnswersFewAreOpened() {
        a.agreement.onTick(0);
        int index = index(fromA.getLast());
        for (int i = 0; i < 2000; i++) {
            a.agreement.onDatagram(null, HandshakeCodec.datagram(HandshakeCodec.TYPE_ANSWER, index, bytes(56)),
                i * SECOND_NS / 1000);
        }
        assertThat(a.count(KeyEvent.HANDSHAKE_FORGED)).isBetween(2L * KeyAgreement.ANSWERS_PER_SECOND,
            2L * KeyAgreement.ANSWERS_PER_SECOND + KeyAgreement.BURST);
        b.agreement.onDatagram(null, fromA.getLast(), 3 * SECOND_NS);
        a.agreement.onDatagram(null, fromB.getLast(), 3 * SECOND_NS);
        assertThat(a.count(KeyEvent.AGREED)).isEqualTo(1);
    }

    @Test
    void whatIsRememberedOfFirstMessagesIsBounded() {
        SeenKeys seen = new SeenKeys(KeyAgreement.SEEN_MAX);
        List<byte[]> keys = new ArrayList<>();
        for (int i = 0; i < 3 * KeyAgreement.SEEN_MAX; i++) {
            keys.add(bytes(X25519.BYTES));
            seen.add(keys.getLast());
            seen.add(keys.getLast().clone());
        }
        assertThat(seen.count()).isEqualTo(KeyAgreement.SEEN_MAX);
        for (int i = 0; i < keys.size(); i++) {
            boolean kept = i >= keys.size() - KeyAgreement.SEEN_MAX;
            assertThat(seen.contains(keys.get(i).clone())).isEqualTo(kept);
        }
    }

    @Test
    void aBucketLetsNoMoreThroughThanItsRateWhateverTheClockDoes() {
        TokenBucket bucket = new TokenBucket(10, 2, Long.MAX_VALUE);
        assertThat(bucket.take(Long.MAX_VALUE)).isTrue();
        assertThat(bucket.take(Long.MAX_VALUE)).isTrue();
        assertThat(bucket.take(Long.MAX_VALUE)).isFalse();
        assertThat(bucket.take(Long.MIN_VALUE + SECOND_NS / 10)).isTrue();
        assertThat(bucket.take(Long.MIN_VALUE + SECOND_NS / 10)).isFalse();
        assertThat(bucket.take(Long.MIN_VALUE)).isFalse();
        assertThat(bucket.take(Long.MIN_VALUE + 1000 * SECOND_NS)).isTrue();
        assertThat(bucket.take(Long.MIN_VALUE + 1000 * SECOND_NS)).isTrue();
        assertThat(bucket.take(Long.MIN_VALUE + 1000 * SECOND_NS)).isFalse();
    }
}
