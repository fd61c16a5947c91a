package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.violin.control.client.DaemonClient.TrialStream;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.tune.Measurement;
import org.violin.control.tune.TrialReport;
import org.violin.control.tune.TrialRequest;
import org.violin.control.tune.Variant;

/**
 * Measures the way from one host to another with one transport after the other. What the daemons do for it lasts no
 * longer than the connections of this, so nothing has to be taken back.
 */
public final class Tuning {
    /** What is under way when the sender has ended has come by then. */
    private static final long REST_MILLIS = 500;

    private final Registry registry;
    private final String network;
    private final NetworkRecord.Host from;
    private final NetworkRecord.Host to;

    private Tuning(Registry registry, String network, NetworkRecord.Host from, NetworkRecord.Host to) {
        this.registry = registry;
        this.network = network;
        this.from = from;
        this.to = to;
    }

    /**
     * Finds two hosts. Throws {@link ClientException} when there are no such two, or more than once.
     *
     * @param network null: the one that has both
     */
    public static Tuning between(Registry registry, String network, String from, String to) {
        if (from.equals(to)) {
            throw new ClientException(from + ": a host has no tunnel to itself");
        }
        List<NetworkRecord> records = Survey.of(registry, network).records();
        List<NetworkRecord> both = records.stream()
            .filter(record -> record.host(from).isPresent() && record.host(to).isPresent()).toList();
        if (both.isEmpty()) {
            throw new ClientException(records.isEmpty() ? "no network is up (violin up FILE brings one up)"
                : "no network has both " + from + " and " + to + ": there is " + String.join("; ", records.stream()
                    .map(each -> each.network() + " with " + hosts(each)).toList()));
        }
        if (both.size() > 1) {
            throw new ClientException(from + " and " + to + " are hosts of "
                + String.join(", ", both.stream().map(NetworkRecord::network).toList()) + ": say which network");
        }
        NetworkRecord record = both.getFirst();
        return new Tuning(registry, record.network(), record.host(from).orElseThrow(), record.host(to).orElseThrow());
    }

    private static String hosts(NetworkRecord record) {
        return String.join(", ", record.hosts().stream().map(NetworkRecord.Host::name).toList());
    }

    public String network() {
        return network;
    }

    /**
     * Measures. Throws {@link ClientException} or {@link ApiException} when a host does not answer, has no tunnel to
     * the other, or refuses. A transport by which nothing passes is a result.
     *
     * @param seconds for which each load is measured
     */
    public List<Measurement> run(List<Variant> variants, int seconds, Progress progress) {
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            requireTunnel(from, to);
            requireTunnel(to, from);
            List<Measurement> measurements = new ArrayList<>();
            for (Variant variant : variants) {
                progress.begin(variant.label(), "begins");
                Measurement measurement = measureIfAllowed(variant, seconds, progress);
                if (measurement.failure() == null) {
                    progress.done(variant.label(), "measured");
                } else {
                    progress.failed(variant.label(), measurement.failure());
                }
                measurements.add(measurement);
            }
            return measurements;
        }
    }

    private void requireTunnel(NetworkRecord.Host host, NetworkRecord.Host peer) {
        Optional<NetworkSpec> spec = host.client().network(network);
        if (spec.isEmpty()) {
            throw new ClientException(host.name() + ": does not know network " + network + ": run 'violin up' again");
        }
        if (spec.get().tunnels().stream().noneMatch(tunnel -> tunnel.peer().equals(peer.name()))) {
            throw new ClientException("there is no tunnel between " + host.name() + " and " + peer.name()
                + ": no link of network " + network + " runs between them");
        }
    }

    /** Not every daemon can have every stream: that is a result, too. */
    private Measurement measureIfAllowed(Variant variant, int seconds, Progress progress) {
        try {
            return measure(variant, seconds, progress);
        } catch (ApiException e) {
            if (e.refused() && variant.transport().isStream()) {
                return Measurement.failed(variant, e.getMessage());
            }
            throw e;
        }
    }

    private Measurement measure(Variant variant, int seconds, Progress progress) {
        int linkId = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        try (TrialStream receiver = to.client().trial(network, from.name(),
                new TrialRequest(linkId, false, seconds, variant))) {
            long ageMillis = receiver.next().ageMillis() - now();
            try (TrialStream sender = from.client().trial(network, to.name(),
                    new TrialRequest(linkId, true, seconds, variant))) {
                TrialReport sent = awaitDone(sender, receiver, variant, progress);
                long wantedMillis = ageMillis + now() + REST_MILLIS;
                TrialReport received = receiver.next();
                while (received.ageMillis() < wantedMillis) {
                    received = receiver.next();
                }
                sender.end();
                receiver.end();
                return Measurement.of(variant, sent, received);
            }
        }
    }

    /** Both are read, so that either's end is noticed at once. */
    private static TrialReport awaitDone(
            TrialStream sender, TrialStream receiver, Variant variant, Progress progress) {
        TrialReport report = sender.next();
        String phase = "";
        while (!report.hasEnded()) {
            if (!phase.equals(report.phase())) {
                phase = report.phase();
                progress.begin(variant.label(), phase);
            }
            receiver.next();
            report = sender.next();
        }
        return report;
    }

    private static long now() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
