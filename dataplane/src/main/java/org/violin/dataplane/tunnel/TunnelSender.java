package org.violin.dataplane.tunnel;

import java.util.ArrayList;
import java.util.List;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.FecEncoder;
import org.violin.dataplane.wire.Checksum;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.Segmenter;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * Gathers what a worker sends in a cycle, over all tunnels.
 *
 * <p>Theory of operation. A frame becomes a record: its header goes to the channel's arena, the frame stays where it
 * lies. Records for one tunnel share a datagram as long as the next one fits; nothing waits for company, as the
 * datagram goes with the cycle's flush at the latest. A super-frame goes whole where a datagram takes it, as on a
 * stream, and the peer does; else it is cut into segments that fill a datagram each:
 * the arena gets the headers of the first, from which the channel makes them all when it sends them. Datagrams of one
 * size that follow one another go through the kernel as one; that is the channel's work. A frame that fits no datagram
 * goes in fragments.
 *
 * <p>What became of a record is known after the flush, when its slot is given back and its link counts it: that is the
 * {@link SendLedger}'s. Worker's thread.
 */
final class TunnelSender {
    private static final int NO_SLOT = SendLedger.NO_SLOT;
    /** Shorter frames are copied behind their header: a part more costs the kernel as much as these bytes. */
    private static final int COPY_MAX_BYTES = 256;
    /** The most header memory that a record takes, with its datagram's header, and the most parts. */
    private static final int RECORD_ROOM_BYTES = TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADERS_MAX_BYTES
        + Math.max(COPY_MAX_BYTES, Layers.MAX_HEADER_BYTES);
    private static final int RECORD_PARTS = 3;
    /** The most datagrams that are cut from one super-frame at a time (UDP_MAX_SEGMENTS). */
    private static final int CUT_MAX = 64;
    /** A segment without its payload, and what stands in front of it. */
    private static final int SEGMENT_OVERHEAD_BYTES = TunnelCodec.HEADER_BYTES + TunnelCodec.RECORD_HEADER_BYTES
        + TunnelCodec.CHECKSUM_BYTES;

    private final DatagramChannel channel;
    private final int worker;
    private final SendLedger ledger;
    private final Segmenter segmenter = new Segmenter();
    private long nowNs;
    private final UnsafeBuffer scratch = new UnsafeBuffer(new byte[Layers.MAX_HEADER_BYTES]);

    /** The tunnel whose datagram is being filled, and the bytes it still takes; null: none is. */
    private Tunnel open;
    private Endpoint openTo;
    private Epoch openEpoch;
    private int openRoom;
    private int openBytes;
    private FecEncoder openFec;
    /**
     * Of the tunnel whose batch is being sent: whom to, what protects it (null: nothing), how long a datagram may be.
     */
    private Peer peer;
    private FecSender fec;
    private int datagramBytes;
    private final List<FecSender> fecSenders = new ArrayList<>();

    TunnelSender(DatagramChannel channel, int worker) {
        this.channel = channel;
        this.worker = worker;
        this.ledger = new SendLedger(worker, channel::status);
    }

    /** Takes all frames of the batch. */
    void send(LinkPort link, FramePool pool, FrameBatch batch) {
        peer = link.tunnel().peer();
        if (peer == null) {
            link.counters().dropped(DropReason.TUNNEL_DOWN, batch.count());
            batch.release(pool);
            return;
        }
        beginProtecting(pool, link.tunnel());
        if (link.fit() != null) {
            link.fit().onSend(link, pool, batch, datagramBytes);
        }
        boolean completes = !peer.takesPartialChecksums();
        int maxRecord = datagramBytes - TunnelCodec.HEADER_BYTES;
        for (int i = 0; i < batch.count(); i++) {
            int slot = batch.slots()[i];
            int offset = batch.offsets()[i];
            int length = batch.lengths()[i];
            long offload = batch.offloads()[i];
            if (TunnelCodec.isInFrame(pool.storage(), offset, length, peer.index())) {
                // A route has led it back into the network that it carries: it would go round for ever.
                link.counters().dropped(DropReason.OWN_DATAGRAM, 1);
                pool.release(slot);
            } else if (Offload.isSuperFrame(offload)) {
                sendSegments(link, pool, slot, offset, length, offload, completes);
            } else if (completes && Offload.needsChecksum(offload)) {
                sendCompleted(link, pool, slot, offset, length, offload);
            } else if (TunnelCodec.frameRecordHeaderBytes(offload) + length <= maxRecord) {
                sendFrame(link, pool, slot, offset, length, offload);
            } else {
                sendFragments(link, pool, slot, 0, offset, length, offload);
            }
        }
        batch.clear();
    }

