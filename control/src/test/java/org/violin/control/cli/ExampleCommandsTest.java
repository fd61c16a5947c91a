package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

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

/** The commands that examples give to play them are commands that there are, about files that there are. */
class ExampleCommandsTest {
    /** At the beginning of a line, behind what says where or as whom; up to what the shell does with it. */
    private static final Pattern COMMAND =
        Pattern.compile("(?m)^(?:#\\s+)?(?:\\S+\\$\\s+)?(?:sudo\\s+)?violin (?!bench)([^&#>\\\\\\n]*)");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]+)(?:#[^)]*)?\\)");

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(Product.ROOT.resolve("examples"))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private static Optional<Path> topology(String[] words) {
        return words.length > 1 && words[0].equals("up") && words[1].startsWith("examples/")
            ? Optional.of(Product.ROOT.resolve(words[1])) : Optional.empty();
    }

    @Test
    void everyCommandIsOne() throws IOException {
        List<Path> played = new ArrayList<>();
        for (Path file : files()) {
            Matcher commands = COMMAND.matcher(Files.readString(file));
            while (commands.find()) {
                String[] words = commands.group(1).strip().replace("'", "").split("\\s+");
                assertThatCode(() -> Main.commandLine(words).parseArgs(words)).as(file + ": " + commands.group())
                    .doesNotThrowAnyException();
                topology(words).ifPresent(played::add);
            }
        }
        assertThat(played).hasSizeGreaterThan(10).allMatch(Files::isRegularFile);
    }

    @Test
    void theTableHasEveryTopologyAndNoDeadLink() throws IOException {
        List<Path> linked = new ArrayList<>();
        Path folder = Product.ROOT.resolve("examples");
        Matcher links = LINK.matcher(Files.readString(folder.resolve("README.md")));
        while (links.find()) {
            linked.add(folder.resolve(links.group(1)).normalize());
        }
        assertThat(linked).allMatch(Files::exists)
            .containsAll(files().stream().filter(file -> file.toString().endsWith(".yaml")).toList());
    }
}
