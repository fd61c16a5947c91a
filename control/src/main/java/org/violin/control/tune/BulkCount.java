package org.violin.control.tune;

import java.util.concurrent.TimeUnit;

/**
 * What has come of a bulk stream in a window of time, which begins when the stream has found its pace. A window in
 * which nothing more comes goes on all the same. Thread-safe.
 */
final class BulkCount {
    /** Slow start is over by then, and error correction has learned what gets lost. */
    private static final long LEAD_NANOS_MAX = TimeUnit.SECONDS.toNanos(2);

    private final DaemonCpu cpu;
    private final long lengthNanos;
    private boolean begun;
    private long fromNanos;
    private long bytes;
    /** At the first bytes of the window; -1: none yet. */
    private long cpuAtBegin = -1;
    /** When the window was over; -1: it is not. */
    private long cpuAtEnd = -1;

    BulkCount(DaemonCpu cpu, long lengthNanos) {
        this.cpu = cpu;
        this.lengthNanos = lengthNanos;
    }

    /** How long a stream goes on before a window of such a length. */
    static long leadNanos(long lengthNanos) {
        return Math.min(LEAD_NANOS_MAX, lengthNanos);
    }

    synchronized void begin(long nowNanos) {
        begun = true;
        fromNanos = nowNanos + leadNanos(lengthNanos);
    }

    synchronized void take(int length, long nowNanos) {
        if (nowNanos - fromNanos < 0 || cpuAtEnd >= 0) {
            return;
        }
        if (nowNanos - fromNanos >= lengthNanos) {
            end();
            return;
        }
        cpuAtBegin = cpuAtBegin < 0 ? cpu.nanos() : cpuAtBegin;
        bytes += length;
    }

    /** The stream has ended. */
    synchronized void end() {
        if (cpuAtEnd < 0) {
            cpuAtEnd = cpu.nanos();
        }
    }

    synchronized long bytes() {
        return bytes;
    }

    /** Of the window so far. */
    synchronized long nanos(long nowNanos) {
        return begun ? Math.clamp(nowNanos - fromNanos, 0, lengthNanos) : 0;
    }

    synchronized long cpuNanos() {
        return cpuAtBegin < 0 ? 0 : (cpuAtEnd < 0 ? cpu.nanos() : cpuAtEnd) - cpuAtBegin;
    }
}