    private void beginProtecting(FramePool pool, Tunnel tunnel) {
        fec = peer.takesParity() ? tunnel.fecSender(worker) : null;
        datagramBytes = datagramBytes(tunnel, peer);
        if (fec != null && fec.epoch() != peer.epoch()) {
            // Members that the new keys' counters do not name: they go unprotected.
            flush(pool, nowNs, true);
            fec.begin(peer.epoch());
        }
    }

    /** What a datagram may have, before it is sealed. */
    int datagramBytes(Tunnel tunnel, Peer to) {
        FecSender protection = to.takesParity() ? tunnel.fecSender(worker) : null;
        return protection == null ? to.datagramBytes() : protection.datagramBytes(to.datagramBytes());
    }

    private void sendFrame(LinkPort link, FramePool pool, int slot, int offset, int length, long offload) {
        int headerBytes = TunnelCodec.frameRecordHeaderBytes(offload);
        begin(pool, link.tunnel(), headerBytes + length);
        boolean copies = length <= COPY_MAX_BYTES;
        int record = channel.claimHeader(copies ? headerBytes + length : headerBytes);
        MutableDirectBuffer headers = channel.headers();
        TunnelCodec.writeFrameRecord(headers, record, link.linkId(), length, offload);
        if (copies) {
            headers.putBytes(record + headerBytes, pool.storage(), offset, length);
            pool.release(slot);
        } else {
            channel.addPayload(pool.storage(), offset, length);
        }
        ledger.add(link, copies ? NO_SLOT : slot, 1, 1, length);
    }

    /**
     * TCP's segments are as long as a datagram takes, at most as the guest asked; UDP's are the guest's own datagrams.
     */
    private void sendSegments(LinkPort link, FramePool pool, int slot, int offset, int length, long offload,
        boolean completes) {
        segmenter.wrap(pool.storage(), offset, length, offload);
        int headerBytes = segmenter.headerBytes();
        int wholeBytes = TunnelCodec.SUPER_FRAME_RECORD_HEADER_BYTES + length;
        if (peer.takesSuperFrames() && wholeBytes <= datagramBytes - TunnelCodec.HEADER_BYTES) {
            sendWhole(link, pool, slot, offset, length, offload);
            return;
        }
        int payload = offset + headerBytes;
        int room = datagramBytes - SEGMENT_OVERHEAD_BYTES - headerBytes;
        boolean udp = Offload.gsoType(offload) == Offload.UDP;
        int size = udp ? Offload.gsoSize(offload) : Math.min(Offload.gsoSize(offload), room);
        int count = segmenter.segmentCount(size);
        long segmentOffload = Offload.ofSegment(offload);
        if (channel.cuts() && size <= room && !completes) {
            sendCut(link, pool, slot, payload, size, segmentOffload);
            return;
        }
        for (int i = 0; i < count; i++) {
            int from = i * size;
            int bytes = Math.min(size, segmenter.payloadBytes() - from);
            segmenter.writeHeaders(from, bytes, scratch, 0);
            if (completes) {
                Checksum.complete(scratch, 0, headerBytes, pool.storage(), payload + from, bytes, offload);
            }
            sendSplit(link, pool, i == count - 1 ? slot : NO_SLOT, headerBytes, payload + from, bytes,
                completes ? Offload.NONE : segmentOffload);
        }
    }

    /** The super-frame that the segmenter holds, for the peer to cut if it must. */
    private void sendWhole(LinkPort link, FramePool pool, int slot, int offset, int length, long offload) {
        int recordBytes = TunnelCodec.SUPER_FRAME_RECORD_HEADER_BYTES;
        begin(pool, link.tunnel(), recordBytes + length);
        int record = channel.claimHeader(recordBytes);
        TunnelCodec.writeSuperFrameRecord(channel.headers(), record, link.linkId(), length, segmenter.headerBytes(),
            offload);
        channel.addPayload(pool.storage(), offset, length);
        ledger.add(link, slot, 1, 1, length);
    }

