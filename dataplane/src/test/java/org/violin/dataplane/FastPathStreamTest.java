package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** TCP from TAP to TAP: byte for byte the same, in super-frames, and nothing lost that is not accounted for. */
class FastPathStreamTest {
    private static final int BYTES = 6 << 20;
    /** A TAP's MTU from which on no two segments fit a super-frame. */
    private static final int JUMBOGRAM = 32_768;
    /** With which any super-frame fits a datagram. */
    private static final int LOOPBACK_MTU = 65_535;

    private final SplittableRandom random = Seeds.random("FastPathStreamTest");

    @ParameterizedTest(name = "inner MTU {0}, path MTU {1}, {2}, {3}")
    @CsvSource({"1500, 1500, whole, EPOLL", "1500, 1500, cut, IO_URING", "1500, 1280, cut, EPOLL",
        "9000, 1500, whole, IO_URING", "9000, 1280, cut, EPOLL", "1400, 65535, whole, IO_URING",
        "65000, 9000, whole, EPOLL"})
    void streamsArriveByteForByte(int innerMtu, int pathMtu, String datagrams, IoEngine engine) throws Exception {
        try (FastPath path = new FastPath(innerMtu, pathMtu, engine)) {
            if (datagrams.equals("cut")) {
                path.cutDatagrams();
            }
            var before = path.drops();
            for (String address : List.of(FastPath.RIGHT4, FastPath.RIGHT6)) {
                TcpStreams.exchange(path.left, path.right, address, BYTES, random.nextLong());
            }
            path.awaitEveryDatagram();
            assertThat(path.dropsSince(before)).as("drops, but for those of a full receive buffer").isEmpty();
            if (pathMtu == LOOPBACK_MTU) {
                assertThat(segments(path)).as("super-frames that stay whole").isLessThanOrEqualTo(superFrames(path));
                assertThat(superFrames(path)).isLessThan(BYTES / innerMtu);
            } else if (innerMtu < JUMBOGRAM) {
                assertThat(segments(path)).as("segments cut").isGreaterThan(4 * superFrames(path));
                // Datagrams that arrive one by one are joined only where they had to wait for each other.
                int least = datagrams.equals("cut") ? 1 : 4;
                assertThat(segments(path)).as("segments joined").isGreaterThan(least * writes(path));
            }
        }
    }

    /** On one switch super-frames stay whole. */
    @ParameterizedTest(name = "MTU {0}")
    @ValueSource(ints = {1500, 9000})
    void streamsPassBetweenTapsOfOneSwitch(int mtu) throws Exception {
        try (FastPath path = new FastPath(mtu, 1500)) {
            // The right host has two TAPs then: each speaks for its own address.
            path.right.set("ipv4/conf/all/arp_ignore", "1");
            path.right.in(() -> {
                path.a.openTap(new TapConfig("near", "t1", mtu), "lan");
                return null;
            });
            path.right.ip("address add 10.89.0.2/24 dev t1", "address add fd89::2/64 dev t1 nodad");
            path.left.ip("address add 10.89.0.1/24 dev t0", "address add fd89::1/64 dev t0 nodad");
            for (String address : List.of("10.89.0.2", "fd89::2")) {
                TcpStreams.exchange(path.left, path.right, address, BYTES, random.nextLong());
            }
            assertThat(FastPath.port(path.a, "tap").rxFrames()).as("super-frames").isLessThan(BYTES / mtu);
            assertThat(FastPath.port(path.a, "near").drops()).isEmpty();
        }
    }

    /** The kernel does not cut then what does not fit, and sends in IP fragments. */
    @Test
    void streamsArriveWhenThePathGetsNarrower() throws Exception {
        try (FastPath path = new FastPath(9000, 9000)) {
            TcpStreams.exchange(path.left, path.right, FastPath.RIGHT6, BYTES, random.nextLong());
            path.left.ip("link set eth0 mtu 1280");
            path.right.ip("link set eth0 mtu 1280");
            TcpStreams.exchange(path.left, path.right, FastPath.RIGHT6, BYTES, random.nextLong());
        }
    }

    /** Frames that the left kernel has sent; acknowledgements without data are few when data goes both ways. */
    private static long superFrames(FastPath path) {
        return FastPath.port(path.a, "tap").rxFrames();
    }

    private static long segments(FastPath path) {
        return FastPath.port(path.b, "tap").txFrames();
    }

    /** Each write to a TAP is one frame that the kernel receives. */
    private static long writes(FastPath path) {
        return path.right.device(FastPath.TAP).rxFrames();
    }
}
