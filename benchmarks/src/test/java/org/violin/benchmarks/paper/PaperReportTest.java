package org.violin.benchmarks.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Report;
import org.violin.benchmarks.report.Results;

class PaperReportTest {
    private static final int ROUNDS = 3;
    private static final Place LAN = Place.lan();
    private static final Place WAN = Place.wan(new WanPath(100, 37, 3.56, 0));

    private static final List<Row> ROWS = Rows.all();

    private final Results results = new Results();

    @TempDir
    private Path directory;

    private static Row row(String name) {
        return ROWS.stream().filter(row -> row.name().equals(name)).findFirst().orElseThrow();
    }

    /** A line of a table. */
    private static String cells(String... cells) {
        return Stream.of(cells).map(cell -> "\\| " + Pattern.quote(cell) + " +")
            .collect(Collectors.joining("", "", "\\|"));
    }

    /** Figures that differ by a thousandth from round to round. */
    private void record(String name, Place place, double average, double deviation, double there, double back) {
        Row row = row(name);
        if (!results.sides().contains(row)) {
            results.addSide(row);
        }
        for (int round = 0; round < ROUNDS; round++) {
            double factor = 1 + (round - 1) / 1000.0;
            results.record(row, place.ping(Place.IDLE, "avg"), round, average * factor);
            results.record(row, place.ping(Place.IDLE, "sd"), round, deviation * factor);
            results.record(row, place.transfer(Place.THERE), round, there * factor);
            results.record(row, place.transfer(Place.BACK), round, back * factor);
            results.record(row, place.transfer(Place.BOTH), round, (there + back) / 2 * factor);
            results.record(row, place.transfer(Place.VERDICT + Place.BOTH), round, (there + back) / 2 * factor);
        }
        Histogram samples = new Histogram(3);
        samples.recordValue(Math.round(average * 1e6));
        results.record(row, place.samples(Place.IDLE), samples);
    }

    private void explain(String name, Place place, double lost, double resent) {
        Map<String, Double> figures = Map.of("lost", lost, "resent", resent, "late", 9.0, "held", 6.0, "longest", 310.0,
            "prompt-sd", 2.0, "median", 37.4);
        figures.forEach((what, value) -> results.record(row(name), place.ping(Place.IDLE, what), 0, value));
    }

    private String write() throws Exception {
        PaperSetup setup = new PaperSetup(Path.of("."), directory, "paper", "violin bench paper", List.of(),
            List.of(LAN, WAN), ROUNDS, 2, 8, 1);
        new Report(setup, new Environment(Map.of("kernel", "6.18"), Map.of()), results,
            (about, machine, all) -> new PaperMarkdown(setup, machine, all))
            .write(new PrintStream(OutputStream.nullOutputStream()));
        return Files.readString(directory.resolve("report.md"));
    }

    @Test
    void everyFigureStandsBesideThePapersAndBothBesideThePhysicalNetwork() throws Exception {
        record(Rows.HOST_CLIENT, LAN, 0.04, 0.01, 3000, 3000);
        record(Rows.VNET, LAN, 0.2, 0.05, 300, 450);
        String report = write();
        assertThat(report).contains("\"Towards Virtual Networks")
            .containsPattern(cells("Client ↔ VM (VNET)", "0.200", "5.00", "1.742", "1.62", "0.050", "7.765", "300",
                "450", "0.125", "6.76", "0.605"))
            .containsPattern(cells("Client ↔ VM (VNET)", "0.200 (0.200..0.200)", "5.00 (5.00..5.00)", "1.742", "1.62"))
            .containsPattern(cells("Host ↔ Client", "3000 (2997..3003)", "3000 (2997..3003)", "1.00 (1.00..1.00)",
                "11.18", "1.00"))
            .containsPattern(cells("Client ↔ Proxy ↔ Host ↔ VM, added up", "-", "-", "1.078", "1.00"));
        for (String plot : List.of("lan-average", "lan-deviation", "lan-throughput", "lan-rtt")) {
            assertThat(ImageIO.read(directory.resolve(plot + ".png").toFile()).getWidth()).isGreaterThan(1000);
            assertThat(directory.resolve(plot + ".svg")).content().contains("<svg");
            assertThat(report).contains("(" + plot + ".png)");
        }
        assertThat(directory.resolve("results.json")).content().contains("\"lan.tcp.there\"", "\"lan.rtt.sd\"");
    }

    @Test
    void theThreePiecesAreAddedUp() throws Exception {
        record(Rows.HOST_CLIENT, LAN, 0.05, 0.01, 3000, 3000);
        record(Rows.CLIENT_PROXY, LAN, 0.03, 0.01, 4000, 4000);
        record(Rows.HOST_PROXY, LAN, 0.05, 0.01, 3000, 3000);
        record(Rows.HOST_ONLY, LAN, 0.12, 0.03, 200, 200);
        assertThat(write()).containsPattern(cells("Client ↔ Proxy ↔ Host ↔ VM, added up", "0.200", "4.00", "1.078",
            "1.00"))
            .doesNotContain("## Why");
    }

