package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Asks the daemons of networks, all at once. */
public final class Survey {
    private final List<NetworkRecord> records;

    /**
     * An answer, or why there is none.
     *
     * @param error null when there is an answer
     */
    public record Answer<T>(String network, NetworkRecord.Host host, T value, String error) {
    }

    public Survey(List<NetworkRecord> records) {
        this.records = List.copyOf(records);
    }

    /** Every network of the registry, or one; throws {@link ClientException} when that one is not there. */
    public static Survey of(Registry registry, String network) {
        if (network == null) {
            return new Survey(registry.networks());
        }
        Optional<NetworkRecord> record = registry.find(network);
        return new Survey(List.of(record.orElseThrow(() -> unknown(registry, network))));
    }

    /** Says that there is no such network, and which there are. */
    public static ClientException unknown(Registry registry, String network) {
        List<String> names = registry.networks().stream().map(NetworkRecord::network).toList();
        return new ClientException("no network " + network + " is up: "
            + (names.isEmpty() ? "none is (violin up FILE brings one up)" : "there is " + String.join(", ", names)));
    }

    public List<NetworkRecord> records() {
        return records;
    }

    /** Puts a question to every host; the answers come in the order of networks and hosts. */
    public <T> List<Answer<T>> ask(BiFunction<DaemonClient, String, T> question) {
        record Asked(String network, NetworkRecord.Host host) {
        }
        List<Asked> all = new ArrayList<>();
        records.forEach(record -> record.hosts().forEach(host -> all.add(new Asked(record.network(), host))));
        return Parallel.map(all, asked -> {
            try {
                T value = question.apply(asked.host().client(), asked.network());
                return new Answer<>(asked.network(), asked.host(), value, null);
            } catch (ApiException e) {
                return new Answer<T>(asked.network(), asked.host(), null, e.getMessage());
            }
        });
    }
}
