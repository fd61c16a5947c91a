package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.wire.ReferenceFrame;

/** From a TAP, which leaves much to others, to a guest, whose frames are to be complete and no longer than its MTU. */
class PlainGuestTest {
    private static final int BYTES = 4 << 20;
    private static final int SUPER_FRAMES = 1_000;

    @TempDir
    private Path directory;
    private final SplittableRandom random = Seeds.random("PlainGuestTest");

    @ParameterizedTest(name = "inner MTU {0}, path MTU {1}, {2} guest, {3}")
    @CsvSource({"1500, 1500, far, EPOLL", "9000, 1280, far, IO_URING", "1500, 1500, near, IO_URING",
        "9000, 1500, near, EPOLL"})
    void streamsArriveInPlainFramesAndCongestionIsTold(int innerMtu, int pathMtu, String guests, IoEngine engine)
        throws Exception {
        try (FastPath path = withGuests(innerMtu, pathMtu, engine);
            PlainGuest guest = new PlainGuest(path.right, directory.resolve(guests), innerMtu)) {
            path.left.set("ipv4/tcp_ecn", "1");
            path.right.set("ipv4/tcp_ecn", "1");
            for (String address : List.of(FastPath.RIGHT4, FastPath.RIGHT6)) {
                TcpStreams.exchange(path.left, path.right, address, BYTES, random.nextLong());
            }
            assertThat(guest.frames.get()).as("frames cut of the TAP's super-frames")
                .isGreaterThan(FastPath.port(path.a, "tap").rxFrames() * 3 / 2);
            assertThat(guest.marked.get()).as("frames marked").isPositive();
            assertThat(guest.windowReductions.get()).as("segments with CWR").isPositive();
        }
    }

    /** A TAP on the left, a guest of the same switch, and one of the switch at the other end. */
    private FastPath withGuests(int innerMtu, int pathMtu, IoEngine engine) {
        FastPath path = new FastPath(innerMtu, pathMtu, directory.resolve("far"), engine);
        path.a.openUnix(new UnixPortConfig("near", directory.resolve("near")), "lan");
        return path;
    }

    /** VLAN tags, IP options, extension headers and flags of every kind, against the plainest way to cut them. */
    @ParameterizedTest(name = "{0}")
    @EnumSource(names = {"EPOLL", "IO_URING"})
    void anySuperFrameArrivesAsItsSegmentsAtEveryGuestItIsFloodedTo(IoEngine engine) {
        try (FastPath path = withGuests(1500, 1500, engine);
            PacketSocket left = new PacketSocket(path.left, FastPath.TAP, 0, true);
            TestGuest near = new TestGuest(directory.resolve("near"));
            TestGuest far = new TestGuest(directory.resolve("far"))) {
            FastPath.await("a guest", () -> FastPath.port(path.a, "near").up());
            FastPath.await("a guest", () -> FastPath.port(path.b, "guest").up());
            int taken = 0;
            for (int i = 0; i < SUPER_FRAMES; i++) {
                int gsoSize = random.nextInt(100, 1_100);
                ReferenceFrame frame = ReferenceFrame.random(random, random.nextInt(1, 30 * gsoSize));
                boolean isLong = frame.payloadBytes() > gsoSize;
                long offload = isLong ? frame.superFrame(gsoSize) : frame.partial();
                if (left.offer(PacketSocket.withHeader(frame.bytes(), offload, frame.headerBytes()))) {
                    taken++;
                    assertSegments(near, frame, gsoSize);
                    assertSegments(far, frame, gsoSize);
                }
            }
            assertThat(taken).as("super-frames that the kernel took").isGreaterThan(SUPER_FRAMES / 2);
        }
    }

    private static void assertSegments(TestGuest guest, ReferenceFrame frame, int gsoSize) {
        for (ReferenceFrame segment : frame.cut(gsoSize)) {
            assertThat(nextOf(guest, frame)).as("by %d of %s", gsoSize, frame).isEqualTo(segment.completed());
        }
    }

    /** The next frame of the same station: the host has things to say of its own. */
    private static byte[] nextOf(TestGuest guest, ReferenceFrame frame) {
        byte[] received;
        do {
            received = guest.receive(FastPath.DEADLINE);
            assertThat(received).as("a frame comes").isNotNull();
        } while (!Arrays.equals(received, 6, 12, frame.bytes(), 6, 12));
        return received;
    }
}
