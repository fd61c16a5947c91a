package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private ConsoleProgress progress(boolean terminal) {
        return new ConsoleProgress(new PrintStream(bytes, true, StandardCharsets.UTF_8), terminal);
    }

    private String text() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void writesPlainLinesOfWhatHasEnded() {
        ConsoleProgress progress = progress(false);
        progress.begin("a", "starts");
        progress.begin("b", "starts");
        progress.done("a", "up");
        progress.failed("b", "died");
        assertThat(text().lines().map(String::strip).map(line -> line.replaceAll(" +", " ")))
            .containsExactly("ok a up", "FAILED b died");
        assertThat(text()).doesNotContain("\u001b");
    }

    @Test
    void rewritesWhatIsUnderWayOnATerminal() {
        ConsoleProgress progress = progress(true);
        progress.begin("a", "starts");
        progress.begin("b", "starts");
        bytes.reset();
        progress.done("a", "up");
        assertThat(text()).startsWith("\u001b[2A\r\u001b[J").contains("ok", "...     b");
        bytes.reset();
        progress.done("b", "up");
        assertThat(text()).startsWith("\u001b[1A\r\u001b[J").doesNotContain("...");
    }

    @Test
    void takesAwayWhatWillNotEnd() {
        ConsoleProgress progress = progress(true);
        progress.begin("a", "starts");
        bytes.reset();
        progress.abandon();
        progress.done("b", "up");
        assertThat(text()).startsWith("\u001b[1A\r\u001b[J").doesNotContain("...");
    }

    @Test
    void fitsASmallTerminal() {
        ConsoleProgress progress = progress(true);
        for (int i = 0; i < 100; i++) {
            progress.begin("guest" + i, "boots ".repeat(100));
        }
        bytes.reset();
        progress.begin("last", "boots");
        assertThat(text().lines()).hasSizeLessThan(20).allSatisfy(line -> assertThat(line.length()).isLessThan(90))
            .anySatisfy(line -> assertThat(line).contains("and 89 more"));
    }
}
