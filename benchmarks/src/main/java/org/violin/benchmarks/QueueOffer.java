package org.violin.benchmarks;

import java.util.concurrent.atomic.AtomicLong;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** What a queue itself costs: nanoseconds to put something in and to take it out again, on one thread. */
public class QueueOffer extends MicroBenchmark {
    @Param
    private HandOffQueue.Make queue;

    private final AtomicLong word = new AtomicLong();
    private HandOffQueue subject;

    @Setup
    public void make() {
        subject = queue.make();
    }

    @Benchmark
    public boolean offerAndPoll() {
        return subject.offer() & subject.poll();
    }

    /** One word, written and read in the order that another thread would rely on. */
    @Override
    protected long limit() {
        word.setRelease(word.getAcquire() + 1);
        return word.getAcquire();
    }
}
