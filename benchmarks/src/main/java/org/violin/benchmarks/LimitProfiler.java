package org.violin.benchmarks;

import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.ScalarResult;

/** Puts the machine's limit beside each figure of a {@link MicroBenchmark}, and how many times that the figure is. */
public final class LimitProfiler implements InternalProfiler {
    /** Names of what it adds. */
    public static final String LIMIT = "limit";
    public static final String TIMES_LIMIT = "timesLimit";

    @Override
    public String getDescription() {
        return "The machine's limit for the same work, measured between the iterations";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        // The benchmark measures the limit itself.
    }

    @Override
    public Collection<ScalarResult> afterIteration(
        BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        if (result.getRawPrimaryResults().isEmpty()) {
            // It failed, which JMH tells afterwards.
            return List.of();
        }
        double limit = MicroBenchmark.limitNs();
        ScalarResult beside = new ScalarResult(LIMIT, limit, "ns/op", AggregationPolicy.AVG);
        // Another mode or unit, by an option, has no such ratio.
        return result.getScoreUnit().equals("ns/op") ? List.of(beside, new ScalarResult(TIMES_LIMIT,
            result.getPrimaryResult().getScore() / limit, "x", AggregationPolicy.AVG)) : List.of(beside);
    }
}
