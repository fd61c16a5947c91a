package org.violin.control.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.control.Seeds;
import org.violin.dataplane.KeyUse;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TunnelKeys;

/** When keys are agreed on, by a clock that the test moves. */
class KeyAgreementTest {
    private static final long SECOND_NS = Side.SECOND_NS;
    private static final long RENEWAL_NS = KeyAgreement.RENEWAL_DEFAULT.toNanos();

    private final SplittableRandom random = Seeds.random("KeyAgreementTest");
    private final SharedKey key = new SharedKey(new byte[SharedKey.BYTES]);
    private final List<byte[]> fromA = new ArrayList<>();
    private final List<byte[]> fromB = new ArrayList<>();
    private final Side a = side(List.of(SealCipher.values()), fromA);
    private final Side b = side(List.of(SealCipher.values()), fromB);

    private Side side(List<SealCipher> ciphers, List<byte[]> sent) {
        return new Side(key, ciphers, KeyAgreement.RENEWAL_DEFAULT, new SeededRandom(random.split()), 0,
            datagram -> sent.add((byte[]) datagram));
    }

    /** A begins, B answers, and A's dataplane has the keys. */
    private void agree(long nowNs) {
        a.agreement.onTick(nowNs);
        b.agreement.onDatagram(null, fromA.getLast(), nowNs);
        a.agreement.onDatagram(null, fromB.getLast(), nowNs);
    }

    private static void tell(Side side, boolean up, long sealed) {
        side.agreement.onStatus(new KeyUse(up, side.installed().getLast().localIndex(), sealed));
    }

    @Test
    void whoBeginsGetsConfirmedKeysAndWhoAnswersOnesToBeConfirmed() {
        agree(0);
        TunnelKeys initiators = a.installed().getLast();
        TunnelKeys responders = b.installed().getLast();
        assertThat(Side.mirrored(initiators, responders)).isTrue();
        assertThat(initiators.confirmed()).isTrue();
        assertThat(responders.confirmed()).isFalse();
        assertThat(a.agreement.counts()).containsExactly(Map.entry("initiated", 1L),
            Map.entry("agreed", 1L));
        assertThat(b.agreement.counts()).containsExactly(Map.entry("answered", 1L));
    }

    @Test
    void keysAreInstalledBeforeTheAnswerIsSent() {
        b.agreement.onTick(0);
        List<String> order = new ArrayList<>();
        KeyAgreement agreement = new KeyAgreement(key, List.of(SealCipher.AES_256_GCM), KeyAgreement.RENEWAL_DEFAULT,
            new Wire() {
                @Override
                public void send(InetSocketAddress to, byte[] datagram) {
                    order.add("send");
                }

                @Override
                public int index(int random) {
                    return random;
                }

                @Override
                public void install(TunnelKeys keys) {
                    order.add("install");
                }
            }, new SeededRandom(random.split()), 0);
        agreement.onDatagram(null, fromB.getLast(), 0);
        assertThat(order).containsExactly("install", "send");
    }

    @Test
    void keysAreOverwrittenOnceTheyAreInstalled() {
        List<TunnelKeys> given = new ArrayList<>();
        KeyAgreement agreement = new KeyAgreement(key, List.of(SealCipher.AES_256_GCM), KeyAgreement.RENEWAL_DEFAULT,
            new Wire() {
                @Override
                public void send(InetSocketAddress to, byte[] datagram) {
                    fromA.add(datagram);
                }

                @Override
                public int index(int random) {
                    return random;
                }

                @Override
                public void install(TunnelKeys keys) {
                    assertThat(keys.sendKey()).isNotEqualTo(new byte[SealCipher.KEY_BYTES]);
                    given.add(keys);
                }
            }, new SeededRandom(random.split()), 0);
        agreement.onTick(0);
        b.agreement.onDatagram(null, fromA.getLast(), 0);
        agreement.onDatagram(null, fromB.getLast(), 0);
        b.agreement.onTick(2 * SECOND_NS);
        agreement.onDatagram(null, fromB.getLast(), 0);
        assertThat(given).hasSize(2).allSatisfy(keys -> {
            assertThat(keys.sendKey()).containsOnly(0);
            assertThat(keys.receiveKey()).containsOnly(0);
        });
    }

