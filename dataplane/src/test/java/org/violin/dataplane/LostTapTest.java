package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TAPs that somebody deletes or sets down while frames pass: the rest goes on, and the worker rests. */
class LostTapTest {
    private static final int DATAGRAM_BYTES = 1_000;
    private static final Duration WATCHED = Duration.ofMillis(500);

    private final SplittableRandom random = Seeds.random("LostTapTest");

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void aTapThatIsDeletedUnderTrafficIsDownAndCostsNothing(IoEngine engine) throws Exception {
        try (FastPath path = new FastPath(1500, 1500, engine)) {
            path.left.run("", "ping", "-c", "1", "-W", "10", FastPath.RIGHT4);
            Thread traffic = new Thread(() -> send(path.left));
            traffic.start();
            FastPath.await("traffic", () -> FastPath.port(path.b, "tap").txFrames() > 1_000);
            path.right.ip("link delete " + FastPath.TAP);
            FastPath.await("the port's loss", () -> !FastPath.port(path.b, "tap").up());
            FastPath.await("drops", () -> path.drops().getOrDefault("b.tap.not-connected", 0L) > 1_000);
            path.left.ip("link delete " + FastPath.TAP);
            traffic.join();
            FastPath.await("the port's loss", () -> !FastPath.port(path.a, "tap").up());
            assertThat(FastPath.tunnel(path.a).state()).isEqualTo("up");
            assertWorkersRest();
            reopen(path);
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void aTapThatIsSetDownAndUpAgainCarriesFramesAgain(IoEngine engine) throws Exception {
        try (FastPath path = new FastPath(1500, 1500, engine)) {
            path.left.run("", "ping", "-c", "1", "-W", "10", FastPath.RIGHT4);
            Thread traffic = new Thread(() -> send(path.left));
            traffic.start();
            FastPath.await("traffic", () -> FastPath.port(path.b, "tap").txFrames() > 1_000);
            path.right.ip("link set " + FastPath.TAP + " down");
            FastPath.await("drops", () -> path.drops().getOrDefault("b.tap.egress-error", 0L) > 1_000);
            path.left.ip("link set " + FastPath.TAP + " down");
            traffic.join();
            assertWorkersRest();
            path.left.ip("link set " + FastPath.TAP + " up");
            path.right.ip("link set " + FastPath.TAP + " up");
            TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, 1 << 20, random.nextLong());
        }
    }

    /** The port is closed and its name and device are free again. */
    private static void reopen(FastPath path) {
        path.right.in(() -> {
            path.b.closePort("tap");
            path.b.openTap(new TapConfig("tap", FastPath.TAP, 1500), "lan");
            return null;
        });
        assertThat(FastPath.port(path.b, "tap").up()).isTrue();
    }

    /** Sends until the device has gone. */
    private static void send(Namespace host) {
        InetSocketAddress nobody = new InetSocketAddress(FastPath.RIGHT4, 9);
        try (DatagramChannel channel = host.in(() -> DatagramChannel.open())) {
            while (true) {
                channel.send(ByteBuffer.allocate(DATAGRAM_BYTES), nobody);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("unreachable");
        }
    }

    private static void assertWorkersRest() throws InterruptedException {
        var threads = ManagementFactory.getThreadMXBean();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().startsWith("worker-")) {
                long before = threads.getThreadCpuTime(thread.threadId());
                Thread.sleep(WATCHED);
                Duration used = Duration.ofNanos(threads.getThreadCpuTime(thread.threadId()) - before);
                assertThat(used).as("CPU time of %s in %s", thread, WATCHED).isLessThan(WATCHED.dividedBy(5));
            }
        }
    }
}