    /** The super-frame that the segmenter holds, a datagram a segment, which the channel makes. */
    private void sendCut(LinkPort link, FramePool pool, int slot, int payload, int size, long segmentOffload) {
        Tunnel tunnel = link.tunnel();
        int headerBytes = segmenter.headerBytes();
        int frame = TunnelCodec.HEADER_BYTES + TunnelCodec.frameRecordHeaderBytes(segmentOffload);
        int payloadBytes = segmenter.payloadBytes();
        Epoch epoch = peer.epoch();
        int most = channel.datagramsMax(frame + headerBytes + size + epoch.tagBytes()) * size;
        end();
        for (int from = 0; from < payloadBytes; from += most) {
            int bytes = Math.min(most, payloadBytes - from);
            int count = (bytes + size - 1) / size;
            makeRoom(pool);
            int template = channel.claimTemplate(frame + headerBytes);
            MutableDirectBuffer headers = channel.headers();
            TunnelCodec.writeHeader(headers, template, TunnelCodec.TYPE_DATA, peer.index(), 0);
            TunnelCodec.writeFrameRecord(headers, template + TunnelCodec.HEADER_BYTES, link.linkId(),
                headerBytes + size, segmentOffload);
            segmenter.writeHeaders(from, Math.min(size, bytes), headers, template + frame);
            channel.addPayload(pool.storage(), payload + from, bytes);
            ledger.addHeader(template, count);
            ledger.add(link, from + bytes == payloadBytes ? slot : NO_SLOT, count, count, bytes + count * headerBytes);
            int message = channel.endCut(peer.remote(), epoch.seal(worker), fec == null ? null : fec.protecting(),
                template, frame, segmenter, from, size);
            if (fec != null && fec.protecting() != null) {
                fec.onDatagrams(count);
            }
            ledger.end(tunnel, epoch, message, count, bytes + count * (frame + headerBytes + epoch.tagBytes()));
        }
    }

    /** The peer takes no partial checksums. */
    private void sendCompleted(LinkPort link, FramePool pool, int slot, int offset, int length, long offload) {
        int headerBytes = Offload.checksumStart(offload) + Offload.checksumOffset(offload) + Short.BYTES;
        scratch.putBytes(0, pool.storage(), offset, headerBytes);
        int payload = offset + headerBytes;
        Checksum.complete(scratch, 0, headerBytes, pool.storage(), payload, length - headerBytes, offload);
        sendSplit(link, pool, slot, headerBytes, payload, length - headerBytes, Offload.NONE);
    }

    /** A frame whose first {@code headerBytes} are in the scratch buffer. */
    private void sendSplit(LinkPort link, FramePool pool, int slot, int headerBytes, int payload, int payloadBytes,
        long offload) {
        int recordBytes = TunnelCodec.frameRecordHeaderBytes(offload);
        int length = headerBytes + payloadBytes;
        if (recordBytes + length > datagramBytes - TunnelCodec.HEADER_BYTES) {
            sendFragments(link, pool, slot, headerBytes, payload, payloadBytes, offload);
            return;
        }
        begin(pool, link.tunnel(), recordBytes + length);
        int record = channel.claimHeader(recordBytes + headerBytes);
        TunnelCodec.writeFrameRecord(channel.headers(), record, link.linkId(), length, offload);
        channel.headers().putBytes(record + recordBytes, scratch, 0, headerBytes);
        if (payloadBytes > 0) {
            channel.addPayload(pool.storage(), payload, payloadBytes);
        }
        ledger.add(link, slot, 1, 1, length);
    }

