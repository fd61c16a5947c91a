package org.violin.dataplane.port;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.Errno;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.wire.Encapsulation;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.PlainFrames;

/**
 * A UDP socket of its own by which one peer that is no dataplane (a kernel's VXLAN device, a guest that plugs itself
 * in) is reached: a datagram is a frame behind an {@link Encapsulation}. Frames leave complete, as the peer takes no
 * offloads; segments of one super-frame go through the kernel as one message.
 *
 * <p>One worker receives; each other one sends by a descriptor of its own. What does not come from the peer, or is not
 * for this port, is dropped. Up until the peer's host says that nobody listens there, and again from the next frame
 * that comes.
 */
public final class UdpPort extends Port {
    private static final int NONE = -1;

    /** What the objects of one port have in common. */
    private static final class Peer {
        private final Endpoint endpoint;
        private final Encapsulation encapsulation;
        private final String detail;
        private volatile boolean refuses;

        Peer(Endpoint endpoint, Encapsulation encapsulation, String detail) {
            this.endpoint = endpoint;
            this.encapsulation = encapsulation;
            this.detail = detail;
        }
    }

    private final Peer peer;
    private final Encapsulation encapsulation;
    private final boolean receives;
    private final PlainFrames frames = new PlainFrames();
    private final FrameBatch buffers = new FrameBatch();
    /** Of the messages that are being made: their frames, and the bytes of these. */
    private final int[] messageFrames = new int[DatagramChannel.MESSAGES_MAX];
    private final int[] messageBytes = new int[DatagramChannel.MESSAGES_MAX];
    private int messageCount;
    private int fd;
    private Inlet inlet;
    private DatagramChannel channel;
    private volatile boolean attached;

    private UdpPort(String name, Peer peer, int fd, boolean receives) {
        super(name, peer.encapsulation.kind());
        this.peer = peer;
        this.encapsulation = peer.encapsulation;
        this.fd = fd;
        this.receives = receives;
    }

    /**
     * Binds the socket, on the caller's thread: a port for each worker.
     *
     * @param receiver the worker that will receive
     */
    public static List<Port> open(String name, InetSocketAddress local, InetSocketAddress remote,
        Encapsulation encapsulation, int receiver, int workers) {
        Endpoint endpoint = Endpoint.of(remote);
        Peer peer = new Peer(
            endpoint, encapsulation, Endpoint.of(local) + " to " + endpoint + ", " + encapsulation.detail());
        int[] fds = Devices.openUdpPort(local, encapsulation.isFromOnePort() ? endpoint : null, workers);
        List<Port> ports = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            ports.add(new UdpPort(name, peer, fds[i], i == receiver));
        }
        return ports;
    }

    @Override
    public String detail() {
        return peer.detail;
    }

    /** The receiving worker's port tells. */
    @Override
    public boolean isUp() {
        return attached && receives && !peer.refuses;
    }

    @Override
    public void attach(Poller poller, Inlet workersInlet) {
        inlet = workersInlet;
        channel = receives ? poller.udp(fd, workersInlet) : poller.udpEgress(fd);
        fd = NONE;
        attached = true;
    }

    /** Hands frames over as it finds them: one buffer may hold many datagrams. */
    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        if (!attached) {
            return 0;
        }
        int count = channel.receive(pool, buffers);
        onRefused(channel.takeRefusals());
        if (count < 0) {
            counters().dropped(DropReason.NO_BUFFER, 1);
            return 0;
        }
        for (int i = 0; i < count; i++) {
            int slot = buffers.slots()[i];
            onBuffer(pool, i, slot, buffers.offsets()[i], buffers.lengths()[i]);
            pool.release(slot);
        }
        buffers.clear();
        if (count > 1) {
            // Where one alone was waiting, none has been too many.
            counters().dropped(DropReason.RECEIVE_OVERFLOW, channel.takeOverflows());
        }
        return count;
    }

    /** Datagrams of one source, each as long as the first; the last may be shorter. */
    private void onBuffer(FramePool pool, int index, int slot, int offset, int length) {
        int size = channel.segmentBytes(index);
        boolean isPeers = encapsulation.isFromOnePort()
            ? channel.isFrom(index, peer.endpoint) : channel.isFromHost(index, peer.endpoint);
        if (!isPeers || channel.isTruncated(index)) {
            int datagrams = length == 0 ? 1 : (length + size - 1) / size;
            counters().dropped(isPeers ? DropReason.DATAGRAM_TRUNCATED : DropReason.WRONG_SOURCE, datagrams);
            return;
        }
        int from = 0;
        do {
            onDatagram(pool, slot, offset + from, Math.min(size, length - from));
            from += size;
        } while (from < length);
    }

    private void onDatagram(FramePool pool, int slot, int offset, int length) {
        DropReason bad = encapsulation.check(pool.storage(), offset, length);
        if (bad != null) {
            counters().dropped(bad, 1);
            return;
        }
        if (peer.refuses) {
            peer.refuses = false;
        }
        int headerBytes = encapsulation.receivedBytes();
        counters().received(1, length - headerBytes);
        pool.retain(slot, 1);
        inlet.onFrame(slot, offset + headerBytes, length - headerBytes, Offload.NONE);
    }

    private void onRefused(long sent) {
        if (sent > 0) {
            peer.refuses = true;
            counters().dropped(DropReason.PEER_REFUSED, sent);
        }
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        for (int i = 0; i < batch.count(); i++) {
            int count = frames.wrap(pool.storage(), batch.offsets()[i], batch.lengths()[i], batch.offloads()[i]);
            for (int frame = 0; frame < count; frame++) {
                gather(pool, frame);
            }
        }
        flush();
        batch.release(pool);
    }

    private void gather(FramePool pool, int frame) {
        int before = encapsulation.sentBytes();
        if (!channel.hasRoom(2, before + Layers.MAX_HEADER_BYTES)) {
            flush();
        }
        int header = channel.claimHeader(before + frames.headerBytes());
        encapsulation.write(channel.headers(), header);
        frames.writeHeaders(frame, channel.headers(), header + before);
        int payloadBytes = frames.payloadBytes(frame);
        if (payloadBytes > 0) {
            channel.addPayload(pool.storage(), frames.payloadOffset(frame), payloadBytes);
        }
        int message = channel.end(peer.endpoint, null, null);
        if (message == messageCount) {
            messageCount++;
            messageFrames[message] = 0;
            messageBytes[message] = 0;
        }
        messageFrames[message]++;
        messageBytes[message] += frames.headerBytes() + payloadBytes;
    }

    private void flush() {
        if (messageCount == 0) {
            return;
        }
        channel.flush();
        long sentFrames = 0;
        long sentBytes = 0;
        for (int message = 0; message < messageCount; message++) {
            int status = channel.status(message);
            if (status == 0) {
                sentFrames += messageFrames[message];
                sentBytes += messageBytes[message];
            } else if (status == -Errno.ECONNREFUSED) {
                onRefused(messageFrames[message]);
            } else {
                counters().dropped(status == -Errno.EAGAIN || status == -Errno.ENOBUFS
                    ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR, messageFrames[message]);
            }
        }
        counters().sent(sentFrames, sentBytes);
        messageCount = 0;
    }

    @Override
    public void close() {
        attached = false;
        if (channel != null) {
            channel.close();
        } else if (fd >= 0) {
            Devices.close(fd);
            fd = NONE;
        }
    }
}
