package org.violin.benchmarks.start;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Namespaces;
import org.violin.benchmarks.lab.Needs;

/** {@code violin bench start}, as a program of its own. */
class StartIT {
    private static final int LIMIT_SECONDS = 120;
    private static final int STOPPED_BY_SIGTERM = 128 + 15;

    @TempDir
    private Path directory;

    private Process bench;

    @BeforeEach
    void needsRoot() {
        Needs.networks();
    }

    @AfterEach
    void end() {
        if (bench != null) {
            bench.destroyForcibly();
        }
    }

    @Test
    void everyWayToStartGetsAFigure() throws Exception {
        Path csv = directory.resolve("starts.csv");
        start("--rounds", "1", "--csv", csv.toString());
        assertThat(bench.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("done: " + output()).isTrue();
        assertThat(bench.exitValue()).as(output()).isZero();
        assertThat(Files.readAllLines(csv)).as(output()).hasSize(5);
        assertThat(hosts()).isEmpty();
    }

    @Test
    void nothingIsLeftWhenItIsStopped() throws Exception {
        start("--rounds", "1000");
        boolean works = Deadline.await(LIMIT_SECONDS, () -> !bench.isAlive() || !tunnels().isEmpty());
        assertThat(works && bench.isAlive()).as("tunnels run: " + output()).isTrue();
        List<Long> tunnels = tunnels();
        bench.destroy();
        assertThat(bench.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).as("stopped: " + output()).isTrue();
        assertThat(bench.exitValue()).as(output()).isEqualTo(STOPPED_BY_SIGTERM);
        assertThat(hosts()).isEmpty();
        assertThat(tunnels).allMatch(pid -> ProcessHandle.of(pid).filter(ProcessHandle::isAlive).isEmpty());
    }

    private void start(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(System.getProperty("java.home") + "/bin/java",
            "-Dviolin.root=" + System.getProperty("violin.root"), "-cp", System.getProperty("java.class.path"),
            "org.violin.benchmarks.e2e.Bench", "start"));
        command.addAll(List.of(options));
        bench = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile()).start();
    }

    private Path log() {
        return directory.resolve("bench.log");
    }

    private String output() throws Exception {
        return Files.readString(log());
    }

    private static List<String> hosts() {
        return Namespaces.leftovers().stream().filter(name -> name.contains("-start-")).toList();
    }

    private static List<Long> tunnels() {
        return hosts().stream().flatMap(name -> Namespaces.pids(name).stream()).toList();
    }
}
