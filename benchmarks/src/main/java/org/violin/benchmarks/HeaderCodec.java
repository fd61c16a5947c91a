package org.violin.benchmarks;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.RecordReader;
import org.violin.dataplane.wire.TunnelCodec;

/** What the tunnel's headers cost: nanoseconds a frame, of a datagram with sixteen frames of 64 bytes. */
public class HeaderCodec extends MicroBenchmark {
    private static final int FRAMES = 16;
    private static final int FRAME_BYTES = 64;
    private static final int DATAGRAM_BYTES = 2048;
    private static final int LINK = 7;

    /** Whether each frame's checksum is partial, so that a word about it travels along. */
    @Param({"false", "true"})
    private boolean checksum;

    private final UnsafeBuffer datagram = new UnsafeBuffer(BufferUtil.allocateDirectAligned(DATAGRAM_BYTES, 64));
    private final UnsafeBuffer result = new UnsafeBuffer(BufferUtil.allocateDirectAligned(Long.BYTES, 64));
    private final RecordReader reader =
        new RecordReader(TunnelCodec.CAPABILITY_CHECKSUM | TunnelCodec.CAPABILITY_SUPER_FRAME);
    private long offload;
    private int headerBytes;
    private int length;
    private long counter;

    @Setup
    public void fill() {
        offload = checksum ? Offload.checksum(34, 6) : Offload.NONE;
        headerBytes = TunnelCodec.frameRecordHeaderBytes(offload);
        length = write();
        long bodies = TunnelCodec.HEADER_BYTES + FRAMES * (headerBytes + FRAME_BYTES);
        if (length != bodies || read() != FRAMES * (LINK + FRAME_BYTES + offload)) {
            throw new IllegalStateException("what was written does not read the same");
        }
    }

    /** The datagram's header, and one for each frame. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int write() {
        TunnelCodec.writeHeader(datagram, 0, TunnelCodec.TYPE_DATA, LINK, counter++);
        int at = TunnelCodec.HEADER_BYTES;
        for (int i = 0; i < FRAMES; i++) {
            TunnelCodec.writeFrameRecord(datagram, at, LINK, FRAME_BYTES, offload);
            at += headerBytes + FRAME_BYTES;
        }
        return at;
    }

    /** Checks the datagram, and each record in it. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public long read() {
        if (TunnelCodec.check(datagram, 0, length) != null) {
            return -1;
        }
        reader.wrap(datagram, TunnelCodec.HEADER_BYTES, length - TunnelCodec.HEADER_BYTES);
        long sum = 0;
        while (reader.next()) {
            sum += reader.linkId() + reader.bodyLength() + reader.offload();
        }
        return sum;
    }

    /** Reading the same headers by the word. */
    @Override
    protected long limit() {
        long sum = datagram.getLong(0) + datagram.getLong(TunnelCodec.COUNTER);
        int at = TunnelCodec.HEADER_BYTES;
        for (int i = 0; i < FRAMES; i++) {
            sum += datagram.getLong(at);
            if (checksum) {
                sum += datagram.getInt(at + TunnelCodec.RECORD_HEADER_BYTES);
            }
            at += headerBytes + FRAME_BYTES;
        }
        // Without a write, a compiler may read once for many rounds.
        result.putLong(0, sum);
        return sum;
    }
}
