package org.violin.dataplane.tunnel;

import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.RecordReader;
import org.violin.dataplane.wire.Segmenter;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * The receiving half of a tunnel put together as a target for fuzzing, with the promises checked at every step. The
 * datagram lies in a buffer of exactly its size, so a read outside throws.
 */
final class TunnelDecoder implements FecReceiver.Sink {
    static final int SLOT_BYTES = 2048;
    static final int SLOTS = 8;

    private static final int GAP_BYTES = 64;
    private static final long HOLD_NS = Sequencer.HOLD_MAX_NS;
    private static final long CANARY = 0x5A5A_5A5A_5A5A_5A5AL;

    private final UnsafeBuffer datagram = new UnsafeBuffer(new byte[0]);
    private final MutableDirectBuffer storage = new UnsafeBuffer(new byte[SLOTS * (SLOT_BYTES + GAP_BYTES)]);
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final Reassembly reassembly;
    private final RecordReader everything =
        new RecordReader(TunnelCodec.CAPABILITY_CHECKSUM | TunnelCodec.CAPABILITY_SUPER_FRAME);
    private final RecordReader plain = new RecordReader(0);
    private final UnsafeBuffer answer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
    private final TunnelSession session;
    private int nextIndex;
    private long nowNs;
    private long records;
    private long frames;
    private long recovered;
    private long superFrames;
    private final Segmenter segmenter = new Segmenter();
    private final UnsafeBuffer headers = new UnsafeBuffer(new byte[Layers.MAX_HEADER_BYTES]);
    private final FecReceiver fec = new FecReceiver(this);
    private int generation;
    /** Datagrams that are to be handed over and have not been, and how many there have been. */
    private int waiting;
    private long waited;

    TunnelDecoder() {
        int[] offsets = new int[SLOTS];
        for (int i = 0; i < SLOTS; i++) {
            offsets[i] = i * (SLOT_BYTES + GAP_BYTES);
            for (int at = 0; at < GAP_BYTES; at += Long.BYTES) {
                storage.putLong(offsets[i] + SLOT_BYTES + at, CANARY);
            }
        }
        reassembly = new Reassembly(storage, offsets, SLOT_BYTES, drops);
        session = new TunnelSession(1472, 0, () -> ++nextIndex & 0xF, 0);
    }

    /** Takes a datagram in, as a tunnel would. */
    void accept(byte[] bytes, int length) {
        datagram.wrap(bytes, bytes.length - length, length);
        nowNs += 10_000_000;
        reassembly.onTick(nowNs);
        forget();
        DropReason bad = TunnelCodec.check(datagram, 0, length);
        if (bad == null && TunnelCodec.type(datagram, 0) == TunnelCodec.TYPE_HELLO) {
            bad = session.onHello(datagram, 0, length, nowNs);
            checkAnswer(length);
        } else if (bad == null && TunnelCodec.isHandshake(TunnelCodec.type(datagram, 0))) {
            bad = DropReason.BAD_TYPE;
        } else if (bad == null) {
            bad = session.onData(TunnelCodec.receiverIndex(datagram, 0), TunnelCodec.counter(datagram, 0), nowNs);
            bad = bad == null ? protect(length) : bad;
        }
        if (bad != null) {
            drops.increment(bad);
        }
        // Not only what a session lets in: the reader itself must take anything.
        if (length >= TunnelCodec.HEADER_BYTES) {
            read(plain, length, false);
            read(everything, length, true);
        }
    }

    /** A hello that does not name the peer answers a stranger's, and is no longer than that. */
    private void checkAnswer(int length) {
        if (session.onTick(nowNs)) {
            int bytes = session.writeHello(answer, 0, nowNs);
            if (bytes > length && TunnelCodec.receiverIndex(answer, 0) != session.remoteIndex()) {
                throw new AssertionError("an answer longer than the hello");
            }
        }
    }

    /** As a tunnel does whose peer has begun anew. */
    private void forget() {
        if (session.generation() != generation) {
            generation = session.generation();
            fec.forget();
            waiting = 0;
        }
    }

    private DropReason protect(int length) {
        DropReason bad = null;
        long counter = TunnelCodec.counter(datagram, 0);
        if (TunnelCodec.type(datagram, 0) == TunnelCodec.TYPE_PARITY) {
            bad = ParityCodec.check(datagram, 0, length);
            if (bad == null) {
                fec.order().roundTrip(HOLD_NS * 2);
                fec.onParity(session.epoch(), datagram, 0, nowNs);
                if ((nowNs / HOLD_NS & 1) == 0) {
                    // As if it were known now and then that the sender keeps the order of its counters.
                    fec.order().onParityOf(ParityCodec.first(datagram, 0));
                }
            }
        } else if (fec.onData(session.epoch(), counter, datagram, 0, length, nowNs)) {
            fec.onHandedOver(counter);
        } else {
            waiting++;
            waited++;
        }
        if (fec.order().dueNs() <= nowNs) {
            fec.order().onDue(nowNs);
        }
        if (waiting != fec.order().held() || waiting > Sequencer.WINDOW || fec.order().dueNs() <= nowNs) {
            throw new AssertionError(waiting + " are to be handed over, " + fec.order().held() + " are held");
        }
        return bad;
    }

