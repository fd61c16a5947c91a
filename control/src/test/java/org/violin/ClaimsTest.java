package org.violin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What docs/violin-paper.md says is shown by a test is shown by one that there is. */
class ClaimsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern CLAIM = Pattern.compile("`(\\w+(?:IT|Test))\\.(\\w+)`");

    @Test
    void everyTestThatIsNamedIsThere() throws IOException {
        Matcher claims = CLAIM.matcher(Files.readString(ROOT.resolve("docs/violin-paper.md")));
        List<String> missing = new ArrayList<>();
        int named = 0;
        while (claims.find()) {
            named++;
            if (!source(claims.group(1)).contains(" void " + claims.group(2) + "(")) {
                missing.add(claims.group());
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(20);
    }

    private static String source(String name) throws IOException {
        for (String module : List.of("control", "dataplane", "benchmarks")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/test/java"))) {
                Optional<Path> found =
                    files.filter(file -> file.getFileName().toString().equals(name + ".java")).findFirst();
                if (found.isPresent()) {
                    return Files.readString(found.get());
                }
            }
        }
        throw new AssertionError("no test " + name);
    }
}
