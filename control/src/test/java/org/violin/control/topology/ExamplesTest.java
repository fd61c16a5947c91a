package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is a valid topology that can be planned. */
class ExamplesTest {
    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("../examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isValidAndPlans(Path file) throws TopologyException {
        Plan plan = Planner.plan(TopologyFile.load(file));
        assertThat(file.getFileName()).hasToString(plan.network() + ".yaml");
        PlanAssert.assertSound(plan);
    }
}
