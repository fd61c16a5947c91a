package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every example is a valid topology that can be planned, also with the lines in it that are for later. */
class ExamplesTest {
    private static final Pattern LATER = Pattern.compile("(?m)^#\\+");

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("../examples"))) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isValidAndPlans(Path file) throws Exception {
        Plan plan = Planner.plan(TopologyFile.load(file));
        assertThat(file.getFileName()).hasToString(plan.network() + ".yaml");
        PlanAssert.assertSound(plan);

        String later = LATER.matcher(Files.readString(file)).replaceAll("");
        PlanAssert.assertSound(
            Planner.plan(TopologyFile.parse(file.toString(), later.getBytes(StandardCharsets.UTF_8))));
    }
}
