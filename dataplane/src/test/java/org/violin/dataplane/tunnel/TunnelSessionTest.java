package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.tunnel.TunnelSession.State;
import org.violin.dataplane.wire.TunnelCodec;

class TunnelSessionTest {
    private static final int RECEIVE_LIMIT = 1472;
    private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(50);

    private record Datagram(int to, long atNs, byte[] bytes) {
    }

    /** Two sides and the path between them, with its own clock. */
    private static final class Network {
        final SplittableRandom random;
        final TunnelSession[] sides = new TunnelSession[2];
        final PriorityQueue<Datagram> path = new PriorityQueue<>((x, y) -> Long.compare(x.atNs, y.atNs));
        final ArrayDeque<byte[]> heard = new ArrayDeque<>();
        final boolean[] cut = new boolean[2];
        long nowNs;
        long delayNs = TimeUnit.MILLISECONDS.toNanos(20);
        long jitterNs;
        int lossPercent;
        int sent;

        Network(SplittableRandom random) {
            this.random = random;
            start(0);
            start(1);
        }

        void start(int side) {
            sides[side] = new TunnelSession(RECEIVE_LIMIT, side, random::nextInt, nowNs);
        }

        void step(long untilNs) {
            for (int side = 0; side < 2; side++) {
                while (sides[side].onTick(nowNs)) {
                    UnsafeBuffer buffer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
                    sides[side].writeHello(buffer, 0, nowNs);
                    send(side, buffer.byteArray());
                }
            }
            Datagram next = path.peek();
            if (next != null && next.atNs <= untilNs) {
                path.poll();
                nowNs = next.atNs;
                deliver(next.to, next.bytes);
            } else {
                nowNs = untilNs;
            }
        }

        void send(int from, byte[] bytes) {
            sent++;
            heard.add(bytes);
            if (!cut[from] && random.nextInt(100) >= lossPercent) {
                long jitter = jitterNs == 0 ? 0 : random.nextLong(jitterNs);
                path.add(new Datagram(1 - from, nowNs + delayNs + jitter, bytes));
            }
        }

        DropReason deliver(int to, byte[] bytes) {
            UnsafeBuffer buffer = new UnsafeBuffer(bytes);
            DropReason bad = TunnelCodec.check(buffer, 0, bytes.length);
            return bad != null ? bad : sides[to].onHello(buffer, 0, bytes.length, nowNs);
        }
    }

    private final Network network = new Network(Seeds.random("TunnelSession"));

    private void run(long ms) {
        long end = network.nowNs + TimeUnit.MILLISECONDS.toNanos(ms);
        while (network.nowNs < end) {
            network.step(Math.min(end, network.nowNs + TICK_NS));
        }
    }

    private State state(int side) {
        return network.sides[side].state();
    }

    private void assertBothUp() {
        assertThat(state(0)).isEqualTo(State.UP);
        assertThat(state(1)).isEqualTo(State.UP);
        assertThat(network.sides[0].remoteIndex()).isEqualTo(network.sides[1].localIndex());
        assertThat(network.sides[1].remoteIndex()).isEqualTo(network.sides[0].localIndex());
    }

    private DropReason data(int to, long counter) {
        return network.sides[to].onData(network.sides[to].localIndex(), counter, network.nowNs);
    }

    @Test
    void comesUpWithinTwoRoundTrips() {
        assertThat(network.sides[0].everUp()).isFalse();
        run(85);
        assertBothUp();
        assertThat(network.sides[0].everUp()).isTrue();
        assertThat(network.sides[0].peerReceiveLimit()).isEqualTo(RECEIVE_LIMIT);
        assertThat(network.sides[0].peerCapabilities()).isEqualTo(1);
        assertThat(network.sides[1].peerCapabilities()).isZero();
        assertThat(network.sent).isLessThanOrEqualTo(8);
    }

