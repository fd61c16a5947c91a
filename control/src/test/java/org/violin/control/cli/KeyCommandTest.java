package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.regex.Pattern;
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
    void anIdentityIsPrintedByTheFingerprintThatOthersPin() throws Exception {
        Path file = directory.resolve("host-a.pem");
        assertThat(Main.run("key", "new", file.toString())).isEqualTo(Exit.OK);
        String told = out();
        assertThat(told).matches(Pattern.quote(file + ": identity, fingerprint ") + "[A-Za-z0-9+/]{43}=\n");
        forget();
        assertThat(Main.run("key", "show", file.toString())).isEqualTo(Exit.OK);
        assertThat(out()).isEqualTo(told);
        forget();
        assertThat(Main.run("key", "show", "--certificate", file.toString())).isEqualTo(Exit.OK);
        assertThat(out()).startsWith("-----BEGIN CERTIFICATE-----\n").doesNotContain("PRIVATE");
        assertThat(Files.readString(file)).contains("-----BEGIN PRIVATE KEY-----").endsWith(out());
        assertThat(err()).isEmpty();
    }

    @Test
    void aCaSignsForAHostThatAppendsTheCertificate() throws Exception {
        Path ca = directory.resolve("ca.pem");
        Path host = directory.resolve("host-a.pem");
        assertThat(Main.run("ca", "new", ca.toString(), "--name", "ours", "--days", "30")).isEqualTo(Exit.OK);
        assertThat(out()).startsWith(ca + ": CA CN=ours, valid until ");
        Main.run("key", "new", host.toString());
        forget();
        Main.run("key", "show", "--certificate", host.toString());
        Path certificate = Files.writeString(directory.resolve("host-a.crt"), out());
        forget();
        assertThat(Main.run("ca", "sign", "--ca", ca.toString(), "--name", "host-a", "--days", "20",
            certificate.toString())).as(err()).isEqualTo(Exit.OK);
        Files.writeString(host, out(), StandardOpenOption.APPEND);
        forget();
        assertThat(Main.run("key", "show", host.toString())).isEqualTo(Exit.OK);
        assertThat(out()).startsWith(host + ": identity of host-a, valid until ").contains(", fingerprint ");

        assertThat(Main.run("ca", "sign", "--ca", ca.toString(), "--name", "host-a", certificate.toString()))
            .isEqualTo(Exit.FAILED);
        assertThat(err()).contains(ca + ": is valid until ", "cannot sign for 365 days");
        forget();
        assertThat(Main.run("ca", "sign", "--ca", host.toString(), "--name", "b", certificate.toString()))
            .isEqualTo(Exit.FAILED);
        assertThat(err()).contains("is a host's identity, not a CA");
        forget();
        assertThat(Main.run("ca", "sign", "--ca", ca.toString(), "--name", "b", host.toString()))
            .isEqualTo(Exit.FAILED);
        assertThat(err()).contains("holds a private key");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ca", "ca nonsense", "ca new", "ca new f --days 0", "ca new f --name -", "ca sign f",
        "ca sign --ca f --name n"})
    void aWrongCommandLineOfTheCaEndsWith2(String line) {
        assertThat(Main.run(line.split(" "))).isEqualTo(Exit.USAGE);
        assertThat(err()).startsWith("violin: ").contains("usage: violin ca", "--help").doesNotContain("Exception");
        assertThat(Path.of("f")).doesNotExist();
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
    @ValueSource(strings = {"key", "key nonsense", "key new", "key new --shared", "key new f g", "key show",
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
