package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.dataplane.Seeds;

/** The search for a path's MTU, by a manual clock and a path of known size. */
class PathMtuTest {
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long RTT = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final SplittableRandom random = Seeds.random("PathMtuTest");
    private final PathMtu mtu = new PathMtu();
    private long nowNs = 5;
    /** The path: what it carries, and the part of datagrams that are lost on it. */
    private int carries;
    private double loss;
    private long probes;
    private boolean traffic = true;
    private long sent;

    private void run(long durationNs) {
        for (long endNs = nowNs + durationNs; nowNs < endNs; nowNs += TICK) {
            mtu.onTick(nowNs);
            sent += traffic ? 10 : 0;
            int size = mtu.due(sent, nowNs);
            if (size != 0) {
                probes++;
                mtu.onSent(size, 2 * probes, 2 * probes + 1, nowNs);
                nowNs += RTT;
                answer(size, 2 * probes);
                answer(100, 2 * probes + 1);
            }
        }
    }

    private void answer(int size, long timestamp) {
        boolean arrives = size <= carries && random.nextDouble() >= loss && random.nextDouble() >= loss;
        if (arrives) {
            mtu.onEcho(timestamp, sent, nowNs);
        }
    }

    private void begin(int path, int ceiling) {
        carries = path;
        mtu.begin(ceiling, nowNs);
    }

    @Test
    void startsWithWhatEveryPathCarriesAndTriesTheLargestFirst() {
        begin(1500, 1500);
        assertThat(mtu.size()).isEqualTo(PathMtu.BASE);
        assertThat(mtu.due(sent, nowNs)).isEqualTo(1500);
        run(2 * TICK);
        assertThat(mtu.size()).isEqualTo(1500);
        assertThat(probes).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1500,9000", "1492,1500", "1400,1500", "1280,1500", "1279,1500", "576,1500", "600,9000", "8000,9000",
        "9000,9000", "65535,65535", "1000,1000", "576,576", "1500,65535"})
    void findsWhatThePathCarries(int path, int ceiling) {
        begin(path, ceiling);
        run(20 * SECOND);
        assertThat(mtu.size()).isBetween(path - 7, path);
        assertThat(mtu.size()).isGreaterThanOrEqualTo(PathMtu.FLOOR);
    }

    @Test
    void neverSendsWhatHasNotPassedButTheBase() {
        for (int i = 0; i < 200; i++) {
            begin(1280 + random.nextInt(8000), 9000);
            for (int step = 0; step < 100; step++) {
                run(TICK);
                assertThat(mtu.size()).isLessThanOrEqualTo(Math.max(carries, PathMtu.BASE));
            }
        }
    }

    @Test
    void lossesAreNoSizes() {
        loss = 0.1;
        int right = 0;
        for (int i = 0; i < 100; i++) {
            begin(1500, 1500);
            run(60 * SECOND);
            right += mtu.size() == 1500 ? 1 : 0;
        }
        assertThat(right).as("three long ones lost in a row, and no short one, are rare").isGreaterThan(85);
    }

    @Test
    void silenceTellsNothing() {
        begin(1500, 1500);
        run(SECOND);
        carries = 0;
        run(30 * SECOND);
        assertThat(mtu.size()).isEqualTo(1500);
        carries = 1500;
        run(2 * SECOND);
        assertThat(mtu.size()).isEqualTo(1500);
    }

    @Test
    void aNarrowerPathIsFoundInSeconds() {
        begin(1500, 1500);
        run(10 * SECOND);
        carries = 1400;
        run(PathMtu.CONFIRM_NS + SECOND);
        assertThat(mtu.size()).as("safe at once").isLessThanOrEqualTo(1400);
        run(5 * SECOND);
        assertThat(mtu.size()).isBetween(1393, 1400);
    }

    /** Whatever the path drops, and for however long. */
    @Test
    void nothingBelowTheLeastIsTried() {
        begin(1500, 1500);
        run(10 * SECOND);
        carries = 200;
        run(600 * SECOND);
        assertThat(mtu.size()).isEqualTo(PathMtu.FLOOR);
        carries = 1500;
        run(PathMtu.RAISE_NS + 5 * SECOND);
        assertThat(mtu.isToRaise(nowNs)).isTrue();
    }

    @Test
    void aWiderPathIsFoundInAMinute() {
        begin(1400, 9000);
        run(10 * SECOND);
        carries = 9000;
        run(PathMtu.RAISE_NS);
        assertThat(mtu.isToRaise(nowNs)).isTrue();
        mtu.raise(9000, nowNs);
        run(SECOND);
        assertThat(mtu.size()).isEqualTo(9000);
    }

    @Test
    void anInterfaceThatHasBecomeNarrowerIsBelievedAtOnce() {
        begin(1500, 1500);
        run(SECOND + PathMtu.RAISE_NS);
        mtu.raise(1400, nowNs);
        assertThat(mtu.size()).isEqualTo(PathMtu.BASE);
        carries = 1400;
        run(SECOND);
        assertThat(mtu.size()).isEqualTo(1400);
    }

    @Test
    void doubtProbesNow() {
        begin(1500, 1500);
        traffic = false;
        run(5 * SECOND);
        assertThat(mtu.due(sent, nowNs)).isZero();
        mtu.doubt(nowNs);
        assertThat(mtu.due(sent, nowNs)).isEqualTo(1500);
    }

    /** As traffic may begin long after the size was confirmed. */
    @Test
    void aPathThatBecameNarrowerWhileItWasIdleIsFoundWhenThereIsTraffic() {
        begin(1500, 1500);
        traffic = false;
        run(10 * SECOND);
        carries = 1400;
        run(5 * SECOND);
        traffic = true;
        run(SECOND);
        assertThat(mtu.size()).isLessThanOrEqualTo(1400);
    }

    @Test
    void newKeysCountAnew() {
        begin(1500, 1500);
        run(10 * SECOND);
        sent = 0;
        carries = 1400;
        run(PathMtu.CONFIRM_NS + SECOND);
        assertThat(mtu.size()).isLessThanOrEqualTo(1400);
    }

    @Test
    void anIdlePathIsProbedSeldom() {
        begin(1500, 1500);
        traffic = false;
        run(SECOND);
        long before = probes;
        run(60 * SECOND);
        assertThat(probes - before).isBetween(1L, 4L);
    }
}