    @Test
    void whoAnswersChoosesTheCipherItLikesBest() {
        record Case(List<SealCipher> offered, List<SealCipher> taken, SealCipher chosen) { }
        SealCipher aes = SealCipher.AES_256_GCM;
        SealCipher chacha = SealCipher.CHACHA20_POLY1305;
        for (Case c : List.of(new Case(List.of(aes, chacha), List.of(aes, chacha), aes),
            new Case(List.of(aes, chacha), List.of(chacha, aes), chacha),
            new Case(List.of(chacha), List.of(aes, chacha), chacha), new Case(List.of(aes), List.of(aes), aes))) {
            Side left = side(c.offered, fromA);
            Side right = side(c.taken, fromB);
            left.agreement.onTick(0);
            right.agreement.onDatagram(null, fromA.getLast(), 0);
            left.agreement.onDatagram(null, fromB.getLast(), 0);
            assertThat(left.installed().getLast().cipher()).isEqualTo(c.chosen);
            assertThat(right.installed().getLast().cipher()).isEqualTo(c.chosen);
        }
        Side left = side(List.of(aes), fromA);
        Side right = side(List.of(chacha), fromB);
        fromB.clear();
        left.agreement.onTick(0);
        right.agreement.onDatagram(null, fromA.getLast(), 0);
        assertThat(right.count(KeyEvent.HANDSHAKE_CIPHER)).isEqualTo(1);
        assertThat(fromB).isEmpty();
        assertThat(right.installed()).isEmpty();
    }

    @Test
    void withoutAnAnswerAFirstMessageIsSentEverySecondLessAQuarter() {
        long nowNs = 0;
        for (int i = 0; i < 200; i++) {
            long nextNs = a.agreement.onTick(nowNs);
            assertThat(fromA).hasSize(i + 1);
            assertThat(nextNs - nowNs).isBetween(SECOND_NS * 3 / 4, SECOND_NS);
            a.agreement.onTick(nextNs - 1);
            assertThat(fromA).hasSize(i + 1);
            nowNs = nextNs;
        }
        assertThat(nowNs).isBetween(200 * SECOND_NS * 8 / 10, 200 * SECOND_NS * 95 / 100);
        assertThat(fromA).doesNotHaveDuplicates();
    }

    @Test
    void whoBeganRenewsAfterTheIntervalAndTheOtherSideAGraceLater() {
        agree(0);
        tell(a, true, 1);
        tell(b, true, 1);
        fromB.clear();
        assertThat(b.count(KeyEvent.CONFIRMED)).isEqualTo(1);
        assertThat(a.agreement.onTick(1)).isEqualTo(RENEWAL_NS);
        long graceNs = KeyAgreement.RENEWAL_GRACE.toNanos();
        assertThat(b.agreement.onTick(1)).isEqualTo(RENEWAL_NS + graceNs);
        a.agreement.onTick(RENEWAL_NS - 1);
        b.agreement.onTick(RENEWAL_NS + graceNs - 1);
        assertThat(fromA).hasSize(1);
        assertThat(fromB).isEmpty();
        a.agreement.onTick(RENEWAL_NS);
        b.agreement.onTick(RENEWAL_NS + graceNs);
        assertThat(fromA).hasSize(2);
        assertThat(fromB).hasSize(1);
    }

    @Test
    void aShortIntervalHasAShortGrace() {
        Side left = new Side(key, List.of(SealCipher.AES_256_GCM), Duration.ofSeconds(2),
            new SeededRandom(random.split()), 0, datagram -> fromA.add((byte[]) datagram));
        Side right = new Side(key, List.of(SealCipher.AES_256_GCM), Duration.ofSeconds(2),
            new SeededRandom(random.split()), 0, datagram -> fromB.add((byte[]) datagram));
        left.agreement.onTick(0);
        right.agreement.onDatagram(null, fromA.getLast(), 0);
        tell(right, true, 1);
        assertThat(right.agreement.onTick(1)).isEqualTo(SECOND_NS * 5 / 2);
    }

