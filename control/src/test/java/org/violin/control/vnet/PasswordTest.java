package org.violin.control.vnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.identity.Clients;
import org.violin.control.keys.Guesses;
import org.violin.control.keys.KeyFileException;

/** Passwords of servers: their files, and how often they may be tried. */
class PasswordTest {
    private static final String NAME = "violin-vnet-password pbkdf2-sha256 ";
    private static final String NULLS = " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    @TempDir
    private Path directory;

    @Test
    void aFileTellsWhetherAPasswordIsRightAndNotWhichIs() throws Exception {
        String text = Password.random();
        assertThat(text).hasSize(20).isNotEqualTo(Password.random());
        Path file = directory.resolve("hash");
        Password.of(text).write(file);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        assertThat(Files.readString(file)).doesNotContain(text);
        Password read = Password.read(file);
        assertThat(read.matches(text)).isTrue();
        assertThat(read.matches(text + "x")).isFalse();
        assertThat(read.matches("")).isFalse();
        assertThat(Password.of(text).hash()).as("salted").isNotEqualTo(read.hash());
        assertThat(read.toString()).isEqualTo("Password");
        assertThatThrownBy(() -> Password.of(text).write(file)).isInstanceOf(KeyFileException.class);
    }

    @Test
    void theHashIsPbkdf2() throws Exception {
        // Of Python: hashlib.pbkdf2_hmac('sha256', b'correct-horse-battery', bytes(16), 1000)
        Path file = secret(NAME + "1000 AAAAAAAAAAAAAAAAAAAAAA== JyMnwid1xoVQu+/vHPoNaXNqF4VrWO31lGD4aDHJkO8=\n");
        assertThat(Password.read(file).matches("correct-horse-battery")).isTrue();
        assertThat(Password.read(file).matches("correct-horse-batterx")).isFalse();
    }

    private Path secret(String content) throws Exception {
        Path file = directory.resolve("secret");
        Files.writeString(file, content);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "violin-vnet-password", "correct-horse-battery\n",
        NAME + "99999999 AAAAAAAAAAAAAAAAAAAAAA==" + NULLS, NAME + "1000 =AAAAAAAAAAAAAAAAAAAAAA=" + NULLS})
    void anotherFileIsRefused(String content) throws Exception {
        Path file = secret(content);
        assertThatThrownBy(() -> Password.read(file)).isInstanceOf(KeyFileException.class)
            .hasMessageContaining("violin vnet password FILE").hasMessageStartingWith(file.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"short", "with a blank in it", "umlaut-\u00e4-umlaut",
        "00000000001111111111222222222233333333334"})
    void aPasswordIsOneWord(String text) throws Exception {
        assertThatThrownBy(() -> Password.of(text)).isInstanceOf(IllegalArgumentException.class);
        Path file = secret(text + "\n");
        assertThatThrownBy(() -> Password.readText(file)).isInstanceOf(KeyFileException.class);
    }

    @Test
    void aDashIsNoPasswordAndOpensNothingByItself() {
        Request.Hello dash = new Request.Hello(Password.BY_CERTIFICATE, Request.VERSION);
        Request.Hello word = new Request.Hello("correct-horse-battery", Request.VERSION);
        Password password = Password.of(word.password());
        Clients clients = new Clients(Set.of("a key"), null);
        assertThatThrownBy(() -> Password.of(dash.password())).isInstanceOf(IllegalArgumentException.class);
        assertThat(new Admission(password, Clients.NONE).objection(dash)).contains("by its password alone");
        assertThat(new Admission(password, Clients.NONE).objection(word)).isNull();
        assertThat(new Admission(password, clients).objection(dash)).contains("none was shown");
        assertThat(new Admission(password, clients).objection(word)).isNull();
        assertThat(new Admission(null, clients).objection(dash)).contains("none was shown");
        assertThat(new Admission(null, clients).objection(word)).contains("has no password", "HELLO - 1");
        assertThatThrownBy(() -> new Admission(null, Clients.NONE)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSourceThatGuessesKeepsNobodyElseOut() throws Exception {
        long nowNs = 0;
        Guesses guesses = new Guesses(nowNs);
        InetAddress one = InetAddress.ofLiteral("192.0.2.1");
        for (int i = 0; i < Guesses.BURST; i++) {
            assertThat(guesses.take(one, nowNs)).isTrue();
        }
        for (int i = 0; i < 1000; i++) {
            assertThat(guesses.take(one, nowNs)).isFalse();
        }
        assertThat(guesses.take(InetAddress.ofLiteral("192.0.2.2"), nowNs)).isTrue();
        nowNs += TimeUnit.SECONDS.toNanos(1);
        for (boolean expected : new boolean[] {true, true, false}) {
            assertThat(guesses.take(one, nowNs)).isEqualTo(expected);
        }
    }

    @Test
    void manySourcesAreBoundedTogether() {
        Guesses guesses = new Guesses(0);
        int taken = 0;
        for (int i = 0; i < 3 * Guesses.SOURCES_MAX; i++) {
            taken += guesses.take(InetAddress.ofLiteral("10.0." + (i >> 8) + "." + (i & 255)), 0) ? 1 : 0;
        }
        assertThat(taken).isEqualTo(40);
        assertThat(guesses.sources()).isEqualTo(Guesses.SOURCES_MAX);
        Guesses network = new Guesses(0);
        for (int i = 0; i < Guesses.BURST; i++) {
            assertThat(network.take(InetAddress.ofLiteral("2001:db8::" + i), 0)).isTrue();
        }
        assertThat(network.take(InetAddress.ofLiteral("2001:db8::ffff"), 0)).as("of the same /64").isFalse();
    }

    @Test
    void interfacesAreFoundInWhatIpSays() {
        assertThat(DeviceList.lines(Terms.ALL, """
            1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state X \\    link/loopback 00:00:00:00:00:00 brd x
            2: eth0@if3: <BROADCAST,UP,LOWER_UP> mtu 1500 qdisc noqueue \\    link/ether 02:00:00:00:00:01 brd ff link
            4: eth0.7@eth0: <BROADCAST,LOWER_UP> mtu 1400 state DOWN \\    link/ether 02:00:00:00:00:02 brd ff:ff:ff
            """)).isEqualTo(List.of("DEVICE eth0 02:00:00:00:00:01 1500 up",
            "DEVICE eth0.7 02:00:00:00:00:02 1400 down", "OK 2 devices"));
    }
}
