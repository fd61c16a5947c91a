package org.violin.benchmarks.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.Namespaces;
import org.violin.benchmarks.lab.Needs;
import org.violin.benchmarks.lab.Programs;
import picocli.CommandLine;

/** The whole benchmark with few rows: a real guest comes home over a path that loses packets, and nothing is left. */
class PaperIT {
    private static final List<String> ROWS = List.of(Rows.HOST_CLIENT, Rows.VNET);
    private static final double RTT_MS = 10;

    @TempDir
    private Path directory;

    @BeforeEach
    void needsRootAndGuests() {
        Needs.networks();
        assumeTrue(Programs.find("iperf3").isPresent(), "iperf3 is not installed");
        assumeTrue(Programs.find("linux.uml").isPresent(), "user-mode-linux is not installed");
        assumeTrue(Files.exists(Path.of(System.getProperty("user.home"), ".cache/violin/guest.img"))
            || Files.exists(Path.of("/var/cache/violin/guest.img")), "there is no guest image");
    }

    @Test
    void aGuestIsOnTheClientsLanOverALossyPath() throws Exception {
        int exit = new CommandLine(new PaperCommand()).execute("--only", "wan", "--rows", String.join(",", ROWS),
            "--rtt", Double.toString(RTT_MS), "--loss", "10", "--rounds", "1", "--seconds", "1",
            "--verdict-seconds", "1", "--output", directory.toString());
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(exit).as(report).isZero();
        JsonNode sides = new ObjectMapper().readTree(directory.resolve("results.json").toFile()).get("sides");
        for (String row : ROWS) {
            assertThat(figure(sides, row, "rtt.avg")).as(row + ": ms").isGreaterThan(RTT_MS);
            assertThat(figure(sides, row, "loaded.avg")).as(row + ": ms").isGreaterThan(RTT_MS);
            assertThat(figure(sides, row, "tcp.there")).as(row).isPositive();
            assertThat(figure(sides, row, "tcp.back")).as(row).isPositive();
        }
        assertThat(figure(sides, Rows.HOST_CLIENT, "rtt.lost")).as("per cent of 200 pings: " + report)
            .isBetween(3.0, 25.0);
        assertThat(figure(sides, Rows.VNET, "rtt.lost")).as("TCP carries them")
            .isLessThan(figure(sides, Rows.HOST_CLIENT, "rtt.lost"));
        assertThat(figure(sides, Rows.VNET, "rtt.resent")).as("segments").isPositive();
        assertThat(figure(sides, Rows.VNET, "rtt.sd")).as("what was lost came late")
            .isGreaterThan(figure(sides, Rows.HOST_CLIENT, "rtt.sd"));
        assertThat(report).contains("| Client ↔ VM (VNET)").contains("## Why VNET's latency varies")
            .contains("77.287");
        assertThat(Namespaces.leftovers()).isEmpty();
    }

    private static double figure(JsonNode sides, String row, String name) {
        return sides.path(row).path("metrics").path("wan." + name).path("median").asDouble();
    }
}