    /** Both ends know of it; but of a sender that says nothing of the order of its counters nobody can tell. */
    @Test
    void whatComesLateIsReported() {
        network.sides[0] =
            new TunnelSession(RECEIVE_LIMIT, TunnelCodec.CAPABILITY_IN_ORDER, network.random::nextInt, 0);
        run(1000);
        for (int counter = 100; counter < 2100; counter += 2) {
            for (int to = 0; to < 2; to++) {
                assertThat(data(to, counter + 1)).isNull();
                assertThat(data(to, counter)).isNull();
            }
        }
        run(2500);
        assertThat(network.sides[1].quality().back().reordered()).isCloseTo(0.5, within(0.02));
        assertThat(network.sides[0].quality().there().reordered()).isCloseTo(0.5, within(0.02));
        assertThat(network.sides[0].quality().back().reordered()).isNaN();
        assertThat(network.sides[1].quality().there().reordered()).isNaN();
        for (TunnelSession side : network.sides) {
            assertThat(side.quality().there().part()).isBetween(0.0, 0.1);
            assertThat(side.quality().back().part()).isBetween(0.0, 0.1);
        }
    }

    @Test
    void thenSaysHelloOnceASecondAtMostAQuarterEarlier() {
        run(1000);
        int before = network.sent;
        run(100_000);
        assertThat(network.sent - before).isBetween(200, 272);
        assertBothUp();
    }

    @Test
    void measuresTheRoundTrip() {
        assertThat(network.sides[0].rttNs()).isEqualTo(-1);
        network.delayNs = TimeUnit.MICROSECONDS.toNanos(34_567);
        run(5000);
        // The hold time is told in microseconds.
        assertThat(network.sides[0].rttNs()).isBetween(69_133_000L, 69_135_000L);
        assertThat(network.sides[1].rttNs()).isBetween(69_133_000L, 69_135_000L);
    }

    @Test
    void losesThePeerAndFindsItAgain() {
        run(1000);
        int index = network.sides[0].localIndex();
        network.cut[0] = true;
        network.cut[1] = true;
        run(2000);
        assertBothUp();
        run(1200);
        assertThat(state(0)).isEqualTo(State.DOWN);
        assertThat(state(1)).isEqualTo(State.DOWN);
        assertThat(network.sides[0].everUp()).isTrue();
        assertThat(network.sides[0].localIndex()).isNotEqualTo(index);
        network.cut[0] = false;
        network.cut[1] = false;
        run(1500);
        assertBothUp();
    }

    @Test
    void noticesAPathThatWorksOneWayOnly() {
        run(1000);
        network.cut[0] = true;
        run(7000);
        assertThat(state(0)).isNotEqualTo(State.UP);
        assertThat(state(1)).isEqualTo(State.DOWN);
        network.cut[0] = false;
        run(1500);
        assertBothUp();
    }

    @Test
    void takesInAPeerThatHasRestarted() {
        run(1000);
        int generation = network.sides[0].generation();
        for (long counter = 100; counter < 200; counter++) {
            assertThat(data(0, counter)).isNull();
        }
        network.start(1);
        run(130);
        assertBothUp();
        assertThat(network.sides[0].generation()).isNotEqualTo(generation);
        assertThat(data(0, 150)).isNull();
    }

    @Test
    void dataIsALifeSign() {
        run(1000);
        network.cut[1] = true;
        for (int i = 0; i < 100; i++) {
            run(100);
            assertThat(data(0, 1_000 + i)).isNull();
        }
        assertThat(state(0)).isEqualTo(State.UP);
    }

    @Test
    void tellsItsOwnDatagramsFromOthers() {
        TunnelSession side = network.sides[0];
        assertThat(data(0, 0)).isEqualTo(DropReason.TUNNEL_DOWN);
        run(1000);
        assertThat(data(0, 50)).isNull();
        assertThat(data(0, 50)).isEqualTo(DropReason.REPLAYED);
        assertThat(data(0, 51)).isNull();
        assertThat(side.onData(side.localIndex() + 1, 52, network.nowNs)).isEqualTo(DropReason.UNKNOWN_SESSION);
    }

