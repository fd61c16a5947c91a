package org.violin.control.client;

import java.util.ArrayList;
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

    /**
     * What has happened so far, daemon by daemon.
     *
     * @param errors told of each daemon that cannot be asked
     */
    public List<Entry> past(Consumer<String> errors) {
        return Parallel.map(List.copyOf(hosts.values()), host -> {
            List<Entry> entries = new ArrayList<>();
            read(host, false, entries::add, errors);
            return entries;
        }).stream().flatMap(List::stream).toList();
    }

    /**
     * Hands on what has happened and what happens, until every daemon has ended. Calls come from many threads.
     *
     * @param errors told of each daemon that cannot be asked any more
     */
    public void follow(Consumer<Entry> entries, Consumer<String> errors) {
        Parallel.map(List.copyOf(hosts.values()), host -> {
            read(host, true, entries, errors);
            return host;
        });
    }

    private void read(Host host, boolean follow, Consumer<Entry> entries, Consumer<String> errors) {
        try {
            host.client().events(follow, event -> {
                if (network == null || event.network() == null || network.equals(event.network())) {
                    entries.accept(new Entry(host.name(), event));
                }
            });
        } catch (ApiException e) {
            errors.accept(e.getMessage());
        }
    }
}
