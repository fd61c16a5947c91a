package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.Needs;
import org.violin.benchmarks.lab.Programs;
import org.violin.control.os.Command;

/** A profile of the real tunnel, in its shortest form. */
class ProfileIT {
    @TempDir
    private Path directory;

    @BeforeEach
    void needsPerf() {
        Needs.networks();
        assumeTrue(Programs.find("iperf3").isPresent(), "iperf3 is not installed");
        assumeTrue(Profiler.missing().isEmpty(), "perf is not installed");
        assumeTrue(Command.run(List.of("perf", "record", "-a", "-e", "cpu-clock", "-o", "/dev/null", "true"),
            Duration.ofSeconds(20)).exit() == 0, "perf may not look at this machine");
    }

    @Test
    void stacksReachFromJavaIntoTheKernel() throws Exception {
        int exit = Bench.run("e2e", "--rounds", "0", "--profile", "--seconds", "2", "--output", directory.toString());
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(exit).as(report).isZero();
        for (String load : List.of("tcp1", "udp64")) {
            String name = "profile-violin-" + load;
            byte[] svg = Files.readAllBytes(directory.resolve(name + ".svg"));
            DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(svg));
            List<String> folded = folded(name);
            assertThat(folded).anyMatch(line -> line.startsWith("tunnel at a: worker-")
                && line.matches(".*;org\\.violin\\.dataplane\\.\\S+_\\[j];.*udp_sendmsg_\\[k].*"));
            assertThat(folded).noneMatch(line -> line.contains("do_idle_[k]") && !line.contains("softirq"));
            assertThat(report).contains("(" + name + ".svg)");
        }
        assertThat(report).containsPattern("\\| UDP send +\\|").containsPattern("\\| TAP write +\\|")
            .containsPattern("\\| Java: \\w+ +\\|").containsPattern("\\| all +\\| 100 ");
    }

    private List<String> folded(String name) throws Exception {
        try (var in = new GZIPInputStream(Files.newInputStream(directory.resolve(name + ".folded.gz")))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }
}