    @Test
    void aDuplicateOfAHelloIsDropped() {
        run(1000);
        // One that is still under way is new when it comes.
        network.path.forEach(underWay -> network.heard.remove(underWay.bytes));
        byte[][] all = network.heard.toArray(new byte[0][]);
        int dropped = 0;
        for (byte[] hello : all) {
            if (TunnelCodec.receiverIndex(new UnsafeBuffer(hello), 0) == network.sides[0].localIndex()) {
                assertThat(network.deliver(0, hello)).isEqualTo(DropReason.REPLAYED);
                dropped++;
            }
        }
        assertThat(dropped).isGreaterThan(2);
        assertBothUp();
    }

    @Test
    void refusesImpossibleHellos() {
        byte[] good = hello(0, 77, State.UP, RECEIVE_LIMIT);
        assertThat(network.deliver(0, good)).isNull();
        assertThat(network.deliver(0, hello(0, 0, State.UP, RECEIVE_LIMIT))).isEqualTo(DropReason.BAD_HELLO);
        assertThat(network.deliver(0, hello(0, 77, State.UP, 547))).isEqualTo(DropReason.BAD_HELLO);
        int own = network.sides[0].localIndex();
        assertThat(network.deliver(0, hello(own, own, State.UP, RECEIVE_LIMIT))).isEqualTo(DropReason.BAD_HELLO);
        good[TunnelCodec.HELLO_STATE] = 3;
        assertThat(network.deliver(0, good)).isEqualTo(DropReason.BAD_HELLO);
        good[TunnelCodec.HELLO_STATE] = 2;
        good[TunnelCodec.HELLO_PARTS] = 4;
        assertThat(network.deliver(0, good)).isEqualTo(DropReason.BAD_HELLO);
        assertThat(state(0)).isEqualTo(State.DOWN);
    }

