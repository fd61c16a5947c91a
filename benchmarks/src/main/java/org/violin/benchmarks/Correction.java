package org.violin.benchmarks;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.violin.dataplane.sys.FecEncoder;
import org.violin.dataplane.sys.FecSolver;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * What forward error correction costs for each protected datagram, of symbols of 1,408 bytes in blocks of ten with four
 * of parity: nanoseconds; 20 Gbit/s of data are 563.
 */
public class Correction extends MicroBenchmark {
    private static final int MEMBERS = 10;
    private static final int ROWS = 4;
    private static final int SYMBOL_BYTES = 1408;
    private static final int DATAGRAM_BYTES = ParityCodec.SYMBOL + SYMBOL_BYTES;
    private static final int STRIDE = 2048;

    private final UnsafeBuffer datagrams = new UnsafeBuffer(BufferUtil.allocateDirectAligned(MEMBERS * STRIDE, 64));
    private final UnsafeBuffer copy = new UnsafeBuffer(BufferUtil.allocateDirectAligned(MEMBERS * STRIDE, 64));
    private FecEncoder encoder;
    private FecSolver solver;
    private long counter;

    @Setup
    public void open() {
        encoder = new FecEncoder(DATAGRAM_BYTES);
        encoder.shape(MEMBERS, ROWS, 1);
        solver = new FecSolver();
        for (int i = 0; i < MEMBERS * STRIDE; i++) {
            datagrams.putByte(i, (byte) (i * 31));
        }
    }

    @TearDown
    public void close() {
        encoder.close();
        solver.close();
    }

    /** Making all parity of a block. */
    @Benchmark
    @OperationsPerInvocation(MEMBERS)
    public int encode() {
        for (int i = 0; i < MEMBERS; i++) {
            TunnelCodec.writeHeader(datagrams, i * STRIDE, TunnelCodec.TYPE_DATA, 1, counter++);
            encoder.add(datagrams, i * STRIDE, DATAGRAM_BYTES);
        }
        int freed = 0;
        for (int block = 0; block < encoder.blocks(); block++) {
            if (encoder.members(block) == MEMBERS) {
                encoder.free(block);
                freed++;
            }
        }
        return freed;
    }

    /** Bringing back as many as there is parity for, the worst there is. */
    @Benchmark
    @OperationsPerInvocation(MEMBERS)
    public boolean decode() {
        solver.begin(MEMBERS);
        for (int i = 0; i < MEMBERS; i++) {
            if (i < ROWS) {
                solver.addTarget(copy, i * STRIDE);
                solver.addParity(i, copy, (MEMBERS - 1 - i) * STRIDE);
            } else {
                solver.addMember(i, datagrams, i * STRIDE);
            }
        }
        return solver.solve(SYMBOL_BYTES);
    }

    /** Reading each datagram once. */
    @Override
    protected long limit() {
        for (int i = 0; i < MEMBERS; i++) {
            copy.putBytes(i * STRIDE, datagrams, i * STRIDE, SYMBOL_BYTES);
        }
        return copy.getByte(0);
    }
}
