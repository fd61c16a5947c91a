package org.violin.control.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.violin.control.api.EventDto;
import org.violin.control.client.NetworkRecord.Host;

/** The events of many daemons as one stream. */
public final class Events {
    private final String network;
    private final Map<String, Host> hosts = new LinkedHashMap<>();

    /** An event and the host whose daemon told it. */
    public record Entry(String host, EventDto event) {
    }

    /** @param network only its events, and those of daemons as a whole; null: every network's */
    public Events(List<NetworkRecord> records, String network) {
        this.network = network;
        // A daemon that carries several networks is asked once.
        records.forEach(record -> record.hosts().forEach(host -> hosts.putIfAbsent(host.socket(), host)));
    }

    /** What has happened so far, daemon by daemon. */
    public List<Entry> past() {
        return Parallel.map(List.copyOf(hosts.values()), host -> {
            List<Entry> entries = new java.util.ArrayList<>();
            read(host, false, entries::add);
            return entries;
        }).stream().flatMap(List::stream).toList();
    }

    /** Hands on what has happened and what happens until every daemon has ended; calls come from many threads. */
    public void follow(Consumer<Entry> entries) {
        Parallel.map(List.copyOf(hosts.values()), host -> {
            read(host, true, entries);
            return host;
        });
    }

    private void read(Host host, boolean follow, Consumer<Entry> entries) {
        host.client().events(follow, event -> {
            if (network == null || event.network() == null || network.equals(event.network())) {
                entries.accept(new Entry(host.name(), event));
            }
        });
    }
}
