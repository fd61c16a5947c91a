package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.agrona.collections.Int2ObjectHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.Ready;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * One worker's UDP socket, shared by all tunnels of the daemon. Datagrams are told apart by the session that they name
 * if they are sealed, else by their source, checked once, and their records handed to links where they lie. What links
 * send is gathered over a whole cycle by a {@link TunnelSender}.
 *
 * <p>The sockets of all workers have one address, and the kernel gives all that names one session, or comes from one
 * peer, to the same of them: its worker receives for the tunnel and looks after it. Any worker sends.
 *
 * <p>Made and attached on a control thread; then it belongs to the worker, but for the counters and what says so.
 */
public final class TunnelSocket {
    /** What this side takes from its peers. */
    public static final int CAPABILITIES = TunnelCodec.CAPABILITY_CHECKSUM | TunnelCodec.CAPABILITY_SUPER_FRAME
        | TunnelCodec.CAPABILITY_PARITY;

    private final int fd;
    private final int worker;
    private final int localPort;
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final Long2ObjectHashMap<Tunnel> tunnelsBySource = new Long2ObjectHashMap<>();
    /** Those that are sealed, by each index that names one of their sessions here. */
    private final Int2ObjectHashMap<Tunnel> tunnelsByIndex = new Int2ObjectHashMap<>();
    private final List<Tunnel> tunnels = new ArrayList<>();
    private final FrameBatch buffers = new FrameBatch();
    private final TunnelReceiver receiver;

    private DatagramChannel channel;
    private TunnelSender sender;

    /**
     * @param fd         a bound UDP socket, which is taken
     * @param worker     whose
     * @param handshakes gets those of sealed tunnels
     */
    public TunnelSocket(int fd, int worker, HandshakeQueue handshakes) {
        this.fd = fd;
        this.worker = worker;
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
        return tunnel.worker() == worker;
    }

    /** Begins to look, at once, for the peer of a tunnel that this socket {@link #receivesFor}. */
    public void onOpen(FramePool pool, Tunnel tunnel, long nowNs) {
        Endpoint remote = tunnel.remote();
        if (remote != null && tunnelsBySource.containsKey(remote.key())) {
            throw new IllegalStateException("tunnel " + tunnel.name() + ": there is a tunnel to " + remote);
        }
        tunnel.claimReassembly(pool);
        tunnels.add(tunnel);
        lookAfter(pool, tunnel, nowNs);
    }

    /** Has everything sent to another address, as soon as that has proved to lead to the tunnel's peer. */
    public void onRedirect(FramePool pool, Tunnel tunnel, Endpoint remote, long nowNs) {
        tunnel.path().want(remote, tunnel.status() == Tunnel.Status.UP, nowNs);
        lookAfter(pool, tunnel, nowNs);
        flush(pool, nowNs);
    }

    /** Forgets a tunnel that has no links. Its keys stay until the workers that may send with them have been asked. */
    public void onClose(FramePool pool, Tunnel tunnel) {
        if (!tunnel.links().isEmpty()) {
            throw new IllegalStateException("tunnel " + tunnel.name() + ": " + tunnel.links().size() + " links open");
        }
        if (tunnels.remove(tunnel)) {
            tunnelsBySource.values().remove(tunnel);
            tunnelsByIndex.values().remove(tunnel);
            tunnel.releaseReassembly(pool);
            receiver.forget(tunnel);
            tunnel.closeFecReceiver();
        }
    }

    /** Whether this socket receives for no tunnel. */
    public boolean isEmpty() {
        return tunnels.isEmpty();
    }

    /** Whether what is held for the sake of order may wait no longer: then {@link #receive} is to be called. */
    public boolean isDue(long nowNs) {
        long dueNs = receiver.nextDueNs();
        return dueNs != Long.MAX_VALUE && dueNs - nowNs <= 0;
    }

