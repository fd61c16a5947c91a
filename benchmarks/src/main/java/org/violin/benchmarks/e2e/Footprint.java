package org.violin.benchmarks.e2e;

import java.util.List;
import java.util.Optional;

/**
 * Memory of a side's processes, summed; libraries that they share count in each.
 *
 * @param residentBytes now
 * @param peakBytes     the most there was since each process started
 */
record Footprint(long residentBytes, long peakBytes) {

    /** Empty if no process is left: a kernel's tunnel has none. */
    static Optional<Footprint> of(List<Long> pids) {
        return pids.stream().map(pid -> Proc.read("/proc/" + pid + "/status")).flatMap(Optional::stream)
            .map(Footprint::parse).reduce((one, other) -> new Footprint(one.residentBytes + other.residentBytes,
                one.peakBytes + other.peakBytes));
    }

    /** A process that is ending has no such fields any more. */
    static Footprint parse(String status) {
        return new Footprint(field(status, "VmRSS:"), field(status, "VmHWM:"));
    }

    private static long field(String status, String name) {
        return status.lines().filter(line -> line.startsWith(name)).findFirst()
            .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024).orElse(0L);
    }
}
