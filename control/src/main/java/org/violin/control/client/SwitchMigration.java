package org.violin.control.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.violin.control.api.MacDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Coherence;
import org.violin.control.topology.SwitchMove;

/**
 * Moves a switch of a network that is up to another host. Each daemon that it concerns is first given what can be there
 * beside what it has: the tunnels that are missing, and at its new host the switch, by whose links no frame comes yet.
 * When the tunnels that the switch will use are up, it is told what the old one has learned, and all daemons are given
 * the rest at the same time, so that frames are lost only while one has changed and another has not. Each keeps that
 * until the next change of the network. Throws {@link ClientException}; then the network is as it was, or the message
 * says how it is.
 *
 * <p>No port is on both switches at any time, and these are not joined, so there is never a loop.
 */
public final class SwitchMigration {
    /** A new tunnel is up in a few round trips and a handshake. */
    private static final Duration TUNNELS_LIMIT = Duration.ofSeconds(15);
    private static final long POLL_MILLIS = 20;
    /** That the new switch is told of, those heard of last: what a request has room for. */
    private static final int STATIONS_MAX = 4096;

    private final Registry registry;
    private final Duration tunnelsLimit;

    /**
     * What was done.
     *
     * @param elapsed  from the first daemon's being given its part of the move to the last one's answer
     * @param stations that the switch knows from the beginning
     * @param dropped  what links were set to that there are no more, in words
     */
    public record Done(String network, String from, String to, Duration elapsed, int stations, List<String> dropped) {
    }

    public SwitchMigration(Registry registry) {
        this(registry, TUNNELS_LIMIT);
    }

    SwitchMigration(Registry registry, Duration tunnelsLimit) {
        this.registry = registry;
        this.tunnelsLimit = tunnelsLimit;
    }

