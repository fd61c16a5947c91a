package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.violin.dataplane.Namespace;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;

/** A poller with a pool of its own, and a worker's part played by hand. */
final class PollerRig implements AutoCloseable {
    static final Duration DEADLINE = Duration.ofSeconds(10);

    /** A frame as it came. */
    record Received(byte[] bytes, long offload) {
    }

    final OffHeap memory;
    final FramePool pool;
    final Poller poller;
    final FrameBatch batch = new FrameBatch();
    final PortCounters counters = new PortCounters();

    PollerRig(PollerTest.Kind kind, int slots) {
        int slotBytes = kind == PollerTest.Kind.IO_URING_UNSHARED
            ? FramePool.SLOT_BYTES - FramePool.SHARED_BYTES : FramePool.SLOT_BYTES;
        memory = OffHeap.map(FramePool.storageBytes(slots, slotBytes));
        pool = new FramePool(memory.buffer(), slots, slotBytes);
        poller = switch (kind) {
            case EPOLL -> new EpollPoller();
            case IO_URING, IO_URING_UNSHARED -> new UringPoller(pool);
            case IO_URING_NARROW -> new UringPoller(pool, 4);
        };
    }

    /** Ends the test as not run where the kernel has no such poller. */
    static void require(PollerTest.Kind kind) {
        if (kind != PollerTest.Kind.EPOLL) {
            try {
                new Uring(8, 8).close();
            } catch (KernelException e) {
                assumeThat(e).as("io_uring is there").isNull();
            }
        }
    }

    /** A UDP socket that sends, and one that receives, at {@code peer}. */
    record Sockets(DatagramChannel sender, DatagramChannel receiver, Endpoint peer) implements AutoCloseable {
        @Override
        public void close() {
            sender.close();
            receiver.close();
        }
    }

    Sockets sockets() {
        InetSocketAddress loopback = new InetSocketAddress("127.0.0.1", 0);
        int to = Devices.openUdp(loopback, 1)[0];
        Endpoint peer = Endpoint.of(new InetSocketAddress("127.0.0.1", Devices.localPort(to)));
        return new Sockets(poller.udp(Devices.openUdp(loopback, 1)[0], () -> { }), poller.udp(to, () -> { }), peer);
    }

    /** Two TAPs on a kernel's bridge: what is sent to one comes out of the other. */
    FrameChannel[] taps(Namespace host) {
        return taps(host, Layout.TAP_CHECKSUM | Layout.TAP_TCP | Layout.TAP_UDP);
    }

    /** The same, where the kernel is said to know these offloads alone. */
    FrameChannel[] taps(Namespace host, int offload) {
        host.ip("link add br0 type bridge mcast_snooping 0", "link set br0 up");
        FrameChannel[] channels = new FrameChannel[2];
        for (int i = 0; i < 2; i++) {
            int fd = Devices.openTap("tap" + i, 0, 1500, 1)[0];
            channels[i] = poller.tap(fd, Devices.tapOffload(fd) & offload, () -> { });
            host.ip("link set tap" + i + " master br0 txqueuelen 5000");
        }
        return channels;
    }

    /** Packet sockets on both ends of a cable: what is sent to one comes out of the other, if the filter takes it. */
    FrameChannel[] packets(Namespace host, PacketFilter filter, int mtu) {
        cable(host);
        FrameChannel[] channels = new FrameChannel[2];
        for (int i = 0; i < 2; i++) {
            String device = "p" + i;
            int fd = Devices.openPacket(device, Devices.lookAt(device).index(), filter, 1)[0];
            channels[i] = poller.packet(fd, () -> mtu, () -> { });
        }
        return channels;
    }

    /** Devices p0 and p1, joined. */
    static void cable(Namespace host) {
        host.ip("link add p0 type veth peer name p1", "link set p0 up", "link set p1 up");
        host.awaitRunning("p0");
        host.awaitRunning("p1");
    }

    /** The port's end and the guest's end of a unix connection. */
    FrameChannel[] guests(Path path) {
        int listener = Devices.listenUnix(path);
        int guest = Devices.connectUnix(path);
        int port = Devices.acceptUnix(listener);
        Devices.close(listener);
        return new FrameChannel[] {poller.seqpacket(port, () -> { }), poller.seqpacket(guest, () -> { })};
    }