    /** A frame too long for a datagram; its first {@code headerBytes} are in the scratch buffer. */
    private void sendFragments(LinkPort link, FramePool pool, int slot, int headerBytes, int payload,
        int payloadBytes, long offload) {
        Tunnel tunnel = link.tunnel();
        int length = headerBytes + payloadBytes;
        int room = datagramBytes - TunnelCodec.HEADER_BYTES - TunnelCodec.RECORD_HEADERS_MAX_BYTES;
        int count = Fragments.count(length, room);
        int frameId = tunnel.takeFrameId();
        for (int i = 0; i < count; i++) {
            int from = Fragments.offset(length, count, i);
            int bytes = Fragments.offset(length, count, i + 1) - from;
            int fromHeaders = Math.clamp(headerBytes - from, 0, bytes);
            long fragmentOffload = from == 0 ? offload : Offload.NONE;
            int recordBytes = TunnelCodec.fragmentRecordHeaderBytes(fragmentOffload);
            begin(pool, tunnel, recordBytes + bytes);
            int record = channel.claimHeader(recordBytes + fromHeaders);
            TunnelCodec.writeFragmentRecord(channel.headers(), record, link.linkId(), frameId, from, length, bytes,
                fragmentOffload);
            if (fromHeaders > 0) {
                channel.headers().putBytes(record + recordBytes, scratch, from, fromHeaders);
            }
            if (bytes > fromHeaders) {
                channel.addPayload(pool.storage(), payload + from + fromHeaders - headerBytes, bytes - fromHeaders);
            }
            boolean last = i == count - 1;
            ledger.add(link, last ? slot : NO_SLOT, 1, last ? 1 : 0, last ? length : 0);
        }
    }

    /** Sends the hello that is due. */
    void sendHello(FramePool pool, Tunnel tunnel, long nowNs) {
        beginAlone(pool, tunnel, tunnel.remote(), tunnel.session().epoch());
        int header = channel.claimHeader(tunnel.session().helloBytes(nowNs));
        openBytes = tunnel.session().writeHello(channel.headers(), header, nowNs);
        endAlone(NO_SLOT);
    }

    /**
     * Sends a hello of {@code length} bytes that asks for an answer, on its own.
     *
     * @return its timestamp; 0: it has not been sent, as there is no buffer
     */
    long sendProbe(FramePool pool, Tunnel tunnel, Endpoint to, int length, long nowNs) {
        int slot = pool.claim();
        if (slot == FramePool.NONE) {
            return 0;
        }
        flush(pool, this.nowNs);
        beginAlone(pool, tunnel, to, tunnel.session().epoch());
        long timestamp = tunnel.session().writeProbe(pool.storage(), pool.offset(slot), length, nowNs);
        channel.addPayload(pool.storage(), pool.offset(slot), length);
        openBytes = length;
        endAlone(slot);
        flush(pool, this.nowNs);
        return timestamp;
    }

    /** Sends a datagram of a handshake, which is never sealed. */
    void sendHandshake(FramePool pool, Tunnel tunnel, Endpoint to, byte[] datagram) {
        beginAlone(pool, tunnel, to, Epoch.NONE);
        channel.headers().putBytes(channel.claimHeader(datagram.length), datagram);
        openBytes = datagram.length;
        endAlone(NO_SLOT);
    }

    /** Begins a datagram that is of no link. */
    private void beginAlone(FramePool pool, Tunnel tunnel, Endpoint to, Epoch epoch) {
        end();
        makeRoom(pool);
        open = tunnel;
        openTo = to;
        openEpoch = epoch;
    }

    private void endAlone(int slot) {
        ledger.add(null, slot, 1, 0, 0);
        end();
    }

    /** Sees to it that the open datagram is the tunnel's and takes {@code bytes} more. */
    private void begin(FramePool pool, Tunnel tunnel, int bytes) {
        if (open != tunnel || openTo != peer.remote() || openEpoch != peer.epoch() || openRoom < bytes) {
            end();
        }
        makeRoom(pool);
        if (open == null) {
            int header = channel.claimHeader(TunnelCodec.HEADER_BYTES);
            TunnelCodec.writeHeader(channel.headers(), header, TunnelCodec.TYPE_DATA, peer.index(), 0);
            open = tunnel;
            openTo = peer.remote();
            openEpoch = peer.epoch();
            openFec = fec == null ? null : fec.protecting();
            openRoom = datagramBytes - TunnelCodec.HEADER_BYTES;
            openBytes = TunnelCodec.HEADER_BYTES;
            ledger.addHeader(header, 1);
        }
        openRoom -= bytes;
        openBytes += bytes;
    }

    private void makeRoom(FramePool pool) {
        boolean room = ledger.hasRoom() && channel.hasRoom(RECORD_PARTS, RECORD_ROOM_BYTES);
        if (!room || fec != null && fec.isFull(CUT_MAX)) {
            flush(pool, nowNs);
        }
    }

