package org.violin.benchmarks;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What it costs to hand something to another thread and to get it back: nanoseconds for two hand-offs, each by a queue
 * of its own. Both threads ask without a rest, so this needs two cores that have nothing else to do.
 */
public class QueueHandOff extends MicroBenchmark {
    private static final int PING = 0;
    /** Not in the same pair of cache lines. */
    private static final int PONG = 128;

    @Param
    private HandOffQueue.Make queue;

    private final UnsafeBuffer words = new UnsafeBuffer(BufferUtil.allocateDirectAligned(2 * PONG, PONG));
    private HandOffQueue there;
    private HandOffQueue back;
    private Thread echo;
    /** What the other thread answers: a word, or the queue. */
    private volatile boolean isBare;
    private volatile boolean stopped;

    @Setup
    public void start() {
        there = queue.make();
        back = queue.make();
        echo = Thread.ofPlatform().daemon().name("echo").start(this::echo);
    }

    @TearDown
    public void stop() throws InterruptedException {
        stopped = true;
        echo.join();
    }

    private void echo() {
        long answered = 0;
        while (!stopped) {
            if (!isBare) {
                if (there.poll()) {
                    back.offer();
                }
            } else if (words.getLongAcquire(PING) != answered) {
                words.putLongRelease(PONG, ++answered);
            }
        }
    }

    @Benchmark
    public boolean thereAndBack() {
        answer(false);
        boolean went = there.offer();
        while (!back.poll()) {
            // The other core has its turn.
        }
        return went;
    }

    /** A bare word there, and another back. */
    @Override
    protected long limit() {
        answer(true);
        long sequence = words.getLongAcquire(PONG) + 1;
        words.putLongRelease(PING, sequence);
        while (words.getLongAcquire(PONG) != sequence) {
            // The other core has its turn.
        }
        return sequence;
    }

    /** Writes only what changes: a write takes the line away from the other core. */
    private void answer(boolean bare) {
        if (isBare != bare) {
            isBare = bare;
        }
    }
}
