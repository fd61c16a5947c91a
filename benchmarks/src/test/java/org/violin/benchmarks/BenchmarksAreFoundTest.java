package org.violin.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Without its annotation processor JMH finds no benchmark, and says nothing. */
class BenchmarksAreFoundTest {

    @Test
    void theProcessorHasListedThem() {
        var found = BenchmarkList.defaultList().getAll(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
        assertThat(found).anyMatch(benchmark -> benchmark.getUsername().startsWith(SwitchDecision.class.getName()));
    }
}
