package org.violin.benchmarks;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.wire.Ethernet;

/**
 * What one decision costs: nanoseconds a frame, whose source and destination are drawn at random from all stations, so
 * that large tables do not fit the first caches.
 */
public class SwitchDecision extends MicroBenchmark {
    private static final int FRAMES = 64;
    private static final int ROUNDS = 1024;
    /** An odd number of cache lines, so that headers don't compete for a few of the cache's sets. */
    private static final int STRIDE_BYTES = 2048 + 64;
    private static final int PORTS = 16;
    private static final long STATION = 0x0200_0000_0000L;

    /** HIT: a known station; MISS: an unknown one, looked up in vain; FLOOD: broadcast, not looked up. */
    public enum Destination { HIT, MISS, FLOOD }

    @Param({"100", "1000", "10000", "100000", "1000000"})
    private int stations;

    /** Frames that are decided by one call. */
    @Param({"64", "8", "1"})
    private int batch;

    @Param
    private Destination destination;

    private Switch subject;
    private UnsafeBuffer storage;
    private long[] sources;
    private long[] destinations;
    /** Of each batch, for even rounds and for odd. */
    private final int[][][] offsets = new int[2][][];
    private final int[] lengths = new int[FRAMES];
    private final int[] verdicts = new int[FRAMES];
    private int round;
    /** A word for each of the table's. */
    private long[] words;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(20_030_027);
        int capacity = Math.max(64, Integer.highestOneBit(stations) * 4);
        subject = new Switch(new MacTable(capacity, 300, random.nextLong(), 0));
        for (int port = 0; port < PORTS; port++) {
            subject.addPort(port);
        }
        for (int i = 0; i < stations; i++) {
            subject.table().learn(STATION + i, i % PORTS);
        }
        sources = new long[ROUNDS * FRAMES];
        destinations = new long[ROUNDS * FRAMES];
        for (int i = 0; i < sources.length; i++) {
            // Sources of port 0, where the batches come in; destinations anywhere else.
            sources[i] = STATION + random.nextInt(stations / PORTS) * (long) PORTS;
            long known = STATION + random.nextInt(stations / PORTS) * (long) PORTS + 1 + random.nextInt(PORTS - 1);
            destinations[i] = switch (destination) {
                case HIT -> known;
                case MISS -> known + (1L << 32);
                case FLOOD -> Ethernet.BROADCAST;
            };
        }
        words = new long[capacity];
        storage = new UnsafeBuffer(BufferUtil.allocateDirectAligned(2 * FRAMES * STRIDE_BYTES, 64));
        Arrays.fill(lengths, 64);
        for (int half = 0; half < 2; half++) {
            offsets[half] = new int[FRAMES / batch][batch];
            for (int i = 0; i < FRAMES; i++) {
                offsets[half][i / batch][i % batch] = (half * FRAMES + i) * STRIDE_BYTES;
            }
        }
        receive();
    }

    /**
     * Writes the headers of the next round's frames, and returns which are this round's. Those are in memory by now: a
     * processor that reads what it has just written, in other pieces, waits, as it never does for a kernel's frames.
     */
    private int[][] receive() {
        int[][] ready = offsets[round & 1];
        int first = (++round & ROUNDS - 1) * FRAMES;
        int at = (round & 1) * FRAMES * STRIDE_BYTES;
        for (int i = first; i < first + FRAMES; i++) {
            storage.putLong(at, destinations[i] << 16 | sources[i] >>> 32, ByteOrder.BIG_ENDIAN);
            storage.putInt(at + 8, (int) sources[i], ByteOrder.BIG_ENDIAN);
            at += STRIDE_BYTES;
        }
        return ready;
    }

    /** Writing the headers alone: to be subtracted. */
    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int baseline() {
        return storage.getInt(receive()[0][0]);
    }

    @Benchmark
    @OperationsPerInvocation(FRAMES)
    public int decide() {
        int sum = 0;
        for (int[] offsetsOfBatch : receive()) {
            subject.decide(0, storage, offsetsOfBatch, lengths, batch, verdicts);
            sum += verdicts[0];
        }
        return sum;
    }

    /** Writing the headers, and reading a word of as large a table for each address that is looked up. */
    @Override
    protected long limit() {
        long sum = storage.getInt(receive()[0][0]);
        int first = (round & ROUNDS - 1) * FRAMES;
        for (int i = first; i < first + FRAMES; i++) {
            sum += word(sources[i]);
            sum += destination == Destination.FLOOD ? 0 : word(destinations[i]);
        }
        return sum;
    }

    private long word(long mac) {
        return words[(int) (mac * 0x9E37_79B9_7F4A_7C15L >>> 32) & words.length - 1];
    }
}
