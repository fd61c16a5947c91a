package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.LastErrorException;
import java.util.Arrays;
import org.violin.dataplane.Libc;
import org.violin.dataplane.Namespace;

/**
 * The kernel's own segmentation: what is written to one TAP with a virtio-net header comes over a bridge to another,
 * which has no offloads, so that the kernel cuts it and completes its checksums first. Both are in a network namespace
 * of their own. Any thread may use it, one at a time.
 */
final class KernelCut implements AutoCloseable {
    private static final long TUNSETOFFLOAD = 0x4004_54D0L;
    /** CSUM, TSO4, TSO6, USO4, USO6. */
    private static final long WITH_UDP = 0x01 | 0x02 | 0x04 | 0x20 | 0x40;
    private static final int READ_DEADLINE_MS = 5_000;

    private final Namespace host = new Namespace();
    private final int in;
    private final int out;
    private final byte[] buffer = new byte[1 << 17];

    KernelCut() {
        host.silence();
        in = host.in(() -> Libc.openTap("in", Libc.O_NONBLOCK, Libc.IFF_VNET_HDR));
        out = host.in(() -> Libc.openTap("out", Libc.O_NONBLOCK, 0));
        host.ip("link add br0 type bridge mcast_snooping 0");
        for (String device : new String[] {"in", "out"}) {
            host.ip("link set " + device + " master br0 mtu 65521", "link set " + device + " up txqueuelen 5000");
        }
        host.ip("link set br0 up");
    }

    /** Linux cuts UDP frames of a TAP since 6.2. */
    boolean cutsUdp() {
        try {
            return Libc.ioctl(in, TUNSETOFFLOAD, WITH_UDP) == 0;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** Hands the kernel a frame behind its virtio-net header. */
    void send(byte[] headerAndFrame) {
        assertThat(Libc.write(in, headerAndFrame, headerAndFrame.length)).isEqualTo(headerAndFrame.length);
    }

    /** The next frame that the kernel makes; fails when there is none for some seconds. */
    byte[] receive() {
        assertThat(Libc.isReadable(out, READ_DEADLINE_MS)).as("a frame comes out").isTrue();
        return Arrays.copyOf(buffer, (int) Libc.read(out, buffer, buffer.length));
    }

    boolean isEmpty() {
        return !Libc.isReadable(out, 0);
    }

    @Override
    public void close() {
        Libc.close(in);
        Libc.close(out);
        host.close();
    }
}
