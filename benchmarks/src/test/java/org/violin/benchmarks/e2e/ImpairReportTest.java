package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Subject;

class ImpairReportTest {
    private static final ImpairCommand.Asked ASKED = new ImpairCommand.Asked(List.of(0.5, 10.0, 100.0),
        List.of(new ImpairCommand.Asked.Loss(1, 0), new ImpairCommand.Asked.Loss(5, 3)), List.of(10.0, 100.0));

    @TempDir
    private Path directory;

    private String write(Results results) throws Exception {
        new Report(Fixtures.settings(directory), Fixtures.environment(), results,
            (setup, environment, all) -> new ImpairMarkdown(setup, environment, all, ASKED))
            .write(new PrintStream(OutputStream.nullOutputStream()));
        return Files.readString(directory.resolve("report.md"));
    }

    @Test
    void whatIsOffIsSaid() throws Exception {
        Results results = new Results();
        Subject path = Sides.path();
        results.addSide(path);
        for (int round = 0; round < 3; round++) {
            results.record(path, DelayCell.late(10, "p50"), round, 40 + round);
            results.record(path, DelayCell.late(10, "p99"), round, 90);
            results.record(path, DelayCell.late(100, "p50"), round, -201);
            results.record(path, LossCell.lost(1, 0), round, round);
            results.record(path, LossCell.counted(1, 0), round, 10_000);
            results.record(path, LossCell.lost(5, 3), round, 7);
            results.record(path, LossCell.counted(5, 3), round, 10_000);
            results.record(path, RateCell.passed(10), round, 10.19);
            results.record(path, RateCell.passed(100), round, 97.5);
        }
        String report = write(results);
        assertThat(report)
            .containsPattern("\\| delay 10 ms +\\| 10.041 ms +\\| \\+41 \\(\\+40..\\+42\\) us +\\| 200 us +\\| yes")
            .containsPattern("\\| delay 100 ms +\\| 99.799 ms +\\| -201 .* us +\\| 200 us +\\| \\*\\*no")
            .containsPattern("\\| loss 1 % +\\| 1.000 % +\\| \\+0.000 points +\\| 0.172 points +\\| yes")
            .containsPattern("\\| loss 5 %, 3 in a row +\\| 7.000 % +\\| \\+2.000 points .*\\| \\*\\*no")
            .containsPattern("\\| rate 10 Mbit/s +\\| 10.190 Mbit/s +\\| \\+1.90 % +\\| 2 % +\\| yes")
            .containsPattern("\\| rate 100 Mbit/s +\\| 97.500 Mbit/s +\\| -2.50 % +\\| 2 % +\\| \\*\\*no")
            .doesNotContain("delay 0.5").contains("(late.png)");
        assertThat(ImageIO.read(directory.resolve("late.png").toFile()).getWidth()).isGreaterThan(1000);
    }

    /** Against what two states that are drawn give, whose deviations are what is to be told. */
    @Test
    void lossesInARowDeviateMore() {
        double chance = LossCell.deviationPercent(5, 0, 10_000);
        assertThat(chance).isCloseTo(100 * Math.sqrt(0.05 * 0.95 / 10_000), within(1e-9));
        assertThat(LossCell.deviationPercent(5, 1 / 0.95, 10_000)).as("no more in a row than by chance")
            .isCloseTo(chance, within(1e-9));
        RandomGenerator random = new SplittableRandom(1);
        int frames = 2_000;
        int runs = 2_000;
        double squares = 0;
        for (int run = 0; run < runs; run++) {
            double off = 100 * lost(random, frames) / (double) frames - 5;
            squares += off * off;
        }
        assertThat(Math.sqrt(squares / runs)).isCloseTo(LossCell.deviationPercent(5, 3, frames), within(0.1));
    }

    /** 5 %, three in a row: it leaves the state that loses once in three, and enters it as often. */
    private static int lost(RandomGenerator random, int frames) {
        boolean losing = random.nextDouble() < 0.05;
        int lost = 0;
        for (int i = 0; i < frames; i++) {
            lost += losing ? 1 : 0;
            losing = losing ? random.nextDouble() >= 1 / 3.0 : random.nextDouble() < 0.05 / 3 / 0.95;
        }
        return lost;
    }
}