    @Test
    void whatIsWantedIsMetOrNot() throws Exception {
        record(Rows.HOST_CLIENT, LAN, 0.04, 0.01, 3000, 3000);
        record(Rows.UDP, LAN, 0.12, 0.01, 900, 900);
        record(Rows.HOST_CLIENT, WAN, 37.1, 0.01, 0.3, 0.3);
        record(Rows.UDP, WAN, 37.2, 0.01, 0.25, 0.25);
        assertThat(write())
            .containsPattern(cells("added to the average latency, LAN", "0.080 (0.080..0.080) ms", "less than 0.15 ms",
                "met"))
            .containsPattern(cells("of the physical throughput, WAN", "0.833 (0.833..0.833)", "at least 0.9",
                "**not met**"));
    }

    @Test
    void aDeviationIsExplainedByWhatWasSentAgainOrNot() throws Exception {
        record(Rows.HOST_CLIENT, LAN, 0.04, 0.01, 3000, 3000);
        explain(Rows.HOST_CLIENT, LAN, 0, 0);
        record(Rows.VNET, LAN, 0.2, 0.05, 300, 450);
        explain(Rows.VNET, LAN, 0, 0);
        record(Rows.HOST_CLIENT, WAN, 37.1, 0.01, 0.3, 0.3);
        explain(Rows.HOST_CLIENT, WAN, 7, 0);
        record(Rows.VNET, WAN, 47.1, 30, 0.2, 0.2);
        explain(Rows.VNET, WAN, 0, 28);
        assertThat(write()).contains("## Why VNET's latency varies")
            .contains("On the LAN, the physical network lost 0.0 % of the pings and VNET 0.0 %, while its connection"
                + " sent 0 segments again. Where nothing is lost, nothing is there to be sent again, and its standard"
                + " deviation of 0.050 ms (physical: 0.010 ms) is not TCP's")
            .contains("lost 7.0 % of the pings and VNET 0.0 %, while its connection sent 28 segments again. 9.0 %")
            .contains("as the paper believes. Reckoned").contains("one ping in 10 is late by 100 ms")
            .containsPattern(cells("LAN", "vnet", "0.664 ms", "7.765 ms", "138", "91 ms"))
            .containsPattern(cells("LAN", "vnet-ssl", "10.315 ms", "116.112 ms", "128", "1317 ms"))
            .containsPattern(cells("WAN", "vnet-ssl", "-2.003 ms", "40.783 ms", "-", "-"));
    }

    @Test
    void lateOnesAreTheMeanAndTheDeviationThatTheyMake() {
        // One of a hundred is late by 200: 2 more in the mean.
        Variation.Late late = Variation.Late.of(2, Math.sqrt(0.01 * 0.99) * 200);
        assertThat(late.share()).isCloseTo(0.01, within(1e-9));
        assertThat(late.late()).isCloseTo(200, within(1e-9));
    }

    @Test
    void thePapersRatiosAreThoseOfItsText() {
        assertThat(Published.ratio(Place.LAN, Rows.VNET, Published.What.AVERAGE).orElseThrow())
            .as("\"by 0.664 ms, or about 60%\"").isCloseTo(1.62, within(0.01));
        assertThat(Published.ratio(Place.LAN, Rows.VNET_SSL, Published.What.AVERAGE).orElseThrow())
            .as("\"a factor of 10\"").isCloseTo(10.6, within(0.1));
        assertThat(Published.ratio(Place.WAN, Rows.BRIDGED, Published.What.AVERAGE)).isEmpty();
        double pieces = List.of(Rows.CLIENT_PROXY, Rows.HOST_PROXY, Rows.HOST_ONLY).stream()
            .mapToDouble(row -> Published.value(Place.LAN, row, Published.What.AVERAGE).orElseThrow()).sum();
        assertThat(pieces).isCloseTo(1.078, within(1e-9));
    }

    @Test
    void everyRowHasItsNameAndItsPackages() {
        assertThat(Rows.all()).extracting(Row::name).doesNotHaveDuplicates().contains(Rows.HOST_CLIENT, Rows.VNET,
            Rows.VNET_SSL, Rows.SSH, Rows.UDP, "violin-fec", "violin-tls", Rows.VMS);
        for (Row row : Rows.all()) {
            assertThat(row.name()).matches("[a-z0-9-]+");
            assertThat(row.packages().isEmpty()).as(row.name()).isEqualTo(row.programs().isEmpty());
        }
        List<String> names = new ArrayList<>(ROWS.stream().map(Row::name).toList());
        names.add(Published.PIECES);
        assertThat(Published.ALL).extracting(Published::row).isSubsetOf(names);
    }

    @Test
    void segmentsSentAgainAreAddedUp() {
        assertThat(Carrier.parse("""
            ESTAB 0 0 10.203.2.10:50312 10.203.1.20:7700
            \t cubic wscale:7,7 rto:240 rtt:37.2/0.4 bytes_retrans:14480 segs_out:900 retrans:0/12 lost:1
            ESTAB 0 0 10.203.1.20:7700 10.203.2.10:50312
            \t cubic wscale:7,7 rto:240 rtt:37.2/0.4 segs_out:900 retrans:1/30
            LISTEN 0 128 10.203.1.20:7700 0.0.0.0:*
            """)).isEqualTo(42);
    }
}
