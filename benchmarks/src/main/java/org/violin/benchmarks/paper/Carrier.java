package org.violin.benchmarks.paper;

import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.violin.benchmarks.lab.Netns;

/**
 * A TCP connection that carries frames, as the kernels at its two ends see it.
 *
 * @param ends where it ends
 * @param port of one of its ends; nothing else uses it
 */
record Carrier(List<Netns> ends, int port) {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    /** {@code retrans:0/12}: now under way, and in all. Not there while there is none. */
    private static final Pattern RESENT = Pattern.compile(" retrans:\\d+/(\\d+)");

    /** Segments that either end has sent again so far. */
    long resent() {
        String filter = "( sport = :" + port + " or dport = :" + port + " )";
        return ends.stream().mapToLong(end -> parse(end.attempt(LIMIT, "ss", "-Htin", filter).orThrow().output()))
            .sum();
    }

    /** Reads what {@code ss -ti} says of any number of connections. */
    static long parse(String said) {
        return RESENT.matcher(said).results().mapToLong(found -> Long.parseLong(found.group(1))).sum();
    }
}
