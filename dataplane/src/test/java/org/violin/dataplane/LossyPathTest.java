package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.LossyPath.Luck;

/** Two dataplanes whose datagrams get lost, come twice and overtake one another. */
class LossyPathTest {
    private static final int BYTES = 1 << 19;
    private static final int PIECES = 40;
    private static final int PIECE_BYTES = 1_000;
    private static final int BURSTS = 25;
    private static final int LOSE_EVERY = 7;

    private final SplittableRandom random = Seeds.random("LossyPathTest");

    @Test
    void streamsSurviveLossRepetitionAndReordering() throws Exception {
        try (FastPath path = new FastPath(fate(random.split()), fate(random.split()))) {
            for (String address : List.of(FastPath.RIGHT4, FastPath.RIGHT6)) {
                TcpStreams.exchange(path.left, path.right, address, BYTES, random.nextLong());
            }
            assertThat(path.lossyThere().lost.get()).as("datagrams lost").isPositive();
            assertThat(path.drops()).as("repeated datagrams").containsKeys("a.tunnel.replayed", "b.tunnel.replayed");
        }
    }

    private static LossyPath.Fate fate(SplittableRandom random) {
        return bytes -> switch (random.nextInt(100)) {
            case 0 -> Luck.IS_LOST;
            case 1 -> Luck.COMES_TWICE;
            case 2, 3 -> Luck.COMES_LATER;
            default -> Luck.GOES;
        };
    }

    /** Of a super-frame whose segments fill a datagram each, exactly those are missing whose datagrams were lost. */
    @Test
    void aLostDatagramLosesOneSegment() throws Exception {
        AtomicInteger count = new AtomicInteger();
        LossyPath.Fate losesSome = bytes ->
            bytes > PIECE_BYTES && count.incrementAndGet() % LOSE_EVERY == 0 ? Luck.IS_LOST : Luck.GOES;
        try (FastPath path = new FastPath(losesSome, bytes -> Luck.GOES);
            DatagramChannel far = path.right.in(() -> DatagramChannel.open()
                .bind(new InetSocketAddress(FastPath.RIGHT4, 0)))) {
            path.left.run("", "ping", "-c", "1", "-W", "10", FastPath.RIGHT4);
            int near = SegmentingSocket.open(path.left, (InetSocketAddress) far.getLocalAddress());
            Libc.setOption(near, Libc.SOL_UDP, Libc.UDP_SEGMENT, PIECE_BYTES);
            far.configureBlocking(false);
            assertThat(far.getOption(StandardSocketOptions.SO_RCVBUF)).isGreaterThan(2 * PIECES * PIECE_BYTES);
            long before = FastPath.port(path.a, "tap").rxFrames();
            BitSet arrived = new BitSet();
            for (int burst = 0; burst < BURSTS; burst++) {
                byte[] pieces = pieces(burst * PIECES);
                Libc.send(near, pieces, pieces.length, 0);
                int sent = (burst + 1) * PIECES;
                FastPath.await("all that were not lost", () -> {
                    receive(far, arrived);
                    return arrived.cardinality() + path.lossyThere().lost.get() == sent;
                });
            }
            Libc.close(near);
            assertThat(path.lossyThere().lost.get()).isEqualTo(PIECES * BURSTS / LOSE_EVERY);
            assertThat(FastPath.port(path.a, "tap").rxFrames() - before).as("frames").isLessThan(2 * BURSTS);
        }
    }

    /** Datagrams that are numbered from {@code first} on. */
    private static byte[] pieces(int first) {
        ByteBuffer pieces = ByteBuffer.allocate(PIECES * PIECE_BYTES);
        for (int i = 0; i < PIECES; i++) {
            pieces.putInt(i * PIECE_BYTES, first + i);
        }
        return pieces.array();
    }

    private static void receive(DatagramChannel far, BitSet arrived) {
        try {
            ByteBuffer datagram = ByteBuffer.allocate(PIECE_BYTES + 1);
            while (far.receive(datagram.clear()) != null) {
                assertThat(datagram.position()).isEqualTo(PIECE_BYTES);
                arrived.set(datagram.getInt(0));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
