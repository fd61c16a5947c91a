package org.violin.benchmarks.e2e;

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

/** The whole benchmark in its shortest form: every side that works gets a figure of every kind, nothing is left. */
class E2eIT {
    private static final List<String> METRICS = List.of("tcp1.gbits", "tcp1-reverse.gbits", "tcp4.gbits",
        "tcp4-reverse.gbits", "tcp1.cpu", "udp64.received", "udp512.received", "udp1500.received", "udp64.cpu",
        "rtt-idle.p50", "rtt-idle.p99", "rtt-idle.p99.9", "rtt-idle.sd", "rtt-loaded.p50", "rtt-loaded-tcp.gbits");

    @TempDir
    private Path directory;

    @BeforeEach
    void needsRoot() {
        Needs.networks();
        assumeTrue(Programs.find("iperf3").isPresent(), "iperf3 is not installed");
    }

    /** Whose programs have one half. */
    private static int cpusOfAHost() {
        int cpus = Runtime.getRuntime().availableProcessors();
        assumeTrue(cpus > 1, "two hosts cannot have CPUs of their own");
        return cpus / 2;
    }

    @Test
    void everySideGetsFiguresAndABrokenOneIsReported() throws Exception {
        int exit = Bench.run("e2e", "--sides", "veth,vxlan,violin", "--rounds", "1", "--seconds", "1", "--own-cpus",
            "--output", directory.toString(), "--custom", "broken=nproc; echo no such tunnel; exit 1");
        assertThat(directory).isDirectoryContaining("glob:**report.md");
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(exit).as("of a run with a broken side: " + report).isEqualTo(Bench.FAILED);
        JsonNode results = new ObjectMapper().readTree(directory.resolve("results.json").toFile());
        assertThat(results.get("failures")).as(report).hasSize(1);
        assertThat(results.at("/failures/0/side").asText()).isEqualTo("broken");
        assertThat(results.at("/failures/0/log").asText()).contains(cpusOfAHost() + "\n", "no such tunnel");
        JsonNode sides = results.get("sides");
        for (String side : List.of("veth", "vxlan", "violin")) {
            JsonNode metrics = sides.path(side).path("metrics");
            for (String metric : METRICS) {
                assertThat(metrics.path(metric).path("median").asDouble()).as(side + " " + metric).isPositive();
            }
            assertThat(report).contains("| " + side);
        }
        assertThat(sides.at("/violin/metrics/memory.rss/median").asDouble()).isPositive();
        assertThat(Namespaces.leftovers()).isEmpty();
    }
}
