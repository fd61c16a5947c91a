package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.SealedBatch;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.RecordReader;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * What becomes of datagrams that came from a tunnel's peer: each is checked once, opened if it is sealed, and its
 * records are handed to links where they lie. Sealed ones are opened many at a time, after everything that can be told
 * of them without. Worker's thread.
 */
final class TunnelReceiver implements FecReceiver.Sink, AutoCloseable {
    private final TunnelSocket socket;
    private final int worker;
    private final HandshakeQueue handshakes;
    private final HandshakeQueue.Source source = this::source;
    private final RecordReader records = new RecordReader(TunnelSocket.CAPABILITIES);

    /** Datagrams that are opened together: where they are, and what they name. */
    private final SealedBatch sealed = new SealedBatch();
    private final int[] sealedOffsets = new int[SealedBatch.MAX];
    private final int[] sealedLengths = new int[SealedBatch.MAX];
    private Epoch sealedEpoch;

    /** The buffer that is being read: its place among those received, whose peer is where it came from, and when. */
    private FramePool pool;
    private int buffer;
    private Tunnel sender;
    private int slot;
    private long nowNs;
    /** Whose the present datagram is; null: nobody's, as far as is known. */
    private Tunnel tunnel;
    /** The good datagrams of that in the buffer, their bytes, and the link of the last record. */
    private int goodDatagrams;
    private int goodBytes;
    private LinkPort lastLink;
    /** Those whose peers want order, or did. */
    private final List<Tunnel> ordered = new ArrayList<>();

    TunnelReceiver(TunnelSocket socket, int worker, HandshakeQueue handshakes) {
        this.socket = socket;
        this.worker = worker;
        this.handshakes = handshakes;
    }

    /**
     * Takes a buffer of datagrams of {@code size} bytes, but the last, which may be shorter. Its slot stays held.
     *
     * @param index its place among those received
     * @param from  the tunnel whose peer is where it came from; null: none's
     */
    void onBuffer(FramePool framePool, int index, Tunnel from, int framesSlot, int offset, int length, int size,
        long now) {
        pool = framePool;
        buffer = index;
        sender = from;
        tunnel = from;
        slot = framesSlot;
        nowNs = now;
        int at = 0;
        do {
            int bytes = Math.min(size, length - at);
            count(onDatagram(offset + at, bytes));
            at += bytes;
        } while (at < length);
        turnTo(null);
    }

    /** What follows is another tunnel's. */
    private void turnTo(Tunnel next) {
        open();
        if (tunnel != null) {
            tunnel.counters(worker).received(goodDatagrams, goodBytes);
        }
        goodDatagrams = 0;
        goodBytes = 0;
        lastLink = null;
        tunnel = next;
    }

    private void count(DropReason bad) {
        if (bad == null) {
            return;
        }
        if (tunnel == null) {
            socket.drops().increment(bad);
        } else {
            tunnel.counters(worker).dropped(bad, 1);
        }
    }

    private Endpoint source() {
        return socket.source(buffer);
    }

    private void countGood(int length) {
        goodDatagrams++;
        goodBytes += length;
    }

    private DropReason onDatagram(int offset, int length) {
        DirectBuffer storage = pool.storage();
        DropReason bad = TunnelCodec.check(storage, offset, length);
        if (bad != null) {
            return bad;
        }
        int type = TunnelCodec.type(storage, offset);
        if (sender == null || sender.isSealed()) {
            return TunnelCodec.isHandshake(type) && handshakes.isOpen() ? onHandshake(offset, length)
                : onSealed(type, offset, length);
        }
        return switch (type) {
            case TunnelCodec.TYPE_HELLO -> onHello(offset, length);
            case TunnelCodec.TYPE_DATA, TunnelCodec.TYPE_PARITY -> onPlain(type, offset, length);
            default -> DropReason.BAD_TYPE;
        };
    }

    private DropReason onHello(int offset, int length) {
        DropReason bad = tunnel.session().onHello(pool.storage(), offset, length, nowNs);
        if (bad == null) {
            onGoodHello(length);
        }
        return bad;
    }