    /** A frame of a local experimental ethertype, from one station to another. */
    static byte[] frame(SplittableRandom random, int length) {
        byte[] frame = new byte[length];
        for (int i = 0; i < length; i++) {
            frame[i] = (byte) random.nextInt();
        }
        frame[0] = 2;
        frame[6] = 2;
        frame[12] = (byte) 0x88;
        frame[13] = (byte) 0xB5;
        return frame;
    }

    static void close(FrameChannel... channels) {
        for (FrameChannel channel : channels) {
            channel.close();
        }
    }

    static void assertFrames(List<Received> received, List<byte[]> sent) {
        assertThat(received).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertThat(received.get(i).bytes()).as("frame %d", i).isEqualTo(sent.get(i));
        }
    }

    /** TCP over IPv4, to be cut every {@code gsoSize} bytes. */
    static byte[] superFrame(SplittableRandom random, int payloadBytes) {
        byte[] frame = frame(random, 54 + payloadBytes);
        int ipBytes = frame.length - 14;
        byte[] headers = {0x08, 0x00, 0x45, 0, (byte) (ipBytes >>> 8), (byte) ipBytes, 0, 0, 0x40, 0, 64, 6, 0, 0};
        System.arraycopy(headers, 0, frame, 12, headers.length);
        frame[46] = 0x50;
        frame[47] = 0x10;
        Arrays.fill(frame, 52, 54, (byte) 0);
        int sum = 0;
        for (int i = 14; i < 34; i += 2) {
            sum += (frame[i] & 0xFF) << 8 | frame[i + 1] & 0xFF;
        }
        sum = ~((sum & 0xFFFF) + (sum >>> 16));
        frame[24] = (byte) (sum >>> 8);
        frame[25] = (byte) sum;
        return frame;
    }

    /** Sends twenty frames and takes them again, allocating nothing. */
    void carry(FrameChannel from, FrameChannel to, byte[] frame) {
        for (int i = 0; i < 20; i++) {
            int slot = pool.claim();
            pool.storage().putBytes(pool.offset(slot), frame);
            batch.add(slot, pool.offset(slot), frame.length, Offload.NONE);
        }
        from.send(pool, batch, counters);
        int got = 0;
        while (got < 20) {
            poller.poll(100_000_000);
            got += to.receive(pool, batch, counters);
            batch.release(pool);
        }
    }

    void send(FrameChannel channel, byte[] frame, long offload) {
        int slot = pool.claim();
        pool.storage().putBytes(pool.offset(slot), frame);
        batch.add(slot, pool.offset(slot), frame.length, offload);
        channel.send(pool, batch, counters);
        assertThat(batch.count()).isZero();
    }

    void send(FrameChannel channel, byte[] frame) {
        send(channel, frame, Offload.NONE);
    }

    /** Polls and receives until {@code count} frames have come, some of them perhaps dropped. */
    List<Received> receive(FrameChannel channel, int count) {
        List<Received> all = new ArrayList<>();
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        int got = 0;
        while (got < count) {
            assertThat(System.nanoTime()).as("%d of %d frames came; drops: %s", got, count, counters.dropsByLabel())
                .isLessThan(deadlineNs);
            int taken = receiveSome(channel, all);
            assertThat(taken).as("open after %d of %d frames", got, count).isNotEqualTo(FrameChannel.CLOSED);
            got += taken;
            if (taken == 0) {
                poller.poll(100_000_000);
            }
        }
        return all;
    }

    /** One receive: what it returned, its frames appended and released. */
    int receiveSome(FrameChannel channel, List<Received> all) {
        int taken = channel.receive(pool, batch, counters);
        for (int i = 0; i < batch.count(); i++) {
            byte[] bytes = new byte[batch.lengths()[i]];
            pool.storage().getBytes(batch.offsets()[i], bytes);
            all.add(new Received(bytes, batch.offloads()[i]));
        }
        batch.release(pool);
        return taken;
    }

    /** Polls and receives until the channel is closed; returns what came before. */
    List<Received> receiveUntilClosed(FrameChannel channel) {
        List<Received> all = new ArrayList<>();
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (receiveSome(channel, all) != FrameChannel.CLOSED) {
            assertThat(System.nanoTime()).as("open after %d frames", all.size()).isLessThan(deadlineNs);
            poller.poll(100_000_000);
        }
        return all;
    }

    @Override
    public void close() {
        poller.close();
        pool.checkBalance();
        memory.close();
    }
}