    @Test
    void keysAreRenewedWhenTheyHaveSealedEnough() {
        agree(0);
        tell(a, true, KeyAgreement.RENEWAL_DATAGRAMS - 1);
        tell(b, true, KeyAgreement.RENEWAL_DATAGRAMS - 1);
        long nowNs = 10 * SECOND_NS;
        a.agreement.onTick(nowNs);
        assertThat(fromA).hasSize(1);
        tell(a, true, KeyAgreement.RENEWAL_DATAGRAMS);
        agree(nowNs);
        assertThat(fromA).hasSize(2);
        assertThat(a.installed()).hasSize(2);
        // What is told of the keys before does not count for the new ones.
        a.agreement.onStatus(new KeyUse(true, a.installed().getFirst().localIndex(),
            KeyAgreement.RENEWAL_DATAGRAMS));
        a.agreement.onTick(nowNs + 2 * SECOND_NS);
        assertThat(fromA).hasSize(2);
        // The side that answered counts what it seals itself.
        fromB.clear();
        tell(b, true, KeyAgreement.RENEWAL_DATAGRAMS);
        b.agreement.onTick(nowNs + 2 * SECOND_NS);
        assertThat(fromB).hasSize(1);
    }

    @Test
    void aTunnelThatIsLostGetsOtherKeysAtOnce() {
        agree(0);
        tell(a, true, 1);
        tell(b, true, 1);
        fromB.clear();
        long nowNs = 20 * SECOND_NS;
        tell(a, false, 1);
        tell(b, false, 1);
        a.agreement.onTick(nowNs);
        b.agreement.onTick(nowNs);
        assertThat(fromA).hasSize(2);
        assertThat(fromB).hasSize(1);
    }

    @Test
    void aTunnelWithNewKeysIsGivenTimeToComeUp() {
        agree(0);
        tell(a, false, 0);
        assertThat(a.agreement.onTick(SECOND_NS)).isEqualTo(3 * SECOND_NS);
        a.agreement.onTick(3 * SECOND_NS - 1);
        assertThat(fromA).hasSize(1);
        a.agreement.onTick(3 * SECOND_NS);
        assertThat(fromA).hasSize(2);
    }

    @Test
    void whoHasAnsweredWaitsForTheKeysToBeConfirmedButNotForEver() {
        a.agreement.onTick(0);
        b.agreement.onDatagram(null, fromA.getLast(), 0);
        long nextNs = b.agreement.onTick(0);
        assertThat(nextNs).isBetween(SECOND_NS * 3 / 4, SECOND_NS);
        assertThat(fromB).hasSize(1);
        // Answers put its own first message off, but by no more than two seconds.
        for (long nowNs = 0; nowNs < 2 * SECOND_NS; nowNs += SECOND_NS / 4) {
            Side other = side(List.of(SealCipher.AES_256_GCM), fromA);
            other.agreement.onTick(0);
            b.agreement.onDatagram(null, fromA.getLast(), nowNs);
            b.agreement.onTick(nowNs);
            assertThat(b.count(KeyEvent.INITIATED)).isZero();
        }
        b.agreement.onTick(2 * SECOND_NS);
        assertThat(b.count(KeyEvent.INITIATED)).isEqualTo(1);
    }

    @Test
    void anAnswerMayComeUntilItsAttemptIsGivenUp() {
        a.agreement.onTick(0);
        b.agreement.onDatagram(null, fromA.getFirst(), 0);
        a.agreement.onTick(SECOND_NS);
        a.agreement.onTick(2 * SECOND_NS);
        a.agreement.onDatagram(null, fromB.getFirst(), 3 * SECOND_NS);
        assertThat(a.count(KeyEvent.AGREED)).isEqualTo(1);
        // The peer may answer the second attempt as well, and its keys are then those that both have last.
        b.agreement.onDatagram(null, fromA.get(1), 3 * SECOND_NS);
        a.agreement.onDatagram(null, fromB.getLast(), 3 * SECOND_NS);
        assertThat(Side.mirrored(a.installed().getLast(), b.installed().getLast())).isTrue();
        b.agreement.onDatagram(null, fromA.get(2), 3 * SECOND_NS);
        a.agreement.onDatagram(null, fromB.getLast(), 7 * SECOND_NS);
        assertThat(a.count(KeyEvent.HANDSHAKE_UNKNOWN)).isEqualTo(1);
        assertThat(a.installed()).hasSize(2);
    }