    private static byte[] hello(int receiverIndex, int senderIndex, State state, int receiveLimit) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
        TunnelCodec.writeHeader(buffer, 0, TunnelCodec.TYPE_HELLO, receiverIndex, Long.MAX_VALUE);
        buffer.putInt(TunnelCodec.HELLO_SENDER_INDEX, senderIndex, ByteOrder.BIG_ENDIAN);
        buffer.putByte(TunnelCodec.HELLO_STATE, (byte) state.ordinal());
        buffer.putShort(TunnelCodec.HELLO_RECEIVE_LIMIT, (short) receiveLimit, ByteOrder.BIG_ENDIAN);
        return buffer.byteArray();
    }

    /** A stranger who does not see the datagrams gets answers, one for one and no longer, and changes nothing. */
    @Test
    void aStrangerChangesNothing() {
        run(1000);
        TunnelSession side = network.sides[0];
        int generation = side.generation();
        UnsafeBuffer answer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
        while (side.onTick(network.nowNs)) {
            side.writeHello(answer, 0, network.nowNs);
        }
        SplittableRandom random = network.random;
        for (int i = 0; i < 100_000; i++) {
            int index = random.nextInt() & ~1 | 2;
            int named = i % 2 == 0 ? 0 : side.localIndex() ^ (1 + random.nextInt(1 << 20));
            byte[] forged = hello(named, index, State.values()[i % 3], 9000);
            if (index == side.localIndex() || index == side.remoteIndex()) {
                continue;
            }
            assertThat(network.deliver(0, forged)).isNull();
            assertThat(side.onTick(network.nowNs)).isTrue();
            assertThat(side.writeHello(answer, 0, network.nowNs)).isLessThanOrEqualTo(forged.length);
            assertThat(TunnelCodec.receiverIndex(answer, 0)).isEqualTo(index);
            assertThat(answer.getByte(TunnelCodec.HELLO_STATE)).isZero();
            assertThat(answer.getLong(TunnelCodec.HELLO_ECHO)).isZero();
            assertThat(side.onTick(network.nowNs)).isFalse();
        }
        assertThat(side.generation()).isEqualTo(generation);
        assertBothUp();
        assertThat(data(0, 1_000)).isNull();
    }

    /** Plaintext cannot keep out who sees the index; but what such a forgery spoils is mended by itself. */
    @Test
    void recoversFromAForgedCounter() {
        run(1000);
        assertThat(data(0, Long.MAX_VALUE)).isNull();
        assertThat(data(0, 60)).isEqualTo(DropReason.REPLAYED);
        run(6000);
        assertBothUp();
        assertThat(data(0, 60)).isNull();
    }

    @Test
    void holdsOnABadPathAndSettlesOnAGoodOne() {
        for (int round = 0; round < 20; round++) {
            network.lossPercent = 10 + network.random.nextInt(60);
            network.jitterNs = TimeUnit.MILLISECONDS.toNanos(1 + network.random.nextInt(2000));
            for (int i = 0; i < 20; i++) {
                run(network.random.nextInt(3000));
                if (network.random.nextInt(10) == 0) {
                    network.start(network.random.nextInt(2));
                }
            }
            network.lossPercent = 0;
            network.jitterNs = 0;
            run(12_000);
            assertBothUp();
        }
    }

    /** The exchange of docs/tunnel-protocol.md. */
    @Test
    void writesTheHellosOfTheSpecification() {
        int[] indices = {0, 0x1111_1111};
        int[] next = {0};
        TunnelSession a = new TunnelSession(1472, 0, () -> indices[next[0]++], 0);
        TunnelSession b = new TunnelSession(1472, 0, () -> 0x2222_2222, 0);
        String first = exchange(a, b, 0, 1_000_000);
        String second = exchange(b, a, 1_000_000, 2_000_000);
        exchange(b, a, 1_000_000, 2_000_000);
        String third = exchange(a, b, 2_500_000, 3_500_000);
        String fourth = exchange(b, a, 3_500_000, 4_500_000);
        assertThat(first).isEqualTo("12000000" + "00000000" + "0000000000000000" + "11111111" + "000005c0"
            + "0000000000000001" + "0000000000000000" + "00000000" + "00000000");
        assertThat(second).isEqualTo("12000000" + "11111111" + "0000000000000000" + "22222222" + "000005c0"
            + "00000000000f4241" + "0000000000000000" + "00000000" + "00000000");
        assertThat(third).isEqualTo("12000000" + "22222222" + "0000000000000001" + "11111111" + "010005c0"
            + "00000000002625a1" + "00000000000f4241" + "000001f4" + "00000000");
        assertThat(fourth).isEqualTo("12000000" + "11111111" + "0000000000000002" + "22222222" + "020005c0"
            + "00000000003567e1" + "00000000002625a1" + "00000000" + "00000000");
        assertThat(a.state()).isEqualTo(State.UP);
        assertThat(b.state()).isEqualTo(State.UP);
        assertThat(b.rttNs()).isEqualTo(2_000_000);
        assertThat(a.rttNs()).isEqualTo(2_000_000);
    }

    private static String exchange(TunnelSession from, TunnelSession to, long sentNs, long receivedNs) {
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
        if (!from.onTick(sentNs)) {
            return "nothing";
        }
        int length = from.writeHello(buffer, 0, sentNs);
        assertThat(TunnelCodec.check(buffer, 0, length)).isNull();
        assertThat(to.onHello(buffer, 0, length, receivedNs)).isNull();
        return HexFormat.of().formatHex(buffer.byteArray(), 0, length);
    }

    @Test
    void allocatesNothing() {
        run(1000);
        UnsafeBuffer buffer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
        long[] counter = {10_000};
        Runnable work = () -> {
            for (int i = 0; i < 20_000; i++) {
                data(0, counter[0]++);
                for (int side = 0; side < 2; side++) {
                    network.nowNs += 10_000_000;
                    if (network.sides[side].onTick(network.nowNs)) {
                        int length = network.sides[side].writeHello(buffer, 0, network.nowNs);
                        network.sides[1 - side].onHello(buffer, 0, length, network.nowNs);
                    }
                }
            }
        };
        assertThat(Allocations.of(20, work)).isZero();
    }
}
