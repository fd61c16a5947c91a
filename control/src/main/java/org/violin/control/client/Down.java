package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.violin.control.client.NetworkRecord.Host;

/**
 * Takes a network down: its guests, its daemons and namespaces, its registry entry, in this order. Knows what there is
 * from the registry alone, so it does not matter what died before; what it does not find is no error. May be broken off
 * and run again.
 */
public final class Down {
    private final Registry registry;
    private final Progress progress;

    public Down(Registry registry, Progress progress) {
        this.registry = registry;
        this.progress = progress;
    }

    /**
     * Returns what could not be taken down; then the network stays in the registry. A network that is not in the
     * registry is no error.
     */
    public List<String> run(String network) {
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            Optional<NetworkRecord> found = registry.find(network);
            if (found.isEmpty()) {
                // An entry that was begun and never written: nothing was made for it.
                registry.remove(network);
                return List.of();
            }
            return takeDown(found.get());
        }
    }

    private List<String> takeDown(NetworkRecord record) {
        record.hosts().forEach(host -> progress.begin(host.name(), "taking down"));
        List<Optional<String>> failures = Parallel.map(record.hosts(), host -> new HostRemoval(record, host).run());
        List<Host> left = new ArrayList<>();
        for (int i = 0; i < failures.size(); i++) {
            Host host = record.hosts().get(i);
            failures.get(i).ifPresentOrElse(why -> {
                progress.failed(host.name(), why);
                left.add(host);
            }, () -> progress.done(host.name(), "down"));
        }
        if (record.hasNetns() && left.stream().noneMatch(Host::netns)) {
            new Underlay(record.network()).removeBoard();
        }
        if (left.isEmpty()) {
            registry.remove(record.network());
        } else {
            registry.write(record.withHosts(left));
        }
        return failures.stream().flatMap(Optional::stream).toList();
    }
}
