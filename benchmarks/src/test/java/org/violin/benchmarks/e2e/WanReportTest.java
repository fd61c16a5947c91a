package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.Results;

class WanReportTest {
    private static final WanPath GOOD = new WanPath(200, 20, 0, 0);
    private static final WanPath BAD = new WanPath(200, 20, 1, 0);
    private static final WanPath WORSE = new WanPath(200, 20, 1, 3);
    private static final WanPath LONG = new WanPath(200, 100, 0.1, 0);
    private static final List<WanPath> PATHS = List.of(GOOD, BAD, WORSE, LONG);

    private final Results results = new Results();
    private final Side sealed = Fixtures.side(Sides.VIOLIN_SEALED);
    private final Side fec = Fixtures.side(Sides.VIOLIN_FEC);

    @TempDir
    private Path directory;

    @BeforeEach
    void figures() {
        results.addSide(sealed);
        results.addSide(fec);
        for (WanPath path : PATHS) {
            for (int round = 0; round < 3; round++) {
                results.record(sealed, WanCell.cubic(path), round, path == GOOD ? 180 : 5 + round);
                results.record(sealed, WanCell.cubicWire(path), round, 10);
                results.record(sealed, WanCell.cubicOverflow(path), round, 0.0123);
                results.record(sealed, WanCell.roundTrip(path, "p99"), round, 20_500);
                results.record(fec, WanCell.cubic(path), round, path == WORSE ? 70 : 171 + round);
                results.record(fec, WanCell.cubicWire(path), round, 32);
                results.record(fec, WanCell.udpLoss(path), round, 0.01);
            }
        }
    }

    private String write() throws Exception {
        new Report(Fixtures.settings(directory), Fixtures.environment(), results,
            (settings, environment, all) -> new WanMarkdown(settings, environment, all, PATHS))
            .write(new PrintStream(OutputStream.nullOutputStream()));
        return Files.readString(directory.resolve("report.md"));
    }

    @Test
    void aRoundTripHasItsTablesAndPlots() throws Exception {
        String report = write();
        assertThat(report).containsPattern("\\| side +\\| 0 % +\\| 1 % +\\| 1 % x3 +\\|")
            .containsPattern("\\| violin-sealed +\\| 180 \\(180..180\\) +\\| 6.00 \\(5.00..7.00\\) +\\| 6.00")
            .containsPattern("\\| violin-sealed +\\| 20.5 +\\| 20.5 +\\| 20.5 +\\|")
            .containsPattern("\\| violin-sealed +\\| 0.012 +\\| 0.012 +\\| 0.012 +\\|")
            .containsPattern("\\| violin-fec +\\| 0.010 +\\| 0.010 +\\| 0.010 +\\|").contains("## Round trip 100 ms")
            .doesNotContain("BBR");
        for (String plot : List.of("goodput-rtt20", "goodput-bursts-rtt20", "wire-rtt20", "goodput-rtt100")) {
            assertThat(ImageIO.read(directory.resolve(plot + ".png").toFile()).getWidth()).isGreaterThan(1000);
            assertThat(directory.resolve(plot + ".svg")).content().contains("<svg");
            assertThat(report).contains("(" + plot + ".png)");
        }
        assertThat(report).as("no path of this round trip has bursts").doesNotContain("goodput-bursts-rtt100");
    }

    @Test
    void targetsAreReachedOrNot() throws Exception {
        assertThat(write())
            .containsPattern("\\| 20 ms 0 % +\\| of the stream without it +\\| 0.96 +\\| ≥ 0.97 +\\| \\*\\*no")
            .containsPattern("\\| 20 ms 1 % +\\| of the path's rate +\\| 0.86 +\\| ≥ 0.60 +\\| yes")
            .containsPattern("\\| 20 ms 1 % +\\| times the bytes on the wire +\\| 1.20 +\\| ≤ 1.30 +\\| yes")
            .containsPattern("\\| 20 ms 1 % x3 +\\| of the path's rate +\\| 0.35 +\\| ≥ 0.40 +\\| \\*\\*no");
    }

    @Test
    void jsonNamesPathsInFull() throws Exception {
        write();
        assertThat(directory.resolve("results.json")).content().contains("\"rtt20-loss1-burst3.cubic\"")
            .contains("\"rtt100-loss0.1.cubic.wire\"").contains("\"rtt20-loss0.rtt.p99\"");
    }
}
