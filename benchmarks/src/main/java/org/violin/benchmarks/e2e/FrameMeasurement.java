package org.violin.benchmarks.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.CpuClock;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Recorder;

/**
 * How many UDP packets a second pass from a to b, offered as fast as the device takes them.
 *
 * @param title as users ask for it; the packets are smaller where the MTU is
 * @param bytes of an IP packet; an Ethernet frame is 14 more
 */
record FrameMeasurement(int title, int bytes, double seconds) implements Measurement {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PORT = 9000;
    private static final double SLACK_SECONDS = 5;
    /** What is still under way when the sender ends has arrived after this. */
    private static final double DRAIN_SECONDS = 0.1;

    /**
     * @param sent     frames that the device took
     * @param received frames that the receiving program got
     * @param seconds  that the sender sent
     */
    record Counts(long sent, long received, double seconds) {
        double lossPercent() {
            return sent == 0 ? Double.NaN : 100.0 * (sent - received) / sent;
        }
    }

    @Override
    public String name() {
        return "udp" + title;
    }

    @Override
    public double estimateSeconds() {
        return seconds + 0.5;
    }

    @Override
    public String run(Pair pair, Recorder recorder) {
        String device = pair.side().device();
        String tool = pair.tools().frames().toString();
        Spawned receiver = pair.b().load("frames-receive",
            List.of(tool, "receive", pair.b().overlay(), Integer.toString(PORT)));
        try {
            receiver.awaitLog("ready", SLACK_SECONDS);
            double cpuBefore = CpuClock.machineSeconds();
            Spawned sender = pair.a().load("frames-send", List.of(tool, "send", device, pair.b().macOf(device),
                pair.a().overlay(), pair.b().overlay(), Integer.toString(PORT), Integer.toString(bytes),
                Long.toString(Math.round(seconds * 1000))));
            String sent = sender.awaitSuccess(seconds + SLACK_SECONDS);
            double cpuSeconds = CpuClock.machineSeconds() - cpuBefore;
            Deadline.pause(DRAIN_SECONDS);
            receiver.stop();
            recorder.keep(name(), sent + receiver.log());
            return record(parse(sent, receiver.log()), cpuSeconds, recorder);
        } finally {
            receiver.stop();
        }
    }

    private String record(Counts counts, double cpuSeconds, Recorder recorder) {
        if (counts.received() == 0) {
            throw new BenchException("of " + counts.sent() + " frames none arrived");
        }
        double kilo = counts.seconds() * 1000;
        recorder.value(Metric.frames(name(), "sent"), counts.sent() / kilo);
        recorder.value(Metric.frames(name(), "received"), counts.received() / kilo);
        recorder.value(Metric.frames(name(), "loss"), counts.lossPercent());
        recorder.value(Metric.frames(name(), "cpu"), cpuSeconds * 1e6 / counts.received());
        return String.format(Locale.ROOT, "%.0f k/s received, %.1f %% lost", counts.received() / kilo,
            counts.lossPercent());
    }

    /** Reads what the two ends of the generator said; each ends with a line of JSON. */
    static Counts parse(String sender, String receiver) {
        JsonNode sent = lastLine(sender);
        JsonNode received = lastLine(receiver);
        return new Counts(sent.path("sent").asLong(), received.path("received").asLong(),
            sent.path("ns").asLong() / 1e9);
    }

    private static JsonNode lastLine(String text) {
        String line = text.lines().reduce((before, after) -> after).orElse("");
        try {
            JsonNode node = JSON.readTree(line);
            if (!node.isObject()) {
                throw new BenchException("frames: \"" + line + "\" is no result");
            }
            return node;
        } catch (JsonProcessingException e) {
            throw new BenchException("frames: \"" + line + "\" is no result", e);
        }
    }
}
