package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.control.spec.LineSpec;
import org.violin.dataplane.Impairment;

/** The file's bounds are the dataplane's, and the schema's patterns what {@link Quantity} reads. */
class ImpairCheckTest {
    private static final int RUNS = 2000;

    private static Topology parse(String impair) throws TopologyException {
        return TopologyFile.parse("net.yaml", ("""
            network: n
            hosts: {a: {netns: true}, b: {netns: true}}
            switches: {s1: {host: a}, s2: {host: b}}
            links: [{ends: [s1, s2], impair: {%s}}]
            """.formatted(impair)).getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isRefusedByTheDataplane(LineSpec line) {
        try {
            assertThat(new Impairment(line.delayNanos(), line.jitterNanos(), line.loss(), line.burstFrames(),
                line.rateBitsPerSecond(), line.queueBytes(), line.reorder(), line.duplicate(), line.corrupt(),
                line.down(), line.seed()).loss()).isEqualTo(line.loss());
            return false;
        } catch (IllegalArgumentException e) {
            return true;
        }
    }

    @Test
    void whatPassesHereIsWhatTheDataplaneTakes() {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("ImpairCheckTest: -Dviolin.seed=" + seed);
        Random random = new Random(seed);
        int refused = 0;
        for (int i = 0; i < RUNS; i++) {
            LineSpec line = new LineSpec(pick(random, 0, 5_000_000, 60_000_000_000L, 60_000_000_001L),
                pick(random, 0, 0, 5_000_000, 5_000_001, 60_000_000_000L), loss(random), burst(random),
                pick(random, 0, 999, 1_000, 1_000_000, 1_000_000_000_000L, 1_000_000_000_001L),
                (int) pick(random, 0, 0, 1, 64 << 20, (64 << 20) + 1), random.nextInt(3) == 0 ? 0.5 : 0, 0, 0.25,
                random.nextBoolean(), random.nextLong());
            boolean expected = isRefusedByTheDataplane(line);
            refused += expected ? 1 : 0;
            assertThat(isRefused(line)).as("seed " + seed + ": " + line.text()).isEqualTo(expected);
        }
        assertThat(refused).isBetween(RUNS / 10, RUNS * 99 / 100);
    }

    private static long pick(Random random, long... values) {
        return values[random.nextInt(values.length)];
    }

    private static double loss(Random random) {
        return new double[] {0, 0.5, 0.9, 1}[random.nextInt(4)];
    }

    private static double burst(Random random) {
        return new double[] {0, 0, 1.5, 2, 9.5, 10, 1e6, 1e6 + 0.5}[random.nextInt(8)];
    }

    private static boolean isRefused(LineSpec line) {
        List<String> words = new ArrayList<>();
        for (String word : line.text().split(", ")) {
            words.add(word.equals("down") ? "down: true" : word.replace(" ", ": "));
        }
        try {
            assertThat(parse(String.join(", ", words)).trunks().getFirst().line()).isEqualTo(line);
            return false;
        } catch (TopologyException e) {
            return true;
        }
    }

    @ParameterizedTest
    @CsvSource({"delay, 20ms", "delay, 1.5 s", "delay, 0", "delay, 0.0015us", "delay, 7NS", "rate, 200Mbit",
        "rate, 1gbit", "rate, 0.5kbit", "rate, 9bit", "queue, 64KiB", "queue, 1MiB", "queue, 1.5kB", "queue, 1500B",
        "delay, 20", "delay, ms", "delay, -1ms", "delay, 1e3ms", "delay, 20 minutes", "delay, 20Mbit", "delay, 1.s",
        "delay, .5s", "delay, 1%", "loss, 1%", "loss, 0.05 %", "loss, 100%", "loss, 100.0%", "loss, 0", "loss, 33.3%",
        "loss, 1", "loss, 0.01", "loss, 101%", "loss, 100.1%", "loss, -1%", "loss, 1%%", "loss, one%",
        "loss, 1 percent"})
    void theSchemaTakesWhatIsAQuantity(String key, String text) throws IOException {
        JsonNode schema = new ObjectMapper().readTree(Path.of("../docs/topology.schema.json").toFile());
        JsonNode property = schema.at("/$defs/impair/properties/" + key);
        JsonNode resolved = property.has("$ref") ? schema.at(property.get("$ref").asText().substring(1)) : property;
        assertThat(text.matches(resolved.get("pattern").asText())).isEqualTo(isQuantity(key, text));
    }

    private static boolean isQuantity(String key, String text) {
        try {
            return switch (key) {
                case "delay" -> Quantity.DURATION.parse(text);
                case "rate" -> Quantity.RATE.parse(text);
                case "queue" -> Quantity.SIZE.parse(text);
                default -> Quantity.part(text);
            } >= 0;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
