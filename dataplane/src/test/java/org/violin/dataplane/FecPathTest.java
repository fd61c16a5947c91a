package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.LossyPath.Luck;

/** Forward error correction between two hosts whose path loses datagrams. */
class FecPathTest {
    private static final int STREAM_BYTES = 8 << 20;
    private static final int FRAMES = 20_000;
    private static final int FRAME_BYTES = 1000;
    /** Frames in a row, before all have come: with their parity no more than the relay's socket holds. */
    private static final int WINDOW = 25;

    private final SplittableRandom random = Seeds.random("FecPathTest");
    private FastPath path;
    private int burst;

    @AfterEach
    void close() {
        if (path != null) {
            path.close();
        }
    }

    /** Loses so many of a hundred, {@code bursts} in a row; hellos are as likely as others. */
    private LossyPath.Fate losing(int percent, int bursts) {
        SplittableRandom own = random.split();
        return bytes -> {
            if (burst == 0 && own.nextInt(100 * bursts) < percent) {
                burst = bursts;
            }
            if (burst > 0) {
                burst--;
                return Luck.IS_LOST;
            }
            return Luck.GOES;
        };
    }

    /** Frames that the far TAP has written of all that were sent. */
    private long flood() {
        try (PacketSocket left = new PacketSocket(path.left, FastPath.TAP, 0, false)) {
            long before = FastPath.port(path.b, "tap").txFrames();
            long sent = FastPath.port(path.a, "link").txFrames();
            byte[] frame = new byte[FRAME_BYTES];
            frame[0] = 2;
            frame[6] = 4;
            frame[12] = (byte) 0x88;
            frame[13] = (byte) 0xB5;
            for (int i = 0; i < FRAMES; i += WINDOW) {
                for (int j = 0; j < WINDOW; j++) {
                    left.send(frame);
                }
                long upTo = i + WINDOW;
                FastPath.await("the link", () -> FastPath.port(path.a, "link").txFrames() >= sent + upTo);
                path.awaitArrival();
            }
            path.awaitQuiet();
            return FastPath.port(path.b, "tap").txFrames() - before;
        }
    }

    @Test
    void whatIsLostNowAndThenIsBroughtBack() throws Exception {
        path = new FastPath(losing(2, 1), bytes -> Luck.GOES);
        path.a.protect("b", new Fec(10, 4, 1));
        flood();
        long first = path.lossyThere().lost.get();
        long arrived = flood();
        assertThat(path.lossyThere().lost.get() - first).as("lost on the way").isGreaterThan(FRAMES / 100);
        assertThat(arrived).as("frames of %d", FRAMES).isGreaterThan(FRAMES - 10);
        assertThat(FastPath.tunnel(path.b).recovered()).isGreaterThan(FRAMES / 100);
    }

    /** Nothing while nothing is lost, and as much as the losses want from then on. */
    @Test
    void protectionFollowsTheLosses() throws Exception {
        int[] percent = {0};
        SplittableRandom own = random.split();
        path = new FastPath(bytes -> own.nextInt(100) < percent[0] ? Luck.IS_LOST : Luck.GOES, bytes -> Luck.GOES);
        path.a.protect("b", Fec.AUTO);
        flood();
        assertThat(status().fec()).isEmpty();
        percent[0] = 2;
        FastPath.await("protection", () -> {
            flood();
            return !status().fec().isEmpty();
        });
        assertThat(status().lossThere()).isBetween(0.002, 0.06);
        flood();
        assertThat(flood()).as("frames of %d with %s", FRAMES, status().fec()).isGreaterThan(FRAMES - FRAMES / 500);
        assertThat(FastPath.tunnel(path.b).path().lossBack()).as("what the other end sees of it").isPositive();
        assertThat(status().lossBack()).isNaN();
        assertThat(status().rttP50Micros()).isPositive();
    }

    private PathStatus status() {
        return FastPath.tunnel(path.a).path();
    }

    @Test
    void burstsAreSpreadOverBlocks() throws Exception {
        path = new FastPath(losing(2, 6), bytes -> Luck.GOES);
        path.a.protect("b", new Fec(10, 2, 1));
        flood();
        long together = flood();
        path.a.protect("b", new Fec(10, 2, 8));
        flood();
        long inTurn = flood();
        assertThat(FRAMES - inTurn).as("lost with 8 blocks in turn, %d with one", FRAMES - together)
            .isLessThan((FRAMES - together) / 2);
    }

    /** A few frames at a time: too few to fill as many blocks in turn as runs of losses want. */
    @Test
    void runsOfLossesAreMendedInThinStreamsToo() throws Exception {
        path = new FastPath(losing(2, 3), bytes -> Luck.GOES);
        path.a.protect("b", Fec.AUTO);
        FastPath.await("protection", () -> {
            flood();
            return !status().fec().isEmpty() && status().fec().contains("x");
        });
        flood();
        assertThat(flood()).as("frames of %d with %s", FRAMES, status().fec()).isGreaterThan(FRAMES - FRAMES / 200);
    }

    private void makeBad() throws Exception {
        SplittableRandom own = random.split();
        LossyPath.Fate bad = bytes -> switch (own.nextInt(100)) {
            case 0, 1, 2 -> Luck.IS_LOST;
            case 3 -> Luck.COMES_TWICE;
            case 4 -> Luck.COMES_LATER;
            default -> Luck.GOES;
        };
        path = new FastPath(bad, bad);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aStreamBothWaysOverABadPathArrivesWhole(boolean ordered) throws Exception {
        makeBad();
        path.a.protect("b", new Fec(8, 3, 2, ordered));
        path.b.protect("a", new Fec(8, 3, 2, ordered));
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, STREAM_BYTES, random.nextLong());
        assertThat(FastPath.tunnel(path.b).recovered()).isPositive();
        assertThat(FastPath.tunnel(path.a).recovered()).isPositive();
        FastPath.await("what is known of the path", () -> isKnown(FastPath.tunnel(path.a).path())
            && isKnown(FastPath.tunnel(path.b).path()));
        path.a.protect("b", Fec.NONE);
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT6, STREAM_BYTES / 16, random.nextLong());
        assertThat(FastPath.tunnel(path.b).drops()).doesNotContainKey("bad-parity");
    }

    private static boolean isKnown(PathStatus path) {
        return path.reorderedThere() > 0 && path.reorderedBack() > 0 && path.bitsThere() > 0 && path.bitsBack() > 0;
    }

    @Test
    void protectionAllocatesNothing() throws Exception {
        path = new FastPath(IoEngine.AUTO, SealCipher.AES_256_GCM);
        path.a.protect("b", new Fec(20, 3, 2));
        path.b.protect("a", new Fec(20, 3, 2));
        stream();
        Allocations.assertWorkersNeedNone(this::stream);
    }

    @Test
    void orderAllocatesNothing() throws Exception {
        makeBad();
        path.a.protect("b", new Fec(8, 3, 2, true));
        path.b.protect("a", new Fec(8, 3, 2, true));
        stream();
        Allocations.assertWorkersNeedNone(this::stream);
    }

    private int stream() throws Exception {
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, STREAM_BYTES, random.nextLong());
        return STREAM_BYTES;
    }
}