    /** Takes one batch of buffers; true if there may be more. */
    public boolean receive(FramePool pool, long nowNs) {
        int count = channel.receive(pool, buffers);
        for (int i = 0; i < count; i++) {
            int slot = buffers.slots()[i];
            onBuffer(pool, i, slot, buffers.offsets()[i], buffers.lengths()[i], nowNs);
            pool.release(slot);
        }
        buffers.clear();
        receiver.handOverDue(pool, nowNs);
        if (count < 0) {
            drops.increment(DropReason.NO_BUFFER);
        }
        return count == DatagramChannel.RECEIVE_MAX;
    }

    /** Datagrams of one source, each as long as the first; the last may be shorter. */
    private void onBuffer(FramePool pool, int index, int slot, int offset, int length, long nowNs) {
        int size = channel.segmentBytes(index);
        Tunnel known = tunnelsBySource.get(channel.sourceKey(index));
        if (known != null && !channel.isFrom(index, known.remote())) {
            known = null;
        }
        if (!channel.isTruncated(index)) {
            receiver.onBuffer(pool, index, known, slot, offset, length, size, nowNs);
        } else if (known != null) {
            known.counters(worker).dropped(DropReason.DATAGRAM_TRUNCATED, 1);
        } else {
            drops.increment(DropReason.DATAGRAM_TRUNCATED);
        }
    }

    /** Asks the peer for an answer; {@code answer} gets the round trip in nanoseconds, if it comes. */
    public void onPing(FramePool pool, Tunnel tunnel, int bytes, CompletableFuture<Long> answer, long nowNs) {
        Endpoint remote = tunnel.remote();
        if (remote == null || tunnel.session().remoteIndex() == 0) {
            answer.completeExceptionally(new IllegalStateException("tunnel " + tunnel.name() + ": no session yet"));
            return;
        }
        Epoch epoch = tunnel.session().epoch();
        int overhead = remote.headerBytes() + epoch.tagBytes();
        int length = Math.clamp((long) bytes - overhead, TunnelCodec.HELLO_WITH_REPORT_BYTES,
            TunnelCodec.MAX_FRAME_BYTES - overhead);
        long timestamp = sender.sendProbe(pool, tunnel, remote, length, nowNs + 4);
        tunnel.path().onPinged(timestamp, answer, nowNs);
    }

    /** Where a buffer came from of those that are being received; allocates. */
    Endpoint source(int index) {
        return channel.source(index);
    }

    /** Whether a buffer of those that are being received came from there; null: from nowhere. */
    boolean isFrom(int index, Endpoint remote) {
        return remote != null && channel.isFrom(index, remote);
    }

    /** The tunnel of a sealed session; null: of none there is. */
    Tunnel findSealed(int localIndex) {
        Tunnel tunnel = tunnelsByIndex.get(localIndex);
        return tunnel == null || tunnel.session().find(localIndex) == null ? null : tunnel;
    }

    /** A handshake has given a tunnel keys; false if their index is in use, and they are not taken. */
    public boolean onKeys(FramePool pool, Tunnel tunnel, Epoch epoch, long nowNs) {
        boolean taken = findSealed(epoch.localIndex()) == null && tunnel.session().install(epoch, nowNs);
        if (taken) {
            tunnelsByIndex.put(epoch.localIndex(), tunnel);
        }
        lookAfter(pool, tunnel, nowNs);
        flush(pool, nowNs);
        return taken;
    }

    /** Forgets the keys that a tunnel has no use for any more, or all; for others to overwrite. */
    public List<Epoch> takeRetired(Tunnel tunnel, boolean all) {
        List<Epoch> retired = tunnel.session().takeRetired(all);
        retired.forEach(epoch -> tunnelsByIndex.remove(epoch.localIndex()));
        return retired;
    }

    /** Sends a datagram of a handshake; null: to where the peer is, if that is known. */
    public void sendHandshake(FramePool pool, Tunnel tunnel, Endpoint to, byte[] datagram) {
        Endpoint destination = to == null ? tunnel.remote() : to;
        if (destination != null) {
            sender.sendHandshake(pool, tunnel, destination, datagram);
        }
    }

