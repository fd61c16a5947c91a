package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.profile.Cycles;
import org.violin.benchmarks.profile.Frame;
import org.violin.benchmarks.profile.Sample;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.Results;

class ReportTest {
    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    @TempDir
    private Path directory;

    private String write(Results results) throws Exception {
        new Report(Fixtures.settings(directory), Fixtures.environment(), results, E2eMarkdown::new)
            .write(new PrintStream(printed, true, StandardCharsets.UTF_8));
        return Files.readString(directory.resolve("report.md"));
    }

    @Test
    void everyPlotIsThereTwiceAndShown() throws Exception {
        String report = write(Fixtures.results("veth", "vxlan", "violin", "openvpn", "tinc", "n2n", "fastd", "socat",
            "nebula"));
        for (String plot : List.of("tcp", "cpu", "udp", "rtt-idle", "rtt-loaded", "memory")) {
            assertThat(ImageIO.read(directory.resolve(plot + ".png").toFile()).getWidth()).isGreaterThan(1000);
            assertThat(directory.resolve(plot + ".svg")).content().contains("<svg");
            assertThat(report).contains("(" + plot + ".png)");
        }
    }

    @Test
    void tablesHaveTheSideAndItsSpread() throws Exception {
        Results results = new Results();
        Side violin = Fixtures.side(Sides.VIOLIN);
        Side other = Fixtures.side("other");
        results.addSide(violin);
        results.addSide(other);
        double[] figures = {9.5, 10.24, 11.0};
        for (int round = 0; round < figures.length; round++) {
            results.record(violin, Metric.gigabits("tcp1"), round, figures[round]);
            results.record(other, Metric.gigabits("tcp1"), round, figures[round] / 2);
        }
        String report = write(results);
        assertThat(report).containsPattern("\\| violin +\\| 10.2 \\(9.50..11.0\\) +\\|")
            .containsPattern("\\| other +\\| 2.00 \\(2.00..2.00\\) +\\|").contains("6.18").contains("violin 0.1")
            .doesNotContain("UDP 64");
        assertThat(printed.toString(StandardCharsets.UTF_8)).containsPattern("\\| violin +\\|.*10.2");
    }

    @Test
    void whatFailedSaysWhyAndShowsItsLog() throws Exception {
        Results results = Fixtures.results("veth", "violin");
        results.fail("tinc", "start", "no answer", "host-a: cannot bind\n");
        results.skip("fastd", "fastd is not installed");
        String report = write(results);
        assertThat(report).contains("tinc, start: no answer").contains("host-a: cannot bind")
            .contains("fastd: skipped, fastd is not installed");
        JsonNode json = new ObjectMapper().readTree(directory.resolve("results.json").toFile());
        assertThat(json.at("/failures/0/side").asText()).isEqualTo("tinc");
        assertThat(json.at("/skipped/fastd").asText()).contains("not installed");
    }

    @Test
    void jsonHasEveryRound() throws Exception {
        write(Fixtures.results("veth", "violin"));
        JsonNode json = new ObjectMapper().readTree(directory.resolve("results.json").toFile());
        JsonNode rounds = json.at("/sides/violin/metrics/tcp1.gbits/rounds");
        assertThat(rounds).hasSize(5);
        assertThat(rounds.get(0).isNull()).as("the round that failed").isTrue();
        assertThat(rounds.get(1).asDouble()).isPositive();
        assertThat(json.at("/environment/facts/kernel").asText()).isEqualTo("6.18");
    }

    @Test
    void aRunWithoutAnyFigureStillHasAReport() throws Exception {
        Results results = new Results();
        results.fail("veth", "start", "no namespaces here", "");
        assertThat(write(results)).contains("no namespaces here");
    }

    @Test
    void aProfileIsATableAndAPicture() throws Exception {
        Cycles cycles = new Cycles();
        cycles.add(new Sample("worker", 1, List.of(new Frame("tun_do_read", Frame.Kind.KERNEL))), Cycles.Owner.TUNNEL);
        Results results = new Results();
        results.addProfile(new Results.Profile("violin", "tcp1", "9.5 Gbit/s", cycles, "profile-violin-tcp1"));
        assertThat(write(results)).contains("Where the cycles go: violin, tcp1").contains("9.5 Gbit/s")
            .containsPattern("\\| TAP read +\\| 100 +\\| 0.00 +\\| 100 +\\| 0.00 +\\| 0.00 +\\|")
            .contains("(profile-violin-tcp1.svg)").contains("(profile-violin-tcp1.folded.gz)");
    }

    @Test
    void figuresHaveThreeDigits() {
        assertThat(List.of(0.123, 1.0, 9.996, 12.34, 99.96, 1234.4, Double.NaN)).extracting(Markdown::number)
            .containsExactly("0.12", "1.00", "10.0", "12.3", "100", "1234", "-");
    }
}
