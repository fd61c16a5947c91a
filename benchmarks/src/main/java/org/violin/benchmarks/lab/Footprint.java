package org.violin.benchmarks.lab;

import java.util.List;
import java.util.Optional;

/**
 * Memory of a side's processes, summed; libraries that they share count in each.
 *
 * @param residentBytes now
 * @param peakBytes     the most there was since each process started
 */
public record Footprint(long residentBytes, long peakBytes) {

    /** Empty if no process is left: a kernel's tunnel has none. */
    public static Optional<Footprint> of(List<Long> pids) {
        return pids.stream().map(pid -> Proc.read("/proc/" + pid + "/status")).flatMap(Optional::stream)
            .map(Footprint::parse).reduce((one, other) -> new Footprint(one.residentBytes + other.residentBytes,
                one.peakBytes + other.peakBytes));
    }

    /** A process that is ending has no such fields any more. */
    public static Footprint parse(String status) {
        return new Footprint(Proc.number(status, "VmRSS:") * 1024, Proc.number(status, "VmHWM:") * 1024);
    }
}