    /** Sends a link's frames with the cycle's next flush; takes them all. */
    void send(LinkPort link, FramePool pool, FrameBatch batch) {
        sender.send(link, pool, batch);
    }

    /** What a datagram to a tunnel's peer may have, before it is sealed; 0: not known, as the tunnel is down. */
    int datagramBytes(Tunnel tunnel) {
        Peer peer = tunnel.peer();
        return peer == null ? 0 : sender.datagramBytes(tunnel, peer);
    }

    /** Sends what the cycle has gathered. */
    public void flush(FramePool pool, long nowNs) {
        sender.flush(pool, nowNs);
    }

    /** When {@link #flush} or {@link #receive} has to do of itself; {@link Long#MAX_VALUE}: not as things are. */
    public long nextDueNs() {
        return Math.min(sender.nextDueNs(), receiver.nextDueNs());
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
            tunnel.measure(nowNs);
            lookAfter(pool, tunnel, nowNs);
        }
        flush(pool, nowNs);
    }

    /** After anything that may have changed the tunnel's session. */
    void lookAfter(FramePool pool, Tunnel tunnel, long nowNs) {
        boolean helloDue = tunnel.session().onTick(nowNs);
        tunnel.publish(nowNs);
        note(tunnel);
        if (helloDue && tunnel.remote() != null) {
            sender.sendHello(pool, tunnel, nowNs);
        }
        if (tunnel.session().remoteIndex() != 0) {
            check(pool, tunnel, nowNs);
            if (tunnel.status() == Tunnel.Status.UP && tunnel.remote() != null) {
                probe(pool, tunnel, nowNs);
            }
        }
    }

    /** Whose a datagram is that names no session, or one of its that is gone, is told by where it comes from. */
    private void note(Tunnel tunnel) {
        Endpoint last = tunnel.path().noted();
        Endpoint remote = tunnel.remote();
        if (remote != last) {
            if (last != null) {
                tunnelsBySource.remove(last.key(), tunnel);
            }
            Tunnel there = tunnelsBySource.get(remote.key());
            // Who was there before may have gone without a word. Sealed ones are found by their sessions all the same.
            if (there == null || there.isSealed() && tunnel.isSealed()) {
                tunnelsBySource.put(remote.key(), tunnel);
            }
            tunnel.path().onNoted(remote);
        }
    }

    private void check(FramePool pool, Tunnel tunnel, long nowNs) {
        Endpoint candidate = tunnel.path().checkDue(nowNs);
        if (candidate != null) {
            long timestamp = sender.sendProbe(pool, tunnel, candidate, TunnelCodec.HELLO_WITH_REPORT_BYTES, nowNs + 1);
            if (timestamp != 0) {
                tunnel.path().onChecked(timestamp, nowNs);
            }
        }
    }

    private void probe(FramePool pool, Tunnel tunnel, long nowNs) {
        Endpoint remote = tunnel.remote();
        Epoch epoch = tunnel.session().epoch();
        int overhead = remote.headerBytes() + epoch.tagBytes();
        int most = tunnel.session().peerReceiveLimit() + remote.headerBytes();
        if (tunnel.takeTooLong()) {
            tunnel.path().doubt(nowNs);
        }
        int bytes = tunnel.path().probeDue(most, epoch.countersTaken(), nowNs);
        if (bytes == 0) {
            return;
        }
        long longOne = sender.sendProbe(pool, tunnel, remote, bytes - overhead, nowNs + 2);
        long shortOne = sender.sendProbe(pool, tunnel, remote, TunnelCodec.HELLO_WITH_REPORT_BYTES, nowNs + 3);
        if (longOne != 0 && shortOne != 0) {
            tunnel.path().onProbed(bytes, longOne, shortOne, nowNs);
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
