package org.violin.benchmarks.e2e;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Proc;
import org.violin.benchmarks.lab.Spawned;

/** iperf3, one load. TCP is CUBIC, as the machine's default may be another and would then be what is measured. */
final class Iperf {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int PORT = 5201;
    private static final double START_SECONDS = 5;
    /** A tunnel over TCP may have that long a queue of what a lossy path keeps it from sending. */
    private static final double SLACK_SECONDS = 60;

    /**
     * What arrived.
     *
     * @param gigabits    a second, of payload
     * @param retransmits segments sent again
     */
    record Result(double gigabits, long bytes, long retransmits) {
    }

    /** What became of datagrams; those that came late have come. */
    record Datagrams(long sent, long counted, long lost) {
        /** Of those that the receiver knows of. */
        double lossPercent() {
            return 100.0 * lost / counted;
        }
    }

    /** Where the bytes go. */
    enum Direction {
        A_TO_B(), B_TO_A("-R"), BOTH("--bidir");

        private final List<String> options;

        Direction(String... options) {
            this.options = List.of(options);
        }
    }

    private final Pair pair;
    private final Spawned server;
    private Spawned client;

    /** Starts a server at b that serves one client. */
    Iperf(Pair pair) {
        this.pair = pair;
        server = pair.b().load("iperf-server",
            List.of("iperf3", "-s", "-1", "-B", pair.b().overlay(), "-p", Integer.toString(PORT)));
        String sockets = "/proc/" + server.pid() + "/net/tcp";
        String listening = ":%04X 00000000:0000 0A".formatted(PORT);
        boolean listens = Deadline.await(START_SECONDS, () -> {
            server.check();
            return Proc.read(sockets).orElse("").contains(listening);
        });
        if (!listens) {
            stop();
            throw new BenchException("the iperf3 server does not listen after " + START_SECONDS + " s");
        }
    }

    /** Starts the client at a: CUBIC. */
    void begin(int streams, Direction direction, int seconds) {
        List<String> options = new ArrayList<>(List.of("-C", "cubic", "-P", Integer.toString(streams)));
        options.addAll(direction.options);
        begin(seconds, options);
    }

    /** Starts the client at a, with options of iperf3's that tell which load it is. */
    void begin(int seconds, List<String> options) {
        List<String> command = new ArrayList<>(List.of("iperf3", "--json", "-i", "0",
            "-c", pair.b().overlay(), "-p", Integer.toString(PORT), "-t", Integer.toString(seconds)));
        command.addAll(options);
        client = pair.a().load("iperf-client", command);
    }

    /** Waits for the client's end and returns its JSON. */
    String end(int seconds) {
        try {
            // A client that fails says why in its JSON.
            client.awaitEnd(seconds + SLACK_SECONDS);
            return client.log();
        } finally {
            stop();
        }
    }

    /** Ends what still runs. */
    void stop() {
        if (client != null && client.isAlive()) {
            client.stop();
        }
        Deadline.await(1, () -> !server.isAlive());
        if (server.isAlive()) {
            server.stop();
        }
    }

    /** Reads the client's JSON of a TCP load; throws with iperf3's own words when it failed. */
    static Result parse(String json) {
        JsonNode end = end(json);
        JsonNode received = end.path("sum_received");
        if (!received.path("bits_per_second").isNumber()) {
            throw new BenchException("iperf3: no result in its JSON");
        }
        return new Result(received.get("bits_per_second").asDouble() / 1e9, received.path("bytes").asLong(),
            end.path("sum_sent").path("retransmits").asLong());
    }

    /** The same, of a UDP load. */
    static Datagrams parseDatagrams(String json) {
        JsonNode end = end(json);
        Datagrams datagrams = new Datagrams(end.path("sum_sent").path("packets").asLong(),
            end.path("sum").path("packets").asLong(), end.path("sum").path("lost_packets").asLong());
        if (datagrams.counted() == 0) {
            throw new BenchException("iperf3: of " + datagrams.sent() + " datagrams none arrived");
        }
        return datagrams;
    }

    private static JsonNode end(String json) {
        try {
            JsonNode root = JSON.readTree(json);
            if (root.hasNonNull("error")) {
                throw new BenchException("iperf3: " + root.get("error").asText());
            }
            return root.path("end");
        } catch (JsonProcessingException e) {
            throw new BenchException("iperf3: not JSON: " + e.getOriginalMessage(), e);
        }
    }
}
