package org.violin.benchmarks.video;

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
import picocli.CommandLine;

/** The whole benchmark in its shortest form. */
class VideoIT {
    @TempDir
    private Path directory;

    @BeforeEach
    void needsRoot() {
        Needs.networks();
        assumeTrue(Programs.find("ffmpeg").isPresent(), "ffmpeg is not installed");
    }

    @Test
    void aVideoReachesThreeDomainsAndErrorCorrectionMendsIt() throws Exception {
        int exit = new CommandLine(new VideoCommand()).execute("--sides", "relays,violin-fec", "--loss", "5",
            "--rounds", "1", "--seconds", "3", "--output", directory.toString());
        String report = Files.readString(directory.resolve("report.md"));
        assertThat(exit).as(report).isZero();
        JsonNode sides = new ObjectMapper().readTree(directory.resolve("results.json").toFile()).get("sides");
        for (String side : new String[] {"relays", "violin-fec"}) {
            assertThat(figure(sides, side, "princeton.lost")).as(side).isZero();
            assertThat(figure(sides, side, "princeton.psnr")).as(side + ": dB without a path: " + report)
                .isGreaterThan(figure(sides, side, "psnr") - 0.01);
        }
        assertThat(figure(sides, "relays", "washington.lost")).as("two paths of 5 % each: " + report)
            .isBetween(4.0, 17.0);
        assertThat(figure(sides, "violin-fec", "lost")).as(report).isLessThan(figure(sides, "relays", "lost"));
        assertThat(figure(sides, "violin-fec", "psnr")).as(report).isGreaterThan(figure(sides, "relays", "psnr"));
        assertThat(directory.resolve("psnr-loss5.png")).isNotEmptyFile();
        assertThat(Namespaces.leftovers()).isEmpty();
    }

    /** As can happen to who gets too little of the first seconds: there is nothing that a picture could be made of. */
    @Test
    void whoGetsNoPictureSeesBlack() {
        VideoClip clip = new VideoClip(directory, 1);
        for (byte[] stream : new byte[][] {{}, new byte[188 * 7]}) {
            assertThat(clip.psnr(stream, 0)).hasSize(VideoClip.FRAMES_PER_SECOND)
                .allSatisfy(decibels -> assertThat(decibels).isBetween(1.0, 15.0));
        }
    }

    private static double figure(JsonNode sides, String side, String name) {
        JsonNode median = sides.path(side).path("metrics").path("rtt20-loss5." + name).path("median");
        assertThat(median.isNumber()).as(side + " " + name).isTrue();
        return median.asDouble();
    }
}