    @Test
    void noMoreThanTheLastFourAttemptsAreWaitedFor() {
        long nowNs = 0;
        for (int i = 0; i < 100; i++) {
            nowNs = a.agreement.onTick(nowNs);
        }
        b.agreement.onDatagram(null, fromA.get(95), nowNs);
        a.agreement.onDatagram(null, fromB.getLast(), nowNs);
        assertThat(a.count(KeyEvent.HANDSHAKE_UNKNOWN)).isEqualTo(1);
        b.agreement.onDatagram(null, fromA.get(96), nowNs);
        a.agreement.onDatagram(null, fromB.getLast(), nowNs);
        assertThat(a.count(KeyEvent.AGREED)).isEqualTo(1);
    }

    @Test
    void anAgreementThatIsClosedKeepsNoAttempt() {
        a.agreement.onTick(0);
        a.agreement.close();
        b.agreement.onDatagram(null, fromA.getLast(), 0);
        a.agreement.onDatagram(null, fromB.getLast(), 0);
        assertThat(a.count(KeyEvent.HANDSHAKE_UNKNOWN)).isEqualTo(1);
        assertThat(a.installed()).isEmpty();
    }

    @Test
    void ofTwoHandshakesAtOnceTheOneWithTheHigherIndexIsKept() {
        List<byte[]> sent = new ArrayList<>();
        Side low = new Side(key, List.of(SealCipher.AES_256_GCM), KeyAgreement.RENEWAL_DEFAULT,
            new SeededRandom(random.split()).then("7fffffff00000000"), 0, datagram -> sent.add((byte[]) datagram));
        Side high = new Side(key, List.of(SealCipher.AES_256_GCM), KeyAgreement.RENEWAL_DEFAULT,
            new SeededRandom(random.split()).then("8000000000000000"), 0, datagram -> sent.add((byte[]) datagram));
        low.agreement.onTick(0);
        high.agreement.onTick(0);
        low.agreement.onDatagram(null, sent.get(1), SECOND_NS / 10);
        high.agreement.onDatagram(null, sent.get(0), SECOND_NS / 10);
        byte[] lows = sent.get(3);
        byte[] highs = sent.get(2);
        high.agreement.onDatagram(null, highs, SECOND_NS / 5);
        // The other answer is refused, be it before or after the keys of the first have been confirmed.
        low.agreement.onDatagram(null, lows, SECOND_NS / 5);
        tell(low, true, 1);
        assertThat(low.count(KeyEvent.CONFIRMED)).isEqualTo(1);
        low.agreement.onDatagram(null, lows, SECOND_NS / 5);
        assertThat(low.count(KeyEvent.HANDSHAKE_CROSSED)).isEqualTo(2);
        assertThat(high.count(KeyEvent.AGREED)).isEqualTo(1);
        assertThat(Side.mirrored(high.installed().getLast(), low.installed().getLast())).isTrue();
    }

