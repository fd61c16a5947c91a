package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.Namespaces;
import org.violin.benchmarks.lab.Needs;
import org.violin.benchmarks.lab.Programs;

/** The whole benchmark in its shortest form: the path is as it was asked for, and tunnels get through it. */
class WanIT {
    private static final int RTT_MS = 10;

    @TempDir
    private Path directory;

    @BeforeEach
    void needsRoot() {
        Needs.networks();
        assumeTrue(Programs.find("iperf3").isPresent(), "iperf3 is not installed");
    }

    @Test
    void thePathIsBadAndCorrected() throws Exception {
        int exit = Bench.run("wan", "--sides", "path,violin-fec", "--loss", "5", "--burst", "0", "--rtt",
            Integer.toString(RTT_MS), "--rounds", "1", "--seconds", "1", "--learn", "1", "--output",
            directory.toString());
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(exit).as(report).isZero();
        JsonNode sides = new ObjectMapper().readTree(directory.resolve("results.json").toFile()).get("sides");
        assertThat(figure(sides, "path", "udp.loss")).as("per cent of 1,600 datagrams or more: " + report)
            .isBetween(2.0, 9.0);
        for (String side : new String[] {"path", "violin-fec"}) {
            assertThat(figure(sides, side, "rtt.p50")).as(side + ": microseconds").isGreaterThan(RTT_MS * 1000);
            assertThat(figure(sides, side, "cubic")).as(side).isPositive();
            assertThat(figure(sides, side, "cubic.wire")).as(side).isPositive();
            assertThat(report).contains("| " + side);
        }
        assertThat(figure(sides, "violin-fec", "cubic.cpu")).isPositive();
        assertThat(Namespaces.leftovers()).isEmpty();
    }

    /** However late a busy machine is, nothing comes early, and all is counted. */
    @Test
    void linesDoWhatTheyAreAskedFor() throws Exception {
        int exit = Bench.run("impair", "--delay", "20", "--loss", "20", "--burst", "0", "--rate", "5", "--rounds", "1",
            "--seconds", "1", "--output", directory.toString());
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(exit).as(report).isZero();
        JsonNode figures = new ObjectMapper().readTree(directory.resolve("results.json").toFile())
            .at("/sides/path/metrics");
        assertThat(figures.at("/delay20.late.p50/median").asDouble()).as("microseconds: " + report)
            .isBetween(-5_000.0, 100_000.0);
        assertThat(figures.at("/loss20/median").asDouble()).as("per cent: " + report).isBetween(15.0, 25.0);
        assertThat(figures.at("/rate5/median").asDouble()).as("Mbit/s: " + report).isBetween(2.5, 5.5);
        assertThat(Namespaces.leftovers()).isEmpty();
    }

    private static double figure(JsonNode sides, String side, String name) {
        return sides.path(side).path("metrics").path("rtt" + RTT_MS + "-loss5." + name).path("median").asDouble();
    }
}
