package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Command lines that need no daemon: arguments, help, validation. */
class MainTest extends CapturedOutput {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "up", "up a b", "up --timeout x f", "up --timeout 0 f", "up --nope f",
        "validate", "exec", "exec node", "exec node --", "node", "node jump g", "node start", "node migrate g",
        "node start g --to b", "inspect", "inspect things", "inspect nodes -f xml", "console", "down --all n",
        "status a b", "trace", "trace n --every x", "trace n --count 0", "link", "link jump", "link ls a b",
        "link set", "link set n l", "link set n l --up --down", "link set n l --delay 20",
        "link set n l --loss 101%", "vnet", "vnet password", "handler",
        "handler jump"})
    void aWrongCommandLineEndsWith2AndOneLineOfUsage(String line) {
        assertThat(Main.run(line.isEmpty() ? new String[0] : line.split(" "))).isEqualTo(Exit.USAGE);
        assertThat(err()).startsWith("violin: ").contains("usage: violin", "--help").doesNotContain("Exception");
        assertThat(err().lines()).hasSizeLessThan(5);
    }

    @ParameterizedTest
    @CsvSource({"vnet serve --listen 127.0.0.1:1 --identity f, whom is the server to know? Say --password-file FILE",
        "vnet serve --listen 127.0.0.1:1 --insecure-plaintext --client-ca f, need --identity",
        "vnet serve --listen 127.0.0.1:1 --identity f --client-key short, expected a fingerprint",
        "handler ls --server 127.0.0.1:1 --insecure-plaintext, how is the server to know you? Say either",
        "handler ls --server 127.0.0.1:1 --insecure-plaintext --identity f, needs --fingerprint",
        "handler add --server 127.0.0.1:1 --insecure-plaintext --password-file f --host a --remote 127.0.0.1:2"
            + " --remote-device b 02:00:00:00:00:01, how is the other server to know the first? Say"})
    void serversAndClientsOfVnetHaveToBeKnown(String line, String error) {
        assertThat(Main.run(line.split(" "))).isEqualTo(Exit.USAGE);
        assertThat(err()).startsWith("violin: ").contains(error);
    }

    @Test
    void everyCommandHasItsHelp() {
        for (String name : Violin.SUBCOMMANDS) {
            forget();
            assertThat(Main.run(name, "--help")).as(name).isZero();
            assertThat(out()).as(name).contains("Usage: violin " + name);
        }
        forget();
        assertThat(Main.run("--help")).isZero();
        assertThat(out()).contains(Violin.SUBCOMMANDS).contains("Exit codes:");
    }

    @Test
    void aMistypedCommandIsGuessed() {
        Main.run("stauts");
        assertThat(err()).startsWith("violin: there is no command 'stauts': did you mean: status?");
    }

    @Test
    void aWrongTopologyEndsWith3AndEveryErrorWithItsPlace() throws Exception {
        Path file = Files.writeString(directory.resolve("bad.yaml"),
            "network: n\nhosts: { a: { netns: true } }\nswitchs: {}\nnodes: { g: { host: b, nics: [] } }\n");
        assertThat(Main.run("validate", file.toString())).isEqualTo(Exit.INVALID_TOPOLOGY);
        assertThat(err().lines()).hasSizeGreaterThan(1).allSatisfy(line -> assertThat(line).startsWith(file + ":"));
        assertThat(Main.run("up", file.toString())).isEqualTo(Exit.INVALID_TOPOLOGY);
        assertThat(Main.run("down", file.toString())).isEqualTo(Exit.INVALID_TOPOLOGY);
        assertThat(Main.run("validate", directory.resolve("none").toString())).isEqualTo(Exit.INVALID_TOPOLOGY);
    }

    @Test
    void aRightTopologyEndsWith0() throws Exception {
        Path file = Files.writeString(directory.resolve("good.yaml"), "network: n\nhosts: { a: { netns: true } }\n");
        assertThat(Main.run("validate", file.toString())).isZero();
        assertThat(out()).contains("network n: 1 host, 0 switches, 0 nodes, 0 taps");
    }

    @Test
    void upWithoutItsLauncherSaysHowToStartIt() throws Exception {
        Path file = Files.writeString(directory.resolve("good.yaml"), "network: n\nhosts: { a: { netns: true } }\n");
        assertThat(Main.run("up", file.toString())).isEqualTo(Exit.FAILED);
        assertThat(err()).contains("scripts/violin").doesNotContain("\tat ");
    }

    @Test
    void debugShowsWhereAnErrorComesFrom() throws Exception {
        Path file = Files.writeString(directory.resolve("good.yaml"), "network: n\nhosts: { a: { netns: true } }\n");
        assertThat(Main.run("up", file.toString(), "--debug")).isEqualTo(Exit.FAILED);
        assertThat(err()).contains("\tat ");
    }

    @Test
    void whatIsWrongWithTuneIsSaid() {
        assertThat(Main.run("tune", "a", "b", "--transports", "sctp")).isEqualTo(Exit.USAGE);
        assertThat(Main.run("tune", "a", "b", "--seconds", "0")).isEqualTo(Exit.USAGE);
        assertThat(Main.run("tune", "a", "b", "--plot", "/nowhere/x.svg")).isEqualTo(Exit.USAGE);
        assertThat(Main.run("tune", "a")).isEqualTo(Exit.USAGE);
        assertThat(err()).contains("'sctp': udp, udp+fec", "0: 1 to 60", "its directory cannot be written");
    }

    @Test
    void trainingNeedsNoDaemon() {
        Training.client();
        assertThat(err()).isEmpty();
        assertThat(out()).isEmpty();
    }
}
