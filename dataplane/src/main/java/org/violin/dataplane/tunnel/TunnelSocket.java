package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.collections.Long2ObjectHashMap;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.Ready;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * One worker's UDP socket, shared by all tunnels of the daemon. Datagrams are told apart by their source, checked once,
 * and their records handed to links where they lie. What links send is gathered over a whole cycle by a {@link
 * TunnelSender}.
 *
 * <p>The sockets of all workers have one address, and the kernel gives all that one peer sends to the same of them: its
 * worker receives for the tunnel and looks after it. Any worker sends.
 *
 * <p>Made and attached on a control thread; then it belongs to the worker, but for the counters and what says so.
 */
public final class TunnelSocket {
    /** What this side takes from its peers; super-frames are for streams. */
    public static final int CAPABILITIES = TunnelCodec.CAPABILITY_CHECKSUM | TunnelCodec.CAPABILITY_PARITY;

    private final int fd;
    private final int worker;
    private final int workers;
    private final int localPort;
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final Long2ObjectHashMap<Tunnel> tunnelsBySource = new Long2ObjectHashMap<>();
    private final List<Tunnel> tunnels = new ArrayList<>();
    private final FrameBatch buffers = new FrameBatch();
    private final TunnelReceiver receiver;

    private DatagramChannel channel;
    private TunnelSender sender;

    /**
     * @param fd         a bound UDP socket, which is taken
     * @param worker     whose, among {@code workers}
     * @param handshakes gets those of sealed tunnels
     */
    public TunnelSocket(int fd, int worker, int workers, HandshakeQueue handshakes) {
        this.fd = fd;
        this.worker = worker;
        this.workers = workers;
        receiver = new TunnelReceiver(this, worker, handshakes);
        this.localPort = Devices.localPort(fd);
    }

    public int localPort() {
        return localPort;
    }

    /** Datagrams that belong to no tunnel, by reason. */
    public Counters<DropReason> drops() {
        return drops;
    }

    public void attach(Poller poller, Ready ready) {
        channel = poller.udp(fd, ready);
        sender = new TunnelSender(channel, worker);
    }

    /** Any thread: what the kernel does for the socket, as {@link DatagramChannel#offloads} says. */
    String offloads() {
        return channel.offloads();
    }

    /** Any thread: whether the kernel gives the datagrams of the tunnel's peer to this socket. */
    public boolean receivesFor(Tunnel tunnel) {
        return tunnel.remote().worker(workers) == worker;
    }

    /** Begins to look, at once, for the peer of a tunnel that this socket {@link #receivesFor}. */
    public void onOpen(FramePool pool, Tunnel tunnel, long nowNs) {
        if (tunnelsBySource.containsKey(tunnel.remote().key())) {
            throw new IllegalStateException("tunnel " + tunnel.name() + ": there is a tunnel to " + tunnel.remote());
        }
        tunnel.claimReassembly(pool);
        tunnelsBySource.put(tunnel.remote().key(), tunnel);
        tunnels.add(tunnel);
        lookAfter(pool, tunnel, nowNs);
    }

    /** Forgets a tunnel that has no links. Its keys stay until the workers that may send with them have been asked. */
    public void onClose(FramePool pool, Tunnel tunnel) {
        if (!tunnel.links().isEmpty()) {
            throw new IllegalStateException("tunnel " + tunnel.name() + ": " + tunnel.links().size() + " links open");
        }
        if (tunnels.remove(tunnel)) {
            tunnelsBySource.remove(tunnel.remote().key());
            tunnel.releaseReassembly(pool);
            tunnel.closeFecReceiver();
        }
    }

    /** Whether this socket receives for no tunnel. */
    public boolean isEmpty() {
        return tunnels.isEmpty();
    }

    /** Takes one batch of buffers; true if there may be more. */
    public boolean receive(FramePool pool, long nowNs) {
        int count = channel.receive(pool, buffers);
        if (count < 0) {
            drops.increment(DropReason.NO_BUFFER);
            return false;
        }
        for (int i = 0; i < count; i++) {
            int slot = buffers.slots()[i];
            onBuffer(pool, i, slot, buffers.offsets()[i], buffers.lengths()[i], nowNs);
            pool.release(slot);
        }
        buffers.clear();
        return count == DatagramChannel.RECEIVE_MAX;
    }

    /** Datagrams of one source, each as long as the first; the last may be shorter. */
    private void onBuffer(FramePool pool, int index, int slot, int offset, int length, long nowNs) {
        int size = channel.segmentBytes(index);
        Tunnel tunnel = tunnelsBySource.get(channel.sourceKey(index));
        if (tunnel == null || !channel.isFrom(index, tunnel.remote())) {
            drops.add(DropReason.WRONG_SOURCE, Math.max(1, Math.ceilDiv(length, Math.max(1, size))));
        } else if (channel.isTruncated(index)) {
            tunnel.counters(worker).dropped(DropReason.DATAGRAM_TRUNCATED, 1);
        } else {
            receiver.onBuffer(pool, tunnel, slot, offset, length, size, nowNs);
        }
    }

    /** A handshake has given a tunnel keys; false if their index is in use, and they are not taken. */
    public boolean onKeys(FramePool pool, Tunnel tunnel, Epoch epoch, long nowNs) {
        boolean taken = tunnel.session().install(epoch, nowNs);
        lookAfter(pool, tunnel, nowNs);
        flush(pool, nowNs);
        return taken;
    }

    /** Sends a datagram of a handshake. */
    public void sendHandshake(FramePool pool, Tunnel tunnel, byte[] datagram) {
        sender.sendHandshake(pool, tunnel, datagram);
    }

    /** Sends a link's frames with the cycle's next flush; takes them all. */
    void send(LinkPort link, FramePool pool, FrameBatch batch) {
        sender.send(link, pool, batch);
    }

    /** Sends what the cycle has gathered. */
    public void flush(FramePool pool, long nowNs) {
        sender.flush(pool, nowNs);
    }

    /** When {@link #flush} has something to send of itself; {@link Long#MAX_VALUE}: not as things are. */
    public long nextDueNs() {
        return sender.nextDueNs();
    }

    /** Protects what this worker sends to a tunnel from now on, as {@code control} says; null: no more. */
    public void protect(FramePool pool, Tunnel tunnel, FecControl control) {
        sender.protect(pool, tunnel, control == null ? null : new FecSender(tunnel, control));
        if (receivesFor(tunnel)) {
            tunnel.session().control(control);
        }
    }

    /** Watches over sessions and incomplete frames. */
    public void onTick(FramePool pool, long nowNs) {
        drops.add(DropReason.RECEIVE_OVERFLOW, channel.takeOverflows());
        for (int i = 0; i < tunnels.size(); i++) {
            Tunnel tunnel = tunnels.get(i);
            tunnel.reassembly().onTick(nowNs);
            lookAfter(pool, tunnel, nowNs);
        }
        flush(pool, nowNs);
    }

    /** After anything that may have changed the tunnel's session. */
    void lookAfter(FramePool pool, Tunnel tunnel, long nowNs) {
        boolean helloDue = tunnel.session().onTick(nowNs);
        tunnel.publish();
        if (helloDue) {
            sender.sendHello(pool, tunnel, nowNs);
        }
    }

    /** Forgets all tunnels and closes the socket. Their links are closed. */
    public void close(FramePool pool) {
        for (int i = tunnels.size() - 1; i >= 0; i--) {
            onClose(pool, tunnels.get(i));
        }
        sender.close();
        receiver.close();
        channel.close();
    }
}