    @Override
    public boolean onRecovered(Epoch epoch, long counter) {
        boolean fresh = session.acceptRecovered(epoch, counter);
        recovered += fresh ? 1 : 0;
        waiting += fresh ? 1 : 0;
        return fresh;
    }

    @Override
    public void onTurn(Epoch epoch, long counter, DirectBuffer window, int symbol, int symbolBytes) {
        if (symbolBytes < ParityCodec.SYMBOL_HEADER_BYTES || symbolBytes > ParityCodec.SYMBOL_MAX_BYTES || symbol < 0
            || symbol + symbolBytes > window.capacity()) {
            throw new AssertionError("handed over " + symbolBytes + " bytes at " + symbol + ", counter " + counter);
        }
        waiting--;
    }

    /** Datagrams that came and were held. */
    long waited() {
        return waited;
    }

    @Override
    public void onLost(int datagrams) {
        drops.add(DropReason.LOST, datagrams);
    }

    long recovered() {
        return recovered;
    }

    private void read(RecordReader reader, int length, boolean reassemble) {
        reader.wrap(datagram, TunnelCodec.HEADER_BYTES, length - TunnelCodec.HEADER_BYTES);
        int end = TunnelCodec.HEADER_BYTES;
        while (reader.next()) {
            boolean inOrder = reader.bodyOffset() >= end + TunnelCodec.RECORD_HEADER_BYTES;
            end = reader.bodyOffset() + reader.bodyLength();
            boolean sound = inOrder && end <= length && reader.bodyLength() > 0
                && reader.frameLength() >= 14 && reader.bodyLength() <= reader.frameLength()
                && (!reader.needsChecksum()
                    || reader.checksumStart() + reader.checksumOffset() + 2 <= reader.frameLength());
            if (!sound) {
                throw new AssertionError("a record out of bounds");
            }
            if (Offload.isSuperFrame(reader.offload())) {
                cut(reader);
            }
            records++;
            if (reassemble && reader.kind() == TunnelCodec.KIND_FRAGMENT) {
                reassemble(reader);
            }
        }
        if (reader.error() != null) {
            drops.increment(reader.error());
        }
    }

    /** As a port would that cannot pass it on whole. */
    private void cut(RecordReader reader) {
        segmenter.wrap(datagram, reader.bodyOffset(), reader.bodyLength(), reader.offload());
        int size = Offload.gsoSize(reader.offload());
        int segments = segmenter.segmentCount(size);
        int last = (segments - 1) * size;
        if (segments < 2 || segmenter.headerBytes() + segmenter.payloadBytes() != reader.bodyLength()
            || last >= segmenter.payloadBytes()) {
            throw new AssertionError("a super-frame of " + segments + " segments");
        }
        segmenter.writeHeaders(last, segmenter.payloadBytes() - last, headers, 0);
        superFrames++;
    }

    private void reassemble(RecordReader reader) {
        int slot = reassembly.onFragment(reader.linkId(), reader.frameId(), reader.fragmentOffset(),
            reader.frameLength(), datagram, reader.bodyOffset(), reader.bodyLength(), reader.offload(),
            nowNs);
        if (slot != Reassembly.NONE) {
            if (reassembly.frameLength(slot) > SLOT_BYTES) {
                throw new AssertionError("a frame longer than its slot");
            }
            frames++;
            reassembly.take(slot, reassembly.frameOffset(slot));
        }
        if (reassembly.inUse() < 0 || reassembly.inUse() > SLOTS) {
            throw new AssertionError("slots in use: " + reassembly.inUse());
        }
    }

    /** No byte beside the slots has changed. */
    void assertCanaries() {
        for (int slot = 0; slot < SLOTS; slot++) {
            for (int at = 0; at < GAP_BYTES; at += Long.BYTES) {
                if (storage.getLong(slot * (SLOT_BYTES + GAP_BYTES) + SLOT_BYTES + at) != CANARY) {
                    throw new AssertionError("written beyond slot " + slot);
                }
            }
        }
    }

    Counters<DropReason> drops() {
        return drops;
    }

    /** Valid records read. */
    long records() {
        return records;
    }

    /** Valid super-frames read and cut. */
    long superFrames() {
        return superFrames;
    }

    /** Frames put together. */
    long frames() {
        return frames;
    }

    int sessionIndex() {
        return session.localIndex();
    }
}
