package org.violin.control.client;

import java.time.Duration;
import java.util.Locale;
import org.violin.control.topology.NodeMove;

/**
 * Moves a guest of a network that is up to another host: it is powered off, its disk copied, and it is booted there;
 * one of QEMU's goes while it runs.
 * Throws {@link ClientException}; then the network is as it was, or the message says how it is.
 */
public final class NodeMigration {
    /** After Ctrl-C: starting the guest again where it was, or waiting for its boot where it is. */
    private static final Duration TAKE_BACK_LIMIT = Duration.ofSeconds(100);

    private final Registry registry;
    private final Duration tunnelsLimit;

    /**
     * What was done.
     *
     * @param bytes    that were copied
     * @param blackout from when it began to power off until its agent answered again, or for how long it stood still;
     *                 null: it is stopped
     * @param live     whether it went while it ran
     */
    public record Done(
        String network, String node, String from, String to, long bytes, Duration blackout, boolean live) {
        /** How much, and how long. */
        public String text() {
            String disk = String.format(Locale.ROOT, live ? "%.1f MB of its memory and disk copied while it ran"
                : "%.1f MB of its disk copied", bytes / 1e6);
            return blackout == null ? disk + ", and it stays stopped"
                : String.format(Locale.ROOT, live ? "%s, away for %.3f s" : "%s, away for %.1f s", disk,
                    blackout.toMillis() / 1e3);
        }
    }

    public NodeMigration(Registry registry) {
        this(registry, TunnelWait.LIMIT);
    }

    NodeMigration(Registry registry, Duration tunnelsLimit) {
        this.registry = registry;
        this.tunnelsLimit = tunnelsLimit;
    }

    /** @param reference {@code NODE} or {@code NETWORK/NODE} */
    public Done migrate(String reference, String to) {
        int slash = reference.indexOf('/');
        String node = reference.substring(slash + 1);
        String network = slash >= 0 ? reference.substring(0, slash) : new NetworkFinder(registry)
            .having("node", node, spec -> NodeMove.has(spec, node), NodeMove::hint);
        if (registry.find(network).isEmpty()) {
            throw Survey.unknown(registry, network);
        }
        try (Registry.Lock lock = registry.lock(network);
            Cancellation cancellation = new Cancellation(TAKE_BACK_LIMIT)) {
            assert lock != null;
            NetworkRecord record = registry.find(network).orElseThrow(() -> Survey.unknown(registry, network));
            NodePlacement placement = new NodePlacement(record, tunnelsLimit, cancellation::acknowledge);
            placement.mend();
            Look.at(record).complete().coherent();
            return placement.move(node, to);
        }
    }
}