    /** Ends the open datagram, if there is one. */
    private void end() {
        if (open != null) {
            int message = channel.end(openTo, openEpoch.seal(worker), openFec);
            if (openFec != null) {
                open.fecSender(worker).onDatagrams(1);
            }
            ledger.end(open, openEpoch, message, 1, openBytes + openEpoch.tagBytes());
            open = null;
            openTo = null;
            openEpoch = null;
            openFec = null;
        }
    }

    /** Sends what the cycle has gathered, and the parity that is due. */
    void flush(FramePool pool, long now) {
        nowNs = now;
        flush(pool, now, false);
    }

    private void flush(FramePool pool, long now, boolean closing) {
        end();
        transmit(pool);
        for (int i = 0; i < fecSenders.size(); i++) {
            FecSender sender = fecSenders.get(i);
            // Another worker may decide on another shape at any time: blocks are to end before theirs is taken up.
            boolean reshapes = sender.isToReshape();
            boolean all = closing || reshapes;
            if (all || sender.isDue(now)) {
                boolean partial = all || sender.isOverdue(now);
                sendParity(pool, sender, partial);
                sender.onSent(now, partial);
            }
            if (reshapes) {
                sender.reshape();
            }
        }
    }

    private void transmit(FramePool pool) {
        if (!ledger.isEmpty()) {
            ledger.writeCounters(channel.headers());
            channel.flush();
            ledger.settle(pool);
        }
    }

    /**
     * Parity of full blocks, or of those only begun as well. That of a tunnel that is down is of no use to anybody, and
     * keys that are no longer sent with may be gone: what they should have sealed is forgotten.
     */
    private void sendParity(FramePool pool, FecSender sender, boolean partial) {
        Tunnel tunnel = sender.tunnel();
        Peer present = tunnel.peer();
        boolean goes = present != null && present.epoch() == sender.epoch();
        for (int row = 0, sent = 1; goes && sent > 0; row++) {
            sent = sendParity(pool, tunnel, present.remote(), sender, row, partial);
        }
        transmit(pool);
    }

    /** One row of each block that has it: rows of one block are no neighbours. Returns how many those are. */
    private int sendParity(FramePool pool, Tunnel tunnel, Endpoint to, FecSender sender, int row, boolean partial) {
        int sent = 0;
        for (int block = sender.nextLeaving(0, partial); block >= 0; block = sender.nextLeaving(block + 1, partial)) {
            if (row < sender.rows(block)) {
                if (!ledger.hasRoom() || !channel.hasRoom(RECORD_PARTS, RECORD_ROOM_BYTES)) {
                    transmit(pool);
                }
                sendParity(tunnel, to, sender, block, row);
                sent++;
            }
        }
        return sent;
    }

    private void sendParity(Tunnel tunnel, Endpoint to, FecSender sender, int block, int row) {
        FecEncoder encoder = sender.encoder();
        Epoch epoch = sender.epoch();
        int headerBytes = ParityCodec.DELTAS + encoder.members(block) - 1;
        int header = channel.claimHeader(headerBytes);
        TunnelCodec.writeHeader(channel.headers(), header, TunnelCodec.TYPE_PARITY, epoch.remoteIndex(), 0);
        sender.writeHeader(channel.headers(), header, block, row);
        channel.addPayload(encoder.parity(), encoder.parityOffset(block, row), encoder.symbolBytes(block));
        ledger.addHeader(header, 1);
        ledger.add(null, NO_SLOT, 1, 0, 0);
        int message = channel.end(to, epoch.seal(worker), null);
        ledger.end(tunnel, epoch, message, 1, headerBytes + encoder.symbolBytes(block) + epoch.tagBytes());
    }

    /** When parity is to be sent at the latest that is not full. */
    long nextDueNs() {
        long next = Long.MAX_VALUE;
        for (int i = 0; i < fecSenders.size(); i++) {
            next = Math.min(next, fecSenders.get(i).dueNs());
        }
        return next;
    }

    /** Protects what is sent to a tunnel from now on; null: no more. */
    void protect(FramePool pool, Tunnel tunnel, FecSender sender) {
        flush(pool, nowNs, true);
        FecSender last = tunnel.fecSender(worker);
        tunnel.fecSender(worker, sender);
        if (last != null) {
            fecSenders.remove(last);
            last.close();
        }
        if (sender != null) {
            fecSenders.add(sender);
        }
    }

    /** The end of all. */
    void close() {
        fecSenders.forEach(FecSender::close);
    }
}
