package org.violin.benchmarks.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;

/** iperf3, one load. TCP is CUBIC, as the machine's default may be another and would then be what is measured. */
public final class Iperf {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of all servers. */
    public static final int PORT = 5201;
    private static final double START_SECONDS = 10;
    /** A tunnel over TCP may have that long a queue of what a lossy path keeps it from sending. */
    private static final double SLACK_SECONDS = 60;

    /**
     * What arrived.
     *
     * @param gigabits    a second, of payload
     * @param retransmits segments sent again
     */
    public record Result(double gigabits, long bytes, long retransmits) {
    }

    /** What became of datagrams; those that came late have come. */
    public record Datagrams(long sent, long counted, long lost) {
        /** Of those that the receiver knows of. */
        public double lossPercent() {
            return 100.0 * lost / counted;
        }
    }

    /** Where the bytes go. */
    public enum Direction {
        A_TO_B(), B_TO_A("-R"), BOTH("--bidir");

        private final List<String> options;

        Direction(String... options) {
            this.options = List.of(options);
        }
    }

    private final Machine from;
    private final String target;
    private final Spawned server;
    private Spawned client;

    /**
     * Starts a server that serves one client, and waits until it listens.
     *
     * @param from   where the client will run
     * @param target the address by which the client reaches the server
     * @param to     where the server runs
     * @param bind   the address that the server listens at
     */
    public Iperf(Machine from, String target, Machine to, String bind) {
        this.from = from;
        this.target = target;
        server = to.load("iperf-server",
            List.of("iperf3", "-s", "-1", "--forceflush", "-B", bind, "-p", Integer.toString(PORT)));
        try {
            server.awaitLog("Server listening", START_SECONDS);
        } catch (BenchException e) {
            stop();
            throw e;
        }
    }

    /** Starts the client: CUBIC. */
    public void begin(int streams, Direction direction, int seconds) {
        List<String> options = new ArrayList<>(List.of("-C", "cubic", "-P", Integer.toString(streams)));
        options.addAll(direction.options);
        begin(seconds, options);
    }

    /** Starts the client, with options of iperf3's that tell which load it is. */
    public void begin(int seconds, List<String> options) {
        List<String> command = new ArrayList<>(List.of("iperf3", "--json", "-i", "0",
            "-c", target, "-p", Integer.toString(PORT), "-t", Integer.toString(seconds)));
        command.addAll(options);
        client = from.load("iperf-client", command);
    }

    /** Waits for the client's end and returns its JSON. */
    public String end(int seconds) {
        try {
            // A client that fails says why in its JSON.
            client.awaitEnd(seconds + SLACK_SECONDS);
            return client.log();
        } finally {
            stop();
        }
    }

    /** Ends what still runs. */
    public void stop() {
        if (client != null && client.isAlive()) {
            client.stop();
        }
        Deadline.await(1, () -> !server.isAlive());
        if (server.isAlive()) {
            server.stop();
        }
    }

    /** Reads the client's JSON of a TCP load; throws with iperf3's own words when it failed. */
    public static Result parse(String json) {
        JsonNode end = end(json);
        JsonNode received = end.path("sum_received");
        if (!received.path("bits_per_second").isNumber()) {
            throw new BenchException("iperf3: no result in its JSON");
        }
        return new Result(received.get("bits_per_second").asDouble() / 1e9, received.path("bytes").asLong(),
            end.path("sum_sent").path("retransmits").asLong());
    }

    /** The same, of a UDP load. */
    public static Datagrams parseDatagrams(String json) {
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
