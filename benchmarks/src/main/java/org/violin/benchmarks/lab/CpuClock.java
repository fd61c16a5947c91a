package org.violin.benchmarks.lab;

import java.util.List;
import java.util.Optional;

/**
 * CPU time, from /proc. That of the whole machine is what a load is charged with: the kernel does much of a tunnel's
 * work in soft interrupts, which belong to no process, and all of a kernel tunnel's.
 */
public final class CpuClock {
    /** The kernel shows times to programs in this unit on every architecture that Violin runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private CpuClock() {
    }

    /** Seconds, summed over the CPUs, in which this machine was not idle since it started; without stolen time. */
    public static double machineSeconds() {
        return machineSeconds(Proc.read("/proc/stat").orElseThrow());
    }

    /** {@code cpu user nice system idle iowait irq softirq steal ...} is the first line. */
    static double machineSeconds(String stat) {
        String[] fields = stat.lines().findFirst().orElseThrow().split(" +");
        long ticks = 0;
        for (int i : new int[] {1, 2, 3, 6, 7}) {
            ticks += Long.parseLong(fields[i]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Seconds of CPU that processes used since they started; those that have ended count nothing. */
    public static double processSeconds(List<Long> pids) {
        return pids.stream().map(pid -> Proc.read("/proc/" + pid + "/stat")).flatMap(Optional::stream)
            .mapToDouble(CpuClock::processSeconds).sum();
    }

    /** Fields 14 and 15 of {@code pid (name) state ...}; the name may have blanks and brackets in it. */
    static double processSeconds(String stat) {
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }
}
