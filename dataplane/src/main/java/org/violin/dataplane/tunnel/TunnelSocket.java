package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.Ready;
import org.violin.dataplane.sys.SealedBatch;
import org.violin.dataplane.wire.RecordReader;
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
    public static final int CAPABILITIES = TunnelCodec.CAPABILITY_CHECKSUM;

    private final int fd;
    private final int worker;
    private final int workers;
    private final int localPort;
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final Long2ObjectHashMap<Tunnel> tunnelsBySource = new Long2ObjectHashMap<>();
    private final List<Tunnel> tunnels = new ArrayList<>();
    private final RecordReader records = new RecordReader(CAPABILITIES);
    private final FrameBatch buffers = new FrameBatch();
    private final HandshakeQueue handshakes;
    private final SealedBatch sealed = new SealedBatch();
    /** Of the datagrams that are opened together: where they are, and what they name. */
    private final int[] sealedOffsets = new int[SealedBatch.MAX];
    private final int[] sealedLengths = new int[SealedBatch.MAX];
    private Epoch sealedEpoch;

    private DatagramChannel channel;
    private TunnelSender sender;
    /** Of the buffer that is being read: its good datagrams and their bytes, and the link of the last record. */
    private int goodDatagrams;
    private int goodBytes;
    private LinkPort lastLink;

    /**
     * @param fd         a bound UDP socket, which is taken
     * @param worker     whose, among {@code workers}
     * @param handshakes gets those of sealed tunnels
     */
    public TunnelSocket(int fd, int worker, int workers, HandshakeQueue handshakes) {
        this.fd = fd;
        this.worker = worker;
        this.workers = workers;
        this.handshakes = handshakes;
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
            return;
        }
        if (channel.isTruncated(index)) {
            tunnel.counters(worker).dropped(DropReason.DATAGRAM_TRUNCATED, 1);
            return;
        }
        goodDatagrams = 0;
        goodBytes = 0;
        lastLink = null;
        int from = 0;
        do {
            int bytes = Math.min(size, length - from);
            DropReason bad = tunnel.isSealed()
                ? onSealedDatagram(pool, tunnel, slot, offset + from, bytes, nowNs)
                : onDatagram(pool, tunnel, slot, offset + from, bytes, nowNs);
            if (bad != null) {
                tunnel.counters(worker).dropped(bad, 1);
            }
            from += bytes;
        } while (from < length);
        open(pool, tunnel, slot, nowNs);
        tunnel.counters(worker).received(goodDatagrams, goodBytes);
    }

    private DropReason onDatagram(FramePool pool, Tunnel tunnel, int slot, int offset, int length, long nowNs) {
        DropReason bad = TunnelCodec.check(pool.storage(), offset, length);
        if (bad != null) {
            return bad;
        }
        return switch (TunnelCodec.type(pool.storage(), offset)) {
            case TunnelCodec.TYPE_HELLO -> onHello(pool, tunnel, offset, length, nowNs);
            case TunnelCodec.TYPE_DATA -> onData(pool, tunnel, slot, offset, length, nowNs);
            default -> DropReason.BAD_TYPE;
        };
    }

    private DropReason onHello(FramePool pool, Tunnel tunnel, int offset, int length, long nowNs) {
        DropReason bad = tunnel.session().onHello(pool.storage(), offset, nowNs);
        if (bad == null) {
            countGood(length);
            lookAfter(pool, tunnel, nowNs);
        }
        return bad;
    }

    private DropReason onData(FramePool pool, Tunnel tunnel, int slot, int offset, int length, long nowNs) {
        DirectBuffer storage = pool.storage();
        int receiverIndex = TunnelCodec.receiverIndex(storage, offset);
        DropReason bad = tunnel.session().onData(receiverIndex, TunnelCodec.counter(storage, offset), nowNs);
        return bad == null ? onRecords(pool, tunnel, slot, offset, length, length, nowNs) : bad;
    }

    /** What can be told of it without opening it; the rest is done for many at once. */
    private DropReason onSealedDatagram(FramePool pool, Tunnel tunnel, int slot, int offset, int length, long nowNs) {
        DirectBuffer storage = pool.storage();
        DropReason bad = TunnelCodec.check(storage, offset, length);
        if (bad != null) {
            return bad;
        }
        int type = TunnelCodec.type(storage, offset);
        if (TunnelCodec.isHandshake(type)) {
            countGood(length);
            return handshakes.offer(tunnel, storage, offset, length) ? null : DropReason.HANDSHAKE_OVERFLOW;
        }
        int least = type == TunnelCodec.TYPE_HELLO ? TunnelCodec.HELLO_BYTES : TunnelCodec.HEADER_BYTES;
        if (length < least + TunnelCodec.TAG_BYTES) {
            return DropReason.DATAGRAM_SHORT;
        }
        Epoch epoch = tunnel.session().find(TunnelCodec.receiverIndex(storage, offset));
        if (epoch == null) {
            return DropReason.UNKNOWN_SESSION;
        }
        bad = tunnel.session().check(epoch, TunnelCodec.counter(storage, offset));
        if (bad != null) {
            return bad;
        }
        if (epoch != sealedEpoch || sealed.count() == SealedBatch.MAX) {
            open(pool, tunnel, slot, nowNs);
            sealedEpoch = epoch;
        }
        sealedOffsets[sealed.count()] = offset;
        sealedLengths[sealed.count()] = length;
        sealed.add(pool.storage(), offset, length);
        return null;
    }

    /** Opens the datagrams that have been gathered, if any, and takes what they have. */
    private void open(FramePool pool, Tunnel tunnel, int slot, long nowNs) {
        int count = sealed.count();
        if (count == 0) {
            return;
        }
        sealed.open(sealedEpoch.opener());
        for (int i = 0; i < count; i++) {
            DropReason bad = sealed.isOpen(i)
                ? onOpened(pool, tunnel, slot, sealedOffsets[i], sealedLengths[i], nowNs) : DropReason.NOT_AUTHENTIC;
            if (bad != null) {
                tunnel.counters(worker).dropped(bad, 1);
            }
        }
        sealed.clear();
        sealedEpoch = null;
    }

    private DropReason onOpened(FramePool pool, Tunnel tunnel, int slot, int offset, int length, long nowNs) {
        DirectBuffer storage = pool.storage();
        TunnelSession session = tunnel.session();
        if (TunnelCodec.type(storage, offset) == TunnelCodec.TYPE_DATA) {
            DropReason bad = session.accept(sealedEpoch, TunnelCodec.counter(storage, offset), nowNs);
            int bytes = length - TunnelCodec.TAG_BYTES;
            return bad == null ? onRecords(pool, tunnel, slot, offset, bytes, length, nowNs) : bad;
        }
        DropReason bad = session.onHello(sealedEpoch, storage, offset, nowNs);
        if (bad == null) {
            countGood(length);
            lookAfter(pool, tunnel, nowNs);
        }
        return bad;
    }

    /** @param receivedBytes of the datagram, {@code length} and the tag */
    private DropReason onRecords(FramePool pool, Tunnel tunnel, int slot, int offset, int length, int receivedBytes,
        long nowNs) {
        DirectBuffer storage = pool.storage();
        countGood(receivedBytes);
        records.wrap(storage, offset + TunnelCodec.HEADER_BYTES, length - TunnelCodec.HEADER_BYTES);
        while (records.next()) {
            LinkPort link = findLink(tunnel, records.linkId());
            if (link == null) {
                tunnel.counters(worker).dropped(DropReason.UNKNOWN_LINK, 1);
            } else if (records.kind() == TunnelCodec.KIND_FRAGMENT) {
                onFragment(pool, tunnel, link, nowNs);
            } else {
                pool.retain(slot, 1);
                link.deliver(slot, records.bodyOffset(), records.bodyLength(), records.offload());
            }
        }
        return records.error();
    }

    private void countGood(int length) {
        goodDatagrams++;
        goodBytes += length;
    }

    private LinkPort findLink(Tunnel tunnel, int linkId) {
        if (lastLink == null || lastLink.linkId() != linkId) {
            lastLink = tunnel.links().get(linkId);
        }
        return lastLink;
    }

    /** A complete frame is handed over where it was put together, and another slot takes that one's place. */
    private void onFragment(FramePool pool, Tunnel tunnel, LinkPort link, long nowNs) {
        Reassembly reassembly = tunnel.reassembly();
        int complete = reassembly.onFragment(link.linkId(), records.frameId(), records.fragmentOffset(),
            records.frameLength(), pool.storage(), records.bodyOffset(), records.bodyLength(), records.offload(),
            nowNs);
        if (complete == Reassembly.NONE) {
            return;
        }
        int offset = reassembly.frameOffset(complete);
        int length = reassembly.frameLength(complete);
        long offload = reassembly.frameOffload(complete);
        int replacement = pool.claim();
        if (replacement == FramePool.NONE) {
            link.counters().dropped(DropReason.NO_BUFFER, 1);
            reassembly.take(complete, offset);
            return;
        }
        reassembly.take(complete, pool.offset(replacement));
        link.deliver(tunnel.exchange(complete, replacement), offset, length, offload);
    }

    /** A handshake has given a tunnel keys; false if their index is in use, and they are not taken. */
    public boolean onKeys(FramePool pool, Tunnel tunnel, Epoch epoch, long nowNs) {
        boolean taken = tunnel.session().install(epoch, nowNs);
        lookAfter(pool, tunnel, nowNs);
        flush(pool);
        return taken;
    }

    /** Sends a datagram of a handshake. */
    public void sendHandshake(FramePool pool, Tunnel tunnel, byte[] datagram) {
        sender.sendHandshake(pool, tunnel, datagram);
        flush(pool);
    }

    /** Sends a link's frames with the cycle's next flush; takes them all. */
    void send(LinkPort link, FramePool pool, FrameBatch batch) {
        sender.send(link, pool, batch);
    }

    /** Sends what the cycle has gathered. */
    public void flush(FramePool pool) {
        sender.flush(pool);
    }

    /** Watches over sessions and incomplete frames. */
    public void onTick(FramePool pool, long nowNs) {
        drops.add(DropReason.RECEIVE_OVERFLOW, channel.takeOverflows());
        for (int i = 0; i < tunnels.size(); i++) {
            Tunnel tunnel = tunnels.get(i);
            tunnel.reassembly().onTick(nowNs);
            lookAfter(pool, tunnel, nowNs);
        }
        flush(pool);
    }

    private void lookAfter(FramePool pool, Tunnel tunnel, long nowNs) {
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
        channel.close();
        sealed.close();
    }
}
