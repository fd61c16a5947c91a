package org.violin.control.client;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Coherence;

/**
 * What the daemons of a network have at one moment.
 *
 * @param specs  by host, of those that answer
 * @param errors by host, of those that do not
 */
record Look(NetworkRecord record, Map<String, NetworkSpec> specs, Map<String, String> errors) {

    static Look at(NetworkRecord record) {
        Look look = new Look(record, new LinkedHashMap<>(), new LinkedHashMap<>());
        List<Survey.Answer<Optional<NetworkSpec>>> answers =
            new Survey(List.of(record)).ask(DaemonClient::network);
        for (Survey.Answer<Optional<NetworkSpec>> answer : answers) {
            String host = answer.host().name();
            if (answer.error() != null) {
                look.errors.put(host, answer.error());
            } else {
                look.specs.put(host, answer.value().orElse(NetworkSpec.empty(record.network(), host)));
            }
        }
        return look;
    }

    /** {@code address:port} of each host. */
    Map<String, String> underlays() {
        Map<String, String> underlays = new HashMap<>();
        record.hosts().forEach(host -> underlays.put(host.name(), host.address()));
        return underlays;
    }

    /** Throws unless all daemons have answered. */
    Look complete() {
        if (!errors.isEmpty()) {
            throw new ClientException(String.join("; ", errors.values()) + ". Nothing is changed");
        }
        return this;
    }

    /** Throws unless what they have fits together. */
    Look coherent() {
        List<String> faults = Coherence.faults(specs.values());
        if (!faults.isEmpty()) {
            throw new ClientException(String.join("; ", faults) + ": a change of network " + record.network()
                + " was broken off: run 'violin up' again first. Nothing is changed");
        }
        return this;
    }
}
