package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConsoleTest {
    /** More than is shown. */
    private static final int MANY = 1000;

    @TempDir
    private Path directory;
    private Console console;

    @BeforeEach
    void make() {
        console = new Console(new GuestDirectory(directory));
    }

    private void write(String suffix, String text) throws IOException {
        Files.writeString(directory.resolve(GuestDirectory.CONSOLE_LOG + suffix), text);
    }

    private static String lines(String word) {
        return IntStream.range(0, MANY).mapToObj(i -> word + " " + i + "\n").collect(Collectors.joining());
    }

    @Test
    void theTailIsOfTheLastWholeLines() throws IOException {
        write(".1", lines("older"));
        write("", lines("line"));
        assertThat(console.tail().lines()).hasSizeBetween(100, MANY - 1).allMatch(line -> line.matches("line \\d+"))
            .last().isEqualTo("line " + (MANY - 1));
    }

    @Test
    void aLogThatWasCutJustNowIsContinuedBackwards() throws IOException {
        write(".1", lines("older"));
        write("", "\u001b[1mKernel panic\u001b[0m\r\n");
        assertThat(console.tail().lines()).hasSizeGreaterThan(100).endsWith("older " + (MANY - 1), "Kernel panic");
    }

    @Test
    void whatSaidNothingHasNoTail() throws IOException {
        assertThat(console.tail()).isEmpty();
        write("", "");
        assertThat(console.tail()).isEmpty();
    }
}
