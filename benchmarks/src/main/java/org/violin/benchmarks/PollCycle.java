package org.violin.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.sys.OffHeap;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.UringPoller;

/**
 * What a cycle of each poller costs: nanoseconds to send some frames of 64 bytes, to learn that they have come, and to
 * take them, all through the kernel.
 */
public class PollCycle extends MicroBenchmark {
    private static final int SLOTS = 1024;
    private static final long WAIT_NS = 1_000_000_000;

    /** The pollers there are. */
    public enum Engine { EPOLL, IO_URING }

    @Param
    private Engine engine;

    @Param
    private FrameLoop.Kind socket;

    @Param({"1", "8", "64"})
    private int frames;

    private OffHeap memory;
    private FramePool pool;
    private Poller poller;
    private EpollPoller silent;
    private FrameLoop loop;
    private FrameLoop bare;

    @Setup
    public void open() throws IOException {
        memory = OffHeap.map(FramePool.storageBytes(SLOTS, FramePool.SLOT_BYTES));
        pool = new FramePool(memory.buffer(), SLOTS, FramePool.SLOT_BYTES);
        poller = engine == Engine.EPOLL ? new EpollPoller() : new UringPoller(pool);
        silent = new EpollPoller();
        loop = socket.open(poller, pool);
        bare = socket.open(silent, pool);
    }

    @TearDown
    public void close() {
        loop.close();
        bare.close();
        poller.close();
        silent.close();
        memory.close();
    }

    @Benchmark
    public int cycle() {
        loop.send(frames);
        int taken = 0;
        while (taken < frames) {
            if (poller.poll(WAIT_NS) == 0) {
                throw new IllegalStateException("after " + taken + " of " + frames + " frames nothing comes");
            }
            taken += loop.receive();
        }
        return taken;
    }

    /** Sending and taking the same frames by the same calls, without asking first. */
    @Override
    protected long limit() {
        bare.send(frames);
        int taken = 0;
        while (taken < frames) {
            taken += bare.receive();
        }
        return taken;
    }
}
