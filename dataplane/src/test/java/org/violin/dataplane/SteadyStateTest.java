package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a long run needs of memory, from TAP to TAP: nothing more than a short one. */
class SteadyStateTest {
    private static final int STREAM_BYTES = 8 << 20;
    private static final int SMALL_FRAMES = 100_000;
    private static final int FLOWS = 1_000_000;
    /** Frames under way at a time: less than a TAP's queue holds. */
    private static final int WINDOW = 500;
    private static final long GROWTH_MAX_BYTES = 32L << 20;
    private static final long HEAP_LIMIT = 32L << 30;

    private final SplittableRandom random = Seeds.random("SteadyStateTest");
    /** A UDP datagram of 18 bytes over IPv4, its checksum not filled in (RFC 768 allows it). */
    private final ByteBuffer frame = ByteBuffer.allocate(60)
        .putShort(12, (short) 0x0800).putShort(14, (short) 0x4500).putShort(16, (short) 46)
        .putShort(22, (short) 0x4011).putShort(38, (short) 26);
    private FastPath path;
    private PacketSocket left;

    private void connect(IoEngine engine) {
        path = new FastPath(1500, 1500, engine);
        left = new PacketSocket(path.left, FastPath.TAP, 0, false);
    }

    @AfterEach
    void close() {
        if (left != null) {
            left.close();
        }
        if (path != null) {
            path.close();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void superFramesAllocateNothing(IoEngine engine) throws Exception {
        connect(engine);
        stream();
        Allocations.assertWorkersNeedNone(this::stream);
    }

    private int stream() throws Exception {
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, STREAM_BYTES, random.nextLong());
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT6, STREAM_BYTES, random.nextLong());
        return STREAM_BYTES;
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void smallFramesAllocateNothing(IoEngine engine) throws Exception {
        connect(engine);
        flood(SMALL_FRAMES);
        Allocations.assertWorkersNeedNone(() -> flood(SMALL_FRAMES));
    }

    @Test
    void framesThatAreMadeToFitAllocateNothing() throws Exception {
        connect(IoEngine.AUTO);
        path.a.fit("link", new Fit(Fit.AUTO, true));
        path.b.fit("link", new Fit(Fit.AUTO, true));
        stream();
        Allocations.assertWorkersNeedNone(this::stream);
    }

    @Test
    void aMillionFlowsAreForgotten() throws Exception {
        connect(IoEngine.AUTO);
        flood(SMALL_FRAMES);
        long before = residentBytes();
        flood(FLOWS);
        assertThat(residentBytes() - before).as("growth of the process's memory").isLessThan(GROWTH_MAX_BYTES);
        for (Dataplane dataplane : new Dataplane[] {path.a, path.b}) {
            assertThat(dataplane.macs("lan")).as("stations that the switch knows")
                .hasSizeBetween(SwitchConfig.DEFAULT_MAC_CAPACITY / 4, SwitchConfig.DEFAULT_MAC_CAPACITY);
        }
        assertThat(path.drops()).as("drops").doesNotContainKey("a.tap.no-buffer");
    }

    /** Sends frames that differ in their stations, addresses and ports, and waits until the far TAP has written all. */
    private int flood(int count) {
        for (int sent = 0; sent < count; sent += WINDOW) {
            long written = FastPath.port(path.b, "tap").txFrames();
            for (int i = 0; i < WINDOW; i++) {
                left.send(nextFlow());
            }
            FastPath.await("the frames", () -> FastPath.port(path.b, "tap").txFrames() >= written + WINDOW);
        }
        return count;
    }

    private byte[] nextFlow() {
        frame.putLong(0, random.nextLong() & 0xFEFF_FFFF_FFFF_FEFFL | 0x0200_0000_0000_0200L);
        frame.putInt(8, random.nextInt());
        frame.putLong(26, random.nextLong());
        frame.putInt(34, random.nextInt());
        return frame.array();
    }

    /**
     * The process's resident memory but for the Java heap, which the test itself fills: that of the workers stays as it
     * is, as they allocate nothing. The JVM puts a heap like the test's below 32 GiB, where nothing else is.
     */
    private static long residentBytes() throws IOException {
        long bytes = 0;
        boolean isHeap = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            String[] words = line.split("[-\\s]+");
            if (words[0].matches("[0-9a-f]{6,}")) {
                isHeap = Long.parseUnsignedLong(words[0], 16) < HEAP_LIMIT;
            } else if (words[0].equals("Rss:") && !isHeap) {
                bytes += Long.parseLong(words[1]) * 1024;
            }
        }
        return bytes;
    }
}