    /** @param reference {@code SWITCH} or {@code NETWORK/SWITCH} */
    public Done migrate(String reference, String to) {
        int slash = reference.indexOf('/');
        String switchName = reference.substring(slash + 1);
        String network = slash < 0 ? networkOf(switchName) : reference.substring(0, slash);
        if (registry.find(network).isEmpty()) {
            throw Survey.unknown(registry, network);
        }
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            NetworkRecord record = registry.find(network).orElseThrow(() -> Survey.unknown(registry, network));
            Map<String, NetworkSpec> before = new LinkedHashMap<>();
            Map<String, String> underlays = new LinkedHashMap<>();
            List<String> errors = new ArrayList<>();
            for (Survey.Answer<Optional<NetworkSpec>> answer
                : Survey.of(registry, network).ask(DaemonClient::network)) {
                NetworkRecord.Host host = answer.host();
                underlays.put(host.name(), host.address());
                if (answer.error() != null) {
                    errors.add(answer.error());
                } else {
                    before.put(host.name(), answer.value().orElse(NetworkSpec.empty(network, host.name())));
                }
            }
            if (!errors.isEmpty()) {
                throw new ClientException(String.join("; ", errors) + ". Nothing is changed");
            }
            errors.addAll(Coherence.faults(before.values()));
            if (!errors.isEmpty()) {
                throw new ClientException(String.join("; ", errors) + ": a change of network " + network
                    + " was broken off: run 'violin up' again first. Nothing is changed");
            }
            SwitchMove.Moved moved;
            try {
                moved = new SwitchMove(network, before, underlays).move(switchName, to);
            } catch (IllegalArgumentException e) {
                throw new ClientException(e.getMessage());
            }
            return new Change(record, before, moved, switchName, to).run();
        }
    }

    /** The one network that has such a switch. */
    private String networkOf(String switchName) {
        List<NetworkRecord> records = registry.networks();
        if (records.isEmpty()) {
            throw new ClientException("no switch " + switchName
                + ": no network is up (violin up FILE brings one up)");
        }
        List<Survey.Answer<Optional<NetworkSpec>>> answers = new Survey(records).ask(DaemonClient::network);
        List<String> found = answers.stream()
            .filter(answer -> answer.error() == null && answer.value().isPresent()
                && SwitchMove.switches(List.of(answer.value().get())).contains(switchName))
            .map(Survey.Answer::network).distinct().toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (!found.isEmpty()) {
            throw new ClientException(switchName + " may be any of " + found.stream()
                .map(network -> network + "/" + switchName).collect(Collectors.joining(", ")) + ": say which");
        }
        List<String> errors = answers.stream().map(Survey.Answer::error).filter(error -> error != null).toList();
        String hint = SwitchMove.hint(switchName, answers.stream().filter(answer -> answer.error() == null)
            .flatMap(answer -> answer.value().stream()).toList());
        throw new ClientException("there is no switch '" + switchName + "'"
            + (errors.isEmpty() ? hint : ": " + String.join("; ", errors)));
    }

    /** One migration, under the network's lock. */
    private final class Change {
        private final NetworkRecord record;
        private final Map<String, NetworkSpec> before;
        private final SwitchMove.Moved moved;
        private final String switchName;
        private final String target;

        private Change(NetworkRecord record, Map<String, NetworkSpec> before, SwitchMove.Moved moved,
            String switchName, String target) {
            this.record = record;
            this.before = before;
            this.moved = moved;
            this.switchName = switchName;
            this.target = target;
        }

        private Done run() {
            Map<String, NetworkSpec> missing = new LinkedHashMap<>(moved.prepared());
            missing.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
            orTakeBack(each(missing, DaemonClient::put));
            // What one of them refuses it refuses now; and each has read and planned it once when it has to be quick.
            orTakeBack(each(moved.specs(), DaemonClient::plan));
            orTakeBack(awaitTunnels());
            Map<Boolean, List<MacDto>> stations = Map.of();
            int known = 0;
            try {
                stations = learned();
                known = daemon(target).learn(record.network(), stations.get(true));
            } catch (ApiException e) {
                orTakeBack(List.of(e.getMessage()));
            }
            long start = System.nanoTime();
            orTakeBack(each(moved.specs(), DaemonClient::put));
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            known += learnRest(stations.get(false));
            return new Done(record.network(), moved.from(), target, elapsed, known, moved.dropped());
        }

        /** Calls the daemons with these, all at the same time; returns what went wrong. */
        private List<String> each(Map<String, NetworkSpec> specs, BiConsumer<DaemonClient, NetworkSpec> call) {
            return Parallel.map(List.copyOf(specs.entrySet()), entry -> {
                try {
                    call.accept(daemon(entry.getKey()), entry.getValue());
                    return Optional.<String>empty();
                } catch (ApiException e) {
                    return Optional.of(e.getMessage());
                }
            }).stream().flatMap(Optional::stream).toList();
        }

        /**
         * What the switch has learned, by whether the new one has the ports already behind which that is to be; others
         * are plugged into it by the change.
         */
        private Map<Boolean, List<MacDto>> learned() {
            Set<String> links = moved.prepared().get(target).links().stream().map(LinkSpec::name)
                .collect(Collectors.toSet());
            return daemon(moved.from()).macs(record.network()).stream()
                .filter(station -> station.bridge().equals(switchName) && moved.ports().containsKey(station.port()))
                .sorted(Comparator.comparingInt(MacDto::ageSeconds)).limit(STATIONS_MAX)
                .map(station -> station.behind(moved.ports().get(station.port())))
                .collect(Collectors.partitioningBy(station -> links.contains(station.port())));
        }

        /** The switch has moved, whatever comes of this: to stations that it does not know it floods. */
        private int learnRest(List<MacDto> stations) {
            try {
                return stations.isEmpty() ? 0 : daemon(target).learn(record.network(), stations);
            } catch (ApiException e) {
                return 0;
            }
        }

        private void orTakeBack(List<String> errors) {
            if (errors.isEmpty()) {
                return;
            }
            // Also from those that failed: one that did not answer may have changed.
            Map<String, NetworkSpec> was = new LinkedHashMap<>(before);
            was.keySet().retainAll(moved.specs().keySet());
            List<String> left = each(was, DaemonClient::put);
            throw new ClientException(String.join("; ", errors) + (left.isEmpty() ? ". All is as it was"
                : "; taking it back failed too: " + String.join("; ", left) + ": run 'violin up' again"));
        }

        /** Waits for the tunnels that the switch's links will pass; returns those that do not come up. */
        private List<String> awaitTunnels() {
            long deadlineNs = System.nanoTime() + tunnelsLimit.toNanos();
            while (true) {
                List<String> down = new ArrayList<>();
                try {
                    look(down);
                } catch (ApiException e) {
                    return List.of(e.getMessage());
                }
                if (down.isEmpty()) {
                    return List.of();
                }
                if (System.nanoTime() - deadlineNs >= 0) {
                    return List.of("the switch cannot be on " + target + ", as not all tunnels from there are up: "
                        + String.join(", ", down) + " (violin netcheck " + record.network() + " tells why)");
                }
                Readiness.pause(POLL_MILLIS);
            }
        }

        private void look(List<String> down) {
            for (String peer : moved.peers()) {
                Map.of(target, peer, peer, target).forEach((from, to) -> {
                    String state = daemon(from).tunnels(record.network()).stream()
                        .filter(tunnel -> tunnel.peer().equals(to)).map(TunnelDto::state).findFirst().orElse("missing");
                    if (!state.equals("up")) {
                        down.add(from + " -> " + to + " is " + state);
                    }
                });
            }
        }

        private DaemonClient daemon(String host) {
            return record.host(host).orElseThrow().client();
        }
    }
}