    private DropReason onPlain(int type, int offset, int length) {
        DirectBuffer storage = pool.storage();
        DropReason bad = tunnel.session().onData(
            TunnelCodec.receiverIndex(storage, offset), TunnelCodec.counter(storage, offset), nowNs);
        return bad == null ? onAccepted(tunnel.session().epoch(), type, offset, length, length) : bad;
    }

    private DropReason onHandshake(int offset, int length) {
        countGood(length);
        return handshakes.offer(sender, source, pool.storage(), offset, length) ? null
            : DropReason.HANDSHAKE_OVERFLOW;
    }

    /** What can be told of it without opening it. */
    private DropReason onSealed(int type, int offset, int length) {
        DirectBuffer storage = pool.storage();
        int index = TunnelCodec.receiverIndex(storage, offset);
        Tunnel addressee = socket.findSealed(index);
        if (addressee == null) {
            return sender == null ? DropReason.WRONG_SOURCE : DropReason.UNKNOWN_SESSION;
        }
        int least = type == TunnelCodec.TYPE_HELLO ? TunnelCodec.HELLO_BYTES : TunnelCodec.HEADER_BYTES;
        if (length < least + TunnelCodec.TAG_BYTES) {
            return DropReason.DATAGRAM_SHORT;
        }
        if (addressee != tunnel) {
            turnTo(addressee);
        }
        Epoch epoch = tunnel.session().find(index);
        DropReason bad = tunnel.session().check(epoch, TunnelCodec.counter(storage, offset));
        if (bad != null) {
            return bad;
        }
        if (epoch != sealedEpoch || sealed.count() == SealedBatch.MAX) {
            open();
            sealedEpoch = epoch;
        }
        sealedOffsets[sealed.count()] = offset;
        sealedLengths[sealed.count()] = length;
        sealed.add(pool.storage(), offset, length);
        return null;
    }

    /** Opens the datagrams that have been gathered, if any, and takes what they have. */
    private void open() {
        int count = sealed.count();
        if (count == 0) {
            return;
        }
        sealed.open(sealedEpoch.opener());
        for (int i = 0; i < count; i++) {
            count(sealed.isOpen(i) ? onOpened(sealedOffsets[i], sealedLengths[i]) : DropReason.NOT_AUTHENTIC);
        }
        sealed.clear();
        sealedEpoch = null;
    }

    private DropReason onOpened(int offset, int length) {
        DirectBuffer storage = pool.storage();
        TunnelSession session = tunnel.session();
        int type = TunnelCodec.type(storage, offset);
        int inner = length - TunnelCodec.TAG_BYTES;
        long counter = TunnelCodec.counter(storage, offset);
        DropReason bad = type == TunnelCodec.TYPE_HELLO ? session.onHello(sealedEpoch, storage, offset, inner, nowNs)
            : session.accept(sealedEpoch, counter, nowNs);
        if (bad != null) {
            return bad;
        }
        if (sender != tunnel && sealedEpoch.window().isHighest(counter) && tunnel.path().mayMove(nowNs)
            && !socket.isFrom(buffer, tunnel.remote())) {
            tunnel.path().onElsewhere(source(), nowNs);
        }
        if (type != TunnelCodec.TYPE_HELLO) {
            return onAccepted(sealedEpoch, type, offset, inner, length);
        }
        if (sealedEpoch == session.epoch()) {
            onGoodHello(length);
        } else {
            // It tells only that the peer is alive. There may be no keys to answer with any more.
            countGood(length);
        }
        return null;
    }

    private void onGoodHello(int length) {
        countGood(length);
        TunnelPath path = tunnel.path();
        path.onEcho(tunnel.session().echo(), path.isChecking() ? source() : null,
            tunnel.session().epoch().countersTaken(), nowNs);
        socket.lookAfter(pool, tunnel, nowNs);
    }