    @Test
    void wrongSettingsAreRefused() {
        for (List<SealCipher> wrong : List.of(List.<SealCipher>of(),
            List.of(SealCipher.AES_256_GCM, SealCipher.AES_256_GCM))) {
            assertThatThrownBy(() -> side(wrong, fromA)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new KeyAgreement(key, List.of(SealCipher.AES_256_GCM), Duration.ofMillis(999), a,
            new SeededRandom(random.split()), 0)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("renewal");
    }

    @Test
    void everyEventHasALabelAndASentence() {
        for (KeyEvent event : KeyEvent.values()) {
            assertThat(event.label()).matches("[a-z]+(-[a-z]+)*");
            assertThat(event.meaning()).matches("[A-Z].*\\.");
        }
    }

    private static SharedKey given(int value) {
        byte[] bytes = new byte[SharedKey.BYTES];
        Arrays.fill(bytes, (byte) value);
        return new SharedKey(bytes);
    }

    private Side without(List<byte[]> sent) {
        return new Side(null, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT,
            new SeededRandom(random.split()), 0, datagram -> sent.add((byte[]) datagram));
    }

    @Test
    void withoutASharedKeyNothingIsBegunOrAnswered() {
        Side waits = without(fromA);
        for (long nowNs = 0; nowNs < 20 * SECOND_NS; nowNs += SECOND_NS) {
            assertThat(waits.agreement.onTick(nowNs)).isGreaterThan(nowNs + 60 * SECOND_NS);
        }
        b.agreement.onTick(0);
        waits.agreement.onDatagram(null, fromB.getLast(), 0);
        assertThat(fromA).isEmpty();
        assertThat(waits.agreement.counts()).containsExactly(Map.entry("handshake-early", 1L));
    }

    @Test
    void whoKnowsThatThePeerHasAKeyBeginsAndTheOtherAnswers() {
        Side client = without(fromA);
        Side server = without(fromB);
        server.agreement.onKey(given(1), false, 0);
        server.agreement.onTick(0);
        assertThat(fromB).isEmpty();
        client.agreement.onKey(given(1), true, 0);
        client.agreement.onTick(0);
        server.agreement.onDatagram(null, fromA.getLast(), 0);
        client.agreement.onDatagram(null, fromB.getLast(), 0);
        assertThat(Side.mirrored(client.installed().getLast(), server.installed().getLast())).isTrue();
        tell(server, true, 0);
        server.agreement.onTick(2 * RENEWAL_NS);
        client.agreement.onDatagram(null, fromB.getLast(), 2 * RENEWAL_NS);
        assertThat(client.count(KeyEvent.ANSWERED)).as("the server's turn, with the key that the client has").isOne();
    }

    /** The present keys stay in use meanwhile: nothing is installed but what a handshake has given. */
    @Test
    void anotherSharedKeyIsTriedAtOnceAndTheOneBeforeIsStillAnswered() {
        agree(0);
        tell(a, true, 0);
        b.status(0);
        byte[] before = beginsAt(b, 2 * RENEWAL_NS);
        int installed = a.installed().size();
        b.agreement.onKey(given(2), false, SECOND_NS);
        a.agreement.onKey(given(2), true, SECOND_NS);
        assertThat(a.installed()).hasSize(installed);
        a.agreement.onDatagram(null, before, SECOND_NS);
        assertThat(a.count(KeyEvent.ANSWERED)).as("with the key before").isOne();
        a.agreement.onTick(4 * SECOND_NS);
        b.agreement.onDatagram(null, fromA.getLast(), 4 * SECOND_NS);
        assertThat(b.count(KeyEvent.ANSWERED)).as("with the other key").isEqualTo(2);
        a.agreement.onDatagram(null, fromB.getLast(), 4 * SECOND_NS);
        assertThat(Side.mirrored(a.installed().getLast(), b.installed().getLast())).isTrue();
        int sent = fromA.size();
        tell(a, true, 0);
        a.agreement.onTick(6 * SECOND_NS);
        assertThat(fromA).as("tried once").hasSize(sent);
    }

    private byte[] beginsAt(Side side, long nowNs) {
        side.agreement.onTick(nowNs);
        return fromB.getLast();
    }

    @Test
    void asManySharedKeysAreKeptAsTwoConnectionsAtOnceNeed() {
        Side client = without(fromA);
        Side server = without(fromB);
        client.agreement.onKey(given(1), true, 0);
        server.agreement.onKey(given(1), false, 0);
        for (int i = 2; i <= KeyRing.KEYS_MAX; i++) {
            server.agreement.onKey(given(i), false, 0);
        }
        client.agreement.onTick(0);
        server.agreement.onDatagram(null, fromA.getLast(), 0);
        assertThat(server.count(KeyEvent.ANSWERED)).isOne();
        server.agreement.onKey(given(9), false, 0);
        client.agreement.onTick(3 * SECOND_NS);
        server.agreement.onDatagram(null, fromA.getLast(), 3 * SECOND_NS);
        assertThat(server.count(KeyEvent.HANDSHAKE_FORGED)).as("the oldest has made room").isOne();
    }
}
