package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.collections.Long2ObjectHashMap;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Errno;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.Ready;
import org.violin.dataplane.wire.RecordReader;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * The daemon's one UDP socket, shared by all its tunnels. Datagrams are told apart by their source, checked once, and
 * their records handed to links where they lie. What links send is gathered over a whole cycle, headers from the
 * channel's arena in front of payload in the pool, and goes out in one system call.
 *
 * <p>Made on a control thread; from {@link #attach} on it belongs to the worker, but for the counters.
 */
public final class TunnelSocket {
    private static final int NO_SLOT = -1;
    private static final int FRAME_HEADERS = TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES;
    private static final int FRAGMENT_HEADERS = TunnelCodec.HEADER_BYTES + TunnelCodec.FRAGMENT_HEADER_BYTES;

    private final int fd;
    private final int localPort;
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final Long2ObjectHashMap<Tunnel> tunnelsBySource = new Long2ObjectHashMap<>();
    private final List<Tunnel> tunnels = new ArrayList<>();
    private final RecordReader records = new RecordReader(0);
    private final FrameBatch datagrams = new FrameBatch();

    /** For each pending datagram: the slot it holds, its tunnel, its link, and the frame that it completes. */
    private final int[] pendingSlots = new int[FrameBatch.CAPACITY];
    private final int[] pendingBytes = new int[FrameBatch.CAPACITY];
    private final int[] pendingFrameBytes = new int[FrameBatch.CAPACITY];
    private final Tunnel[] pendingTunnels = new Tunnel[FrameBatch.CAPACITY];
    private final LinkPort[] pendingLinks = new LinkPort[FrameBatch.CAPACITY];
    private DatagramChannel channel;

    /** Takes a bound UDP socket. */
    public TunnelSocket(int fd) {
        this.fd = fd;
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
    }

    /** Begins to look for the tunnel's peer. */
    public void onOpen(FramePool pool, Tunnel tunnel) {
        if (tunnelsBySource.containsKey(tunnel.remote().key())) {
            throw new IllegalStateException("tunnel " + tunnel.name() + ": there is a tunnel to " + tunnel.remote());
        }
        tunnel.claimReassembly(pool);
        tunnelsBySource.put(tunnel.remote().key(), tunnel);
        tunnels.add(tunnel);
    }

    /** Forgets a tunnel that has no links. */
    public void onClose(FramePool pool, Tunnel tunnel) {
        if (!tunnel.links().isEmpty()) {
            throw new IllegalStateException("tunnel " + tunnel.name() + ": " + tunnel.links().size() + " links open");
        }
        if (tunnels.remove(tunnel)) {
            tunnelsBySource.remove(tunnel.remote().key());
            tunnel.releaseReassembly(pool);
        }
    }

    /** Takes one batch of datagrams; true if there may be more. */
    public boolean receive(FramePool pool, long nowNs) {
        int count = channel.receive(pool, datagrams);
        if (count < 0) {
            drops.increment(DropReason.NO_BUFFER);
            return false;
        }
        for (int i = 0; i < count; i++) {
            int slot = datagrams.slots()[i];
            onDatagram(pool, i, slot, datagrams.offsets()[i], datagrams.lengths()[i], nowNs);
            pool.release(slot);
        }
        datagrams.clear();
        return count == FrameBatch.CAPACITY;
    }

    private void onDatagram(FramePool pool, int index, int slot, int offset, int length, long nowNs) {
        Tunnel tunnel = tunnelsBySource.get(channel.sourceKey(index));
        if (tunnel == null || !channel.isFrom(index, tunnel.remote())) {
            drops.increment(DropReason.WRONG_SOURCE);
            return;
        }
        DirectBuffer storage = pool.storage();
        DropReason bad = channel.isTruncated(index)
            ? DropReason.DATAGRAM_TRUNCATED : TunnelCodec.check(storage, offset, length);
        if (bad == null) {
            bad = TunnelCodec.type(storage, offset) == TunnelCodec.TYPE_HELLO
                ? onHello(pool, tunnel, offset, length, nowNs)
                : onData(pool, tunnel, slot, offset, length, nowNs);
        }
        if (bad != null) {
            tunnel.counters().dropped(bad, 1);
        }
    }

    private DropReason onHello(FramePool pool, Tunnel tunnel, int offset, int length, long nowNs) {
        DropReason bad = tunnel.session().onHello(pool.storage(), offset, length, nowNs);
        if (bad == null) {
            tunnel.counters().received(1, length);
            lookAfter(pool, tunnel, nowNs);
        }
        return bad;
    }

    private DropReason onData(FramePool pool, Tunnel tunnel, int slot, int offset, int length, long nowNs) {
        DirectBuffer storage = pool.storage();
        int receiverIndex = TunnelCodec.receiverIndex(storage, offset);
        DropReason bad = tunnel.session().onData(receiverIndex, TunnelCodec.counter(storage, offset), nowNs);
        if (bad != null) {
            return bad;
        }
        tunnel.counters().received(1, length);
        records.wrap(storage, offset + TunnelCodec.HEADER_BYTES, length - TunnelCodec.HEADER_BYTES);
        while (records.next()) {
            LinkPort link = tunnel.links().get(records.linkId());
            if (link == null) {
                tunnel.counters().dropped(DropReason.UNKNOWN_LINK, 1);
            } else if (records.kind() == TunnelCodec.KIND_FRAGMENT) {
                onFragment(pool, tunnel, link, nowNs);
            } else {
                pool.retain(slot, 1);
                link.deliver(slot, records.bodyOffset(), records.bodyLength());
            }
        }
        return records.error();
    }

    /** A complete frame is handed over where it was put together, and another slot takes that one's place. */
    private void onFragment(FramePool pool, Tunnel tunnel, LinkPort link, long nowNs) {
        Reassembly reassembly = tunnel.reassembly();
        int complete = reassembly.onFragment(link.linkId(), records.frameId(), records.fragmentOffset(),
            records.frameLength(), pool.storage(), records.bodyOffset(), records.bodyLength(), nowNs);
        if (complete == Reassembly.NONE) {
            return;
        }
        int offset = reassembly.frameOffset(complete);
        int length = reassembly.frameLength(complete);
        int replacement = pool.claim();
        if (replacement == FramePool.NONE) {
            link.counters().dropped(DropReason.NO_BUFFER, 1);
            reassembly.take(complete, offset);
            return;
        }
        reassembly.take(complete, pool.offset(replacement));
        link.deliver(tunnel.exchange(complete, replacement), offset, length);
    }

    /** Sends a link's frames with the cycle's next flush; takes them all. */
    void send(LinkPort link, FramePool pool, FrameBatch batch) {
        Tunnel tunnel = link.tunnel();
        if (tunnel.session().state() != TunnelSession.State.UP) {
            link.counters().dropped(DropReason.TUNNEL_DOWN, batch.count());
            batch.release(pool);
            return;
        }
        int maxBody = tunnel.maxDatagramBytes() - FRAME_HEADERS;
        for (int i = 0; i < batch.count(); i++) {
            int slot = batch.slots()[i];
            if (batch.lengths()[i] <= maxBody) {
                sendFrame(link, pool, slot, batch.offsets()[i], batch.lengths()[i]);
            } else {
                sendFragments(link, pool, slot, batch.offsets()[i], batch.lengths()[i]);
            }
        }
        batch.clear();
    }

    private void sendFrame(LinkPort link, FramePool pool, int slot, int offset, int length) {
        Tunnel tunnel = link.tunnel();
        int header = beginDatagram(pool, tunnel, FRAME_HEADERS);
        int record = header + TunnelCodec.HEADER_BYTES;
        TunnelCodec.writeFrameRecord(channel.headers(), record, link.linkId(), length);
        channel.addPayload(pool.storage(), offset, length);
        endDatagram(tunnel, link, slot, FRAME_HEADERS + length, length);
    }

    private void sendFragments(LinkPort link, FramePool pool, int slot, int offset, int length) {
        Tunnel tunnel = link.tunnel();
        int count = Fragments.count(length, tunnel.maxDatagramBytes() - FRAGMENT_HEADERS);
        int frameId = tunnel.takeFrameId();
        pool.retain(slot, count - 1);
        for (int i = 0; i < count; i++) {
            int from = Fragments.offset(length, count, i);
            int bytes = Fragments.offset(length, count, i + 1) - from;
            int header = beginDatagram(pool, tunnel, FRAGMENT_HEADERS);
            int record = header + TunnelCodec.HEADER_BYTES;
            TunnelCodec.writeFragmentRecord(channel.headers(), record, link.linkId(), frameId, from, length, bytes);
            channel.addPayload(pool.storage(), offset + from, bytes);
            endDatagram(tunnel, link, slot, FRAGMENT_HEADERS + bytes, i == count - 1 ? length : 0);
        }
    }

    private int beginDatagram(FramePool pool, Tunnel tunnel, int headerBytes) {
        if (!channel.hasRoom(2, headerBytes)) {
            flush(pool);
        }
        int header = channel.claimHeader(headerBytes);
        TunnelSession session = tunnel.session();
        MutableDirectBuffer headers = channel.headers();
        TunnelCodec.writeHeader(headers, header, TunnelCodec.TYPE_DATA, session.remoteIndex(), session.takeCounter());
        return header;
    }

    private void endDatagram(Tunnel tunnel, LinkPort link, int slot, int bytes, int frameBytes) {
        int index = channel.pending();
        pendingSlots[index] = slot;
        pendingTunnels[index] = tunnel;
        pendingLinks[index] = link;
        pendingBytes[index] = bytes;
        pendingFrameBytes[index] = frameBytes;
        channel.end(tunnel.remote());
    }

    /** Sends what the cycle has gathered. */
    public void flush(FramePool pool) {
        int count = channel.pending();
        if (count == 0) {
            return;
        }
        channel.flush();
        for (int i = 0; i < count; i++) {
            settle(i, channel.status(i));
            if (pendingSlots[i] != NO_SLOT) {
                pool.release(pendingSlots[i]);
            }
        }
    }

    private void settle(int index, int status) {
        LinkPort link = pendingLinks[index];
        if (status == 0) {
            pendingTunnels[index].counters().sent(1, pendingBytes[index]);
            if (pendingFrameBytes[index] > 0) {
                link.counters().sent(1, pendingFrameBytes[index]);
            }
            return;
        }
        boolean full = status == -Errno.EAGAIN || status == -Errno.ENOBUFS;
        DropReason reason = full ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR;
        (link == null ? pendingTunnels[index].counters() : link.counters()).dropped(reason, 1);
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
            if (!channel.hasRoom(1, TunnelCodec.HELLO_BYTES)) {
                flush(pool);
            }
            int header = channel.claimHeader(TunnelCodec.HELLO_BYTES);
            tunnel.session().writeHello(channel.headers(), header, nowNs);
            endDatagram(tunnel, null, NO_SLOT, TunnelCodec.HELLO_BYTES, 0);
        }
    }

    /** Forgets all tunnels and closes the socket. Their links are closed. */
    public void close(FramePool pool) {
        for (int i = tunnels.size() - 1; i >= 0; i--) {
            onClose(pool, tunnels.get(i));
        }
        channel.close();
    }
}
