package org.violin.benchmarks.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

class GateTest {
    private static final Bound BOUND = new Bound("Class.method", Map.of(), 2);

    @Test
    void readsBenchmarksParametersAndBounds() {
        assertThat(Bound.read(List.of("# why", "", "A.b  x=1,y=TWO  1.5 # because", "C.d - 3"))).containsExactly(
            new Bound("A.b", Map.of("x", "1", "y", "TWO"), 1.5), new Bound("C.d", Map.of(), 3));
    }

    @ParameterizedTest
    @ValueSource(strings = {"A.b - ", "A.b - one", "A.b - 0", "A.b - -1", "A.b - NaN", "A.b x 1", "A.b x=1=2 1"})
    void namesTheLineThatIsWrong(String line) {
        assertThatThrownBy(() -> Bound.read(List.of("# first", line)))
            .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("line 2");
    }

    @Test
    void aFileWithoutBoundsIsNone() {
        assertThatThrownBy(() -> Bound.read(List.of("#"))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aBenchmarkFailsByItsRatioAndNotByItsTime() {
        assertThat(new Measured(200, 100, 0).faults(BOUND)).isEmpty();
        assertThat(new Measured(2, 1, 0).faults(BOUND)).isEmpty();
        assertThat(new Measured(2.1, 1, 0).faults(BOUND)).singleElement().asString().contains("2.10", "2.00");
    }

    @Test
    void aBenchmarkFailsByAnObject() {
        assertThat(new Measured(1, 1, 15.9).faults(BOUND)).isEmpty();
        assertThat(new Measured(1, 1, 16).faults(BOUND)).singleElement().asString().contains("16 bytes");
    }

    @Test
    void theBestOfTwoRunsCounts() {
        Measured best = new Measured(30, 10, 0).orBetter(new Measured(10, 5, 24));
        assertThat(best).isEqualTo(new Measured(10, 5, 0));
        assertThat(new Measured(10, 5, 24).orBetter(new Measured(30, 10, 0))).isEqualTo(best);
    }

    @Test
    void everyBoundIsOfABenchmarkWithItsParameters() throws IOException {
        var all = BenchmarkList.defaultList().getAll(
            OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of());
        for (Bound bound : Bound.read(Files.readAllLines(Path.of("gate.txt")))) {
            assertThat(all).filteredOn(entry -> entry.getUsername().endsWith("." + bound.benchmark()))
                .as(bound.benchmark()).singleElement().extracting(GateTest::parameters)
                .isEqualTo(bound.parameters().keySet());
        }
    }

    private static Object parameters(BenchmarkListEntry entry) {
        return entry.getParams().orElse(Map.of()).keySet();
    }
}
