package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The kernel's own segmentation: what is written to one TAP with a virtio-net header comes over a bridge to another,
 * which has no offloads, so that the kernel cuts it and completes its checksums first. Both are in a network namespace
 * of the calling thread's own, which goes with the thread and the devices.
 */
final class KernelCut implements AutoCloseable {
    private static final int CLONE_NEWNET = 0x4000_0000;
    private static final int O_RDWR_NONBLOCK = 2 | 0x800;
    private static final long TUNSETIFF = 0x4004_54CAL;
    private static final long TUNSETOFFLOAD = 0x4004_54D0L;
    /** CSUM, TSO4, TSO6, USO4, USO6. */
    private static final long WITH_UDP = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;
    private static final int IFF_TAP_NO_PI = 2 | 0x1000;
    private static final int IFF_VNET_HDR = 0x4000;
    private static final int IFNAMSIZ = 16;
    private static final int IFREQ_BYTES = 40;
    private static final short POLLIN = 1;
    private static final int READ_DEADLINE_MS = 5_000;

    static {
        Native.register("c");
    }

    private final int in;
    private final int out;
    private final byte[] buffer = new byte[1 << 17];

    private static native int unshare(int flags) throws LastErrorException;

    private static native int open(String path, int flags) throws LastErrorException;

    private static native int ioctl(int fd, long request, byte[] argument) throws LastErrorException;

    private static native int ioctl(int fd, long request, long argument) throws LastErrorException;

    private static native long write(int fd, byte[] bytes, long count) throws LastErrorException;

    private static native long read(int fd, byte[] bytes, long count) throws LastErrorException;

    private static native int poll(long[] pollFds, long count, int timeoutMs) throws LastErrorException;

    private static native int close(int fd) throws LastErrorException;

    /** @throws LastErrorException without the rights that a network namespace and its devices need */
    KernelCut() throws IOException, InterruptedException {
        unshare(CLONE_NEWNET);
        // Netfilter on a bridge drops packets whose options it finds wrong, and IPv6 has things to say of its own.
        set("bridge/bridge-nf-call-iptables", "0");
        set("bridge/bridge-nf-call-ip6tables", "0");
        set("ipv6/conf/all/disable_ipv6", "1");
        set("ipv6/conf/default/disable_ipv6", "1");
        in = tap("in", IFF_TAP_NO_PI | IFF_VNET_HDR);
        out = tap("out", IFF_TAP_NO_PI);
        run("link add br0 type bridge mcast_snooping 0");
        for (String device : new String[] {"in", "out"}) {
            run("link set " + device + " master br0 mtu 65521");
            run("link set " + device + " up txqueuelen 5000");
        }
        run("link set br0 up");
    }

    private static int tap(String name, int flags) {
        int fd = open("/dev/net/tun", O_RDWR_NONBLOCK);
        byte[] request = Arrays.copyOf(name.getBytes(StandardCharsets.US_ASCII), IFREQ_BYTES);
        request[IFNAMSIZ] = (byte) flags;
        request[IFNAMSIZ + 1] = (byte) (flags >>> 8);
        ioctl(fd, TUNSETIFF, request);
        return fd;
    }

    /** In the thread's namespace; not every kernel has every one. */
    private static void set(String sysctl, String value) throws IOException {
        Path path = Path.of("/proc/sys/net", sysctl);
        if (Files.exists(path)) {
            Files.writeString(path, value);
        }
    }

    /** A process has the namespace of the thread that starts it. */
    private static void run(String arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("ip " + arguments).split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("ip %s: %s", arguments, output).isZero();
    }

    /** Linux cuts UDP frames of a TAP since 6.2. */
    boolean cutsUdp() {
        try {
            return ioctl(in, TUNSETOFFLOAD, WITH_UDP) == 0;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** Hands the kernel a frame behind its virtio-net header. */
    void send(byte[] headerAndFrame) {
        assertThat(write(in, headerAndFrame, headerAndFrame.length)).isEqualTo(headerAndFrame.length);
    }

    /** The next frame that the kernel makes; fails when there is none for some seconds. */
    byte[] receive() {
        long[] pollFd = {out | (long) POLLIN << 32};
        assertThat(poll(pollFd, 1, READ_DEADLINE_MS)).as("a frame comes out").isOne();
        return Arrays.copyOf(buffer, (int) read(out, buffer, buffer.length));
    }

    boolean isEmpty() {
        return poll(new long[] {out | (long) POLLIN << 32}, 1, 0) == 0;
    }

    @Override
    public void close() {
        close(in);
        close(out);
    }
}
