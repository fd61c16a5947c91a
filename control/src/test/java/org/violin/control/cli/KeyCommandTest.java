package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code violin key}, as a user types it. */
class KeyCommandTest extends CapturedOutput {
    @TempDir
    private Path directory;

    @Test
    void aNewKeyIsShownByItsFingerprintAlone() throws Exception {
        Path file = directory.resolve("tunnel.key");
        assertThat(Main.run("key", "new", "--shared", file.toString())).isEqualTo(Exit.OK);
        String told = out();
        assertThat(told).matches(file + ": shared key, fingerprint [0-9a-f]{16}\n");
        forget();
        assertThat(Main.run("key", "show", file.toString())).isEqualTo(Exit.OK);
        assertThat(out()).isEqualTo(told).doesNotContain(Files.readString(file).strip());
        assertThat(err()).isEmpty();
    }

    @Test
    void aFileThatIsThereEndsWith1AndStays() throws Exception {
        Path file = Files.writeString(directory.resolve("tunnel.key"), "precious");
        assertThat(Main.run("key", "new", "--shared", file.toString())).isEqualTo(Exit.FAILED);
        assertThat(err()).startsWith("violin: " + file + ": is there already").doesNotContain("Exception", "\tat ");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aFileThatOthersCanReadEndsWith1AndTheMend() throws Exception {
        Path file = directory.resolve("tunnel.key");
        Main.run("key", "new", "--shared", file.toString());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Main.run("key", "show", file.toString())).isEqualTo(Exit.FAILED);
        assertThat(err()).isEqualTo("violin: " + file + ": is open to other users (mode 0644): chmod 600 " + file
            + "\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"key", "key nonsense", "key new", "key new --shared", "key new f", "key show",
        "key show a b", "key new --shared f g"})
    void aWrongCommandLineEndsWith2AndOneLineOfUsage(String line) {
        assertThat(Main.run(line.split(" "))).isEqualTo(Exit.USAGE);
        assertThat(err()).startsWith("violin: ").contains("usage: violin key", "--help").doesNotContain("Exception");
        assertThat(err().lines()).hasSizeLessThan(5);
        assertThat(Path.of("f")).doesNotExist();
    }

    @Test
    void helpHasExamplesThatParse() {
        for (String name : new String[] {"new", "show"}) {
            forget();
            assertThat(Main.run("key", name, "--help")).isZero();
            assertThat(out()).contains("Usage: violin key " + name, "For example: violin key " + name);
        }
        forget();
        assertThat(Main.run("key", "--help")).isZero();
        assertThat(out()).contains("new", "show", "violin key new --shared tunnel.key");
    }

    @Test
    void debugShowsWhereAnErrorComesFrom() {
        String none = directory.resolve("none").toString();
        assertThat(Main.run("key", "show", none, "--debug")).isEqualTo(Exit.FAILED);
        assertThat(err()).contains(none + ": ENOENT: no such file or directory", "\tat ");
    }
}
