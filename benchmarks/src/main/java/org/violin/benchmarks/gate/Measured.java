package org.violin.benchmarks.gate;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.violin.benchmarks.LimitProfiler;

/**
 * What a benchmark took, in the best of its iterations: what else runs on the machine only ever adds.
 *
 * @param ns         nanoseconds an operation, in the iteration with the lowest ratio
 * @param limitNs    the machine's limit, measured right before it
 * @param allocBytes the fewest bytes that an invocation allocated in an iteration
 */
record Measured(double ns, double limitNs, double allocBytes) {
    /** The smallest object is of 16 bytes; what the measuring itself allocates is less, spread over an iteration. */
    private static final double OBJECT_BYTES = 16;

    /** The best of all iterations. */
    static Measured of(RunResult result) {
        Measured best = new Measured(Double.POSITIVE_INFINITY, 1, Double.POSITIVE_INFINITY);
        int invocation = result.getParams().getOpsPerInvocation();
        for (BenchmarkResult fork : result.getBenchmarkResults()) {
            for (IterationResult iteration : fork.getIterationResults()) {
                best = best.orBetter(new Measured(iteration.getPrimaryResult().getScore(),
                    score(iteration, LimitProfiler.LIMIT), score(iteration, "gc.alloc.rate.norm") * invocation));
            }
        }
        return best;
    }

    private static double score(IterationResult iteration, String label) {
        return iteration.getSecondaryResults().get(label).getScore();
    }

    Measured orBetter(Measured other) {
        Measured faster = other.times() < times() ? other : this;
        return new Measured(faster.ns, faster.limitNs, Math.min(allocBytes, other.allocBytes));
    }

    /** How many times the limit it took. */
    double times() {
        return ns / limitNs;
    }

    /** What is wrong with it; empty: nothing. */
    List<String> faults(Bound bound) {
        List<String> faults = new ArrayList<>();
        if (times() > bound.mostTimes()) {
            faults.add(String.format(Locale.ROOT, "%.2f times the limit, at most %.2f is good", times(),
                bound.mostTimes()));
        }
        if (allocBytes >= OBJECT_BYTES) {
            faults.add(String.format(Locale.ROOT, "%.0f bytes allocated by each invocation", allocBytes));
        }
        return faults;
    }
}
