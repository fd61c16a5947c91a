package org.violin.control.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.violin.control.api.TunnelDto;

/** Waits for the tunnels that links of what moves will pass. */
final class TunnelWait {
    /** A new tunnel is up in a few round trips and a handshake. */
    static final Duration LIMIT = Duration.ofSeconds(15);
    private static final long POLL_MILLIS = 20;

    private TunnelWait() {
    }

    /** Returns why not all tunnels between a host and its peers are up when the time is over; empty: they are. */
    static Optional<String> await(NetworkRecord record, String host, List<String> peers, Duration limit) {
        long deadlineNs = System.nanoTime() + limit.toNanos();
        while (true) {
            List<String> down = new ArrayList<>();
            try {
                look(record, host, peers, down);
            } catch (ApiException e) {
                return Optional.of("the tunnels cannot be seen: " + e.getMessage());
            }
            if (down.isEmpty()) {
                return Optional.empty();
            }
            if (System.nanoTime() - deadlineNs >= 0) {
                return Optional.of("not all tunnels from there are up: " + String.join(", ", down)
                    + " (violin netcheck " + record.network() + " tells why)");
            }
            Readiness.pause(POLL_MILLIS);
        }
    }

    private static void look(NetworkRecord record, String host, List<String> peers, List<String> down) {
        for (String peer : peers) {
            Map.of(host, peer, peer, host).forEach((from, to) -> {
                String state = record.host(from).orElseThrow().client().tunnels(record.network()).stream()
                    .filter(tunnel -> tunnel.peer().equals(to)).map(TunnelDto::state).findFirst().orElse("missing");
                if (!state.equals("up")) {
                    down.add(from + " -> " + to + " is " + state);
                }
            });
        }
    }
}
