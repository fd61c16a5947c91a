package org.violin.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Without its annotation processor JMH finds no benchmark, and says nothing. */
class BenchmarksAreFoundTest {

    @Test
    void theProcessorHasListedThem() {
        assertThat(benchmarks())
            .anyMatch(benchmark -> benchmark.getUsername().startsWith(SwitchDecision.class.getName()));
    }

    /** {@link LimitProfiler} would show one benchmark's limit beside another's figure. */
    @Test
    void eachHasItsLimit() throws ClassNotFoundException {
        for (BenchmarkListEntry benchmark : benchmarks()) {
            assertThat(MicroBenchmark.class).isAssignableFrom(Class.forName(benchmark.getUserClassQName()));
        }
    }

    private static Set<BenchmarkListEntry> benchmarks() {
        return BenchmarkList.defaultList().getAll(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
    }
}
