package org.violin.control.client;

import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.violin.control.api.MacDto;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
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
        this(registry, TunnelWait.LIMIT);
    }

    SwitchMigration(Registry registry, Duration tunnelsLimit) {
        this.registry = registry;
        this.tunnelsLimit = tunnelsLimit;
    }

    /** @param reference {@code SWITCH} or {@code NETWORK/SWITCH} */
    public Done migrate(String reference, String to) {
        int slash = reference.indexOf('/');
        String switchName = reference.substring(slash + 1);
        String network = slash >= 0 ? reference.substring(0, slash) : new NetworkFinder(registry).having("switch",
            switchName, spec -> SwitchMove.switches(List.of(spec)).contains(switchName), SwitchMove::hint);
        if (registry.find(network).isEmpty()) {
            throw Survey.unknown(registry, network);
        }
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            NetworkRecord record = registry.find(network).orElseThrow(() -> Survey.unknown(registry, network));
            Look look = Look.at(record).complete().coherent();
            SwitchMove.Moved moved;
            try {
                moved = new SwitchMove(network, look.specs(), look.underlays()).move(switchName, to);
            } catch (IllegalArgumentException e) {
                throw new ClientException(e.getMessage());
            }
            return new Change(record, look.specs(), moved, switchName, to).run();
        }
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
            orTakeBack(record.each(missing, DaemonClient::put));
            // What one of them refuses it refuses now; and each has read and planned it once when it has to be quick.
            orTakeBack(record.each(moved.specs(), DaemonClient::plan));
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
            orTakeBack(record.each(moved.specs(), DaemonClient::put));
            Duration elapsed = Duration.ofNanos(System.nanoTime() - start);
            known += learnRest(stations.get(false));
            return new Done(record.network(), moved.from(), target, elapsed, known, moved.dropped());
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
            List<String> left = record.each(was, DaemonClient::put);
            throw new ClientException(String.join("; ", errors) + (left.isEmpty() ? ". All is as it was"
                : "; taking it back failed too: " + String.join("; ", left) + ": run 'violin up' again"));
        }

        /** Waits for the tunnels that the switch's links will pass; returns those that do not come up. */
        private List<String> awaitTunnels() {
            return TunnelWait.await(record, target, moved.peers(), tunnelsLimit).map(down -> List.of(
                "the switch cannot be on " + target + ", as " + down)).orElse(List.of());
        }

        private DaemonClient daemon(String host) {
            return record.host(host).orElseThrow().client();
        }
    }
}