    /** @param received bytes of the datagram, {@code length} and the tag */
    private DropReason onAccepted(Epoch epoch, int type, int offset, int length, int received) {
        DirectBuffer storage = pool.storage();
        countGood(received);
        if (type == TunnelCodec.TYPE_PARITY) {
            DropReason bad = ParityCodec.check(storage, offset, length);
            if (bad == null) {
                onParity(epoch, offset);
            }
            return bad;
        }
        FecReceiver fec = tunnel.fecReceiver();
        if (fec == null || !fec.isActive(nowNs)) {
            return onRecords(slot, offset, length);
        }
        long counter = TunnelCodec.counter(storage, offset);
        if (!fec.onData(epoch, counter, storage, offset, length, nowNs)) {
            return null;
        }
        DropReason bad = onRecords(slot, offset, length);
        fec.onHandedOver(counter);
        return bad;
    }

    private void onParity(Epoch epoch, int offset) {
        FecReceiver fec = tunnel.openFecReceiver(this);
        Sequencer order = fec.order();
        order.roundTrip(tunnel.rttNs());
        fec.onParity(epoch, pool.storage(), offset, nowNs);
        if (order.isOn()) {
            if (tunnel.session().peerKeepsOrder()) {
                order.onParityOf(ParityCodec.first(pool.storage(), offset));
            }
            if (!ordered.contains(tunnel)) {
                ordered.add(tunnel);
            }
        }
    }

    /** When {@link #handOverDue} is to be called; {@link Long#MAX_VALUE}: nothing is held. */
    long nextDueNs() {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < ordered.size(); i++) {
            next = Math.min(next, ordered.get(i).fecReceiver().order().dueNs());
        }
        return next;
    }

    /** Hands over what has been held for long enough, of all tunnels. */
    void handOverDue(FramePool framePool, long now) {
        if (ordered.isEmpty()) {
            return;
        }
        pool = framePool;
        nowNs = now;
        for (int i = 0; i < ordered.size(); i++) {
            turnTo(ordered.get(i));
            tunnel.fecReceiver().order().onDue(now);
        }
        turnTo(null);
    }

    /** The tunnel closes. */
    void forget(Tunnel closing) {
        ordered.remove(closing);
    }

    /** A datagram was lost and is here after all; its original, should it come yet, is one that has been seen. */
    @Override
    public boolean onRecovered(Epoch epoch, long counter) {
        boolean fresh = tunnel.session().acceptRecovered(epoch, counter);
        if (fresh) {
            tunnel.counters(worker).recovered(1);
        }
        return fresh;
    }

    @Override
    public void onTurn(Epoch epoch, long counter, DirectBuffer storage, int symbol, int symbolBytes) {
        int own = pool.claim();
        if (own == FramePool.NONE) {
            count(DropReason.NO_BUFFER);
            return;
        }
        int offset = pool.offset(own);
        pool.storage().putBytes(offset + ParityCodec.SYMBOL, storage, symbol, symbolBytes);
        count(onRecords(own, offset, ParityCodec.SYMBOL + symbolBytes));
        pool.release(own);
    }

    @Override
    public void onLost(int datagrams) {
        tunnel.counters(worker).dropped(DropReason.LOST, datagrams);
    }

    private DropReason onRecords(int held, int offset, int length) {
        records.wrap(pool.storage(), offset + TunnelCodec.HEADER_BYTES, length - TunnelCodec.HEADER_BYTES);
        while (records.next()) {
            LinkPort link = findLink(records.linkId());
            if (link == null) {
                count(DropReason.UNKNOWN_LINK);
            } else if (records.kind() == TunnelCodec.KIND_FRAGMENT) {
                onFragment(link);
            } else {
                pool.retain(held, 1);
                link.deliver(pool, held, records.bodyOffset(), records.bodyLength(), records.offload());
            }
        }
        return records.error();
    }

    private LinkPort findLink(int linkId) {
        if (lastLink == null || lastLink.linkId() != linkId) {
            lastLink = tunnel.links().get(linkId);
        }
        return lastLink;
    }

    /** A complete frame is handed over where it was put together, and another slot takes that one's place. */
    private void onFragment(LinkPort link) {
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
        link.deliver(pool, tunnel.exchange(complete, replacement), offset, length, offload);
    }

    @Override
    public void close() {
        sealed.close();
    }
}
