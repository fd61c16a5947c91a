package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every file of {@code src/test/resources/topology/bad} gives exactly the errors in the file of the same name that ends
 * in {@code .errors}. After a deliberate change run with {@code -Dviolin.golden.update=true} and read the difference.
 */
class BadTopologyTest {
    private static final Path FOLDER = Path.of("src/test/resources/topology/bad");

    static Stream<String> files() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith(".yaml")).sorted()
                .toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("files")
    void everyErrorIsToldAtOnceWithItsPlace(String name) throws IOException {
        List<String> told = errors(name, Files.readAllBytes(FOLDER.resolve(name)));
        Path expected = FOLDER.resolve(name.replace(".yaml", ".errors"));
        if (Boolean.getBoolean("violin.golden.update")) {
            Files.write(expected, told);
        }
        assertThat(told).isNotEmpty().containsExactlyElementsOf(Files.readAllLines(expected));
    }

    private static List<String> errors(String name, byte[] content) {
        try {
            TopologyFile.parse(name, content);
        } catch (TopologyException e) {
            return e.errors().stream().map(TopologyError::toString).toList();
        }
        return fail(name + " is taken for a valid topology");
    }
}
