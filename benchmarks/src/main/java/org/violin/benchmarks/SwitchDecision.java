package org.violin.benchmarks;

import java.nio.ByteOrder;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.wire.Ethernet;

/**
 * What one decision costs: nanoseconds a frame, in batches of 64 whose sources and destinations are drawn at random
 * from all stations, so that large tables do not fit the first caches.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 2, jvmArgsAppend = "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SwitchDecision {
    private static final int BATCH = 64;
    private static final int BATCHES = 1024;
    private static final int SLOT_BYTES = 2048;
    private static final int PORTS = 16;
    private static final long STATION = 0x0200_0000_0000L;

    /** HIT: a known station; MISS: an unknown one, looked up in vain; FLOOD: broadcast, not looked up. */
    public enum Destination { HIT, MISS, FLOOD }

    @Param({"100", "1000", "10000", "100000"})
    private int stations;

    @Param
    private Destination destination;

    private Switch subject;
    private UnsafeBuffer storage;
    private long[] sources;
    private long[] destinations;
    private final int[] offsets = new int[BATCH];
    private final int[] lengths = new int[BATCH];
    private final int[] verdicts = new int[BATCH];
    private int batch;

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
        sources = new long[BATCHES * BATCH];
        destinations = new long[BATCHES * BATCH];
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
        storage = new UnsafeBuffer(BufferUtil.allocateDirectAligned(BATCH * SLOT_BYTES, 64));
        for (int i = 0; i < BATCH; i++) {
            offsets[i] = i * SLOT_BYTES;
            lengths[i] = 64;
        }
    }

    private void receive() {
        int first = batch++ % BATCHES * BATCH;
        for (int i = 0; i < BATCH; i++) {
            long to = destinations[first + i];
            long from = sources[first + i];
            storage.putLong(offsets[i], to << 16 | from >>> 32, ByteOrder.BIG_ENDIAN);
            storage.putInt(offsets[i] + 8, (int) from, ByteOrder.BIG_ENDIAN);
        }
    }

    /** Writing the headers alone: to be subtracted. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int baseline() {
        receive();
        return storage.getInt(offsets[batch % BATCH]);
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int decide() {
        receive();
        subject.decide(0, storage, offsets, lengths, BATCH, verdicts);
        return verdicts[batch % BATCH];
    }
}
