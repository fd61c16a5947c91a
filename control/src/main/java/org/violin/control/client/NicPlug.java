package org.violin.control.client;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.NicChange;

/**
 * Plugs vNICs into guests of a network that is up, and unplugs them. Each daemon that it concerns is given what it has
 * with nothing else changed, and keeps that until the next change of the network. Throws {@link ClientException}; then
 * the network is as it was, or the message says how it is.
 */
public final class NicPlug {
    private final Registry registry;
    private final String network;

    public NicPlug(Registry registry, String network) {
        this.registry = registry;
        this.network = network;
    }

    /** Returns the vNIC, which the guest has by now if it runs. */
    public NicSpec attach(String node, String switchName, NicChange.Wanted wanted) {
        return change(now -> now.attach(node, switchName, wanted));
    }

    /** Returns the vNIC, which the guest does not have any more. */
    public NicSpec detach(String node, String nic) {
        return change(now -> now.detach(node, nic));
    }

    private NicSpec change(Function<NicChange, NicChange.Changed> change) {
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            NetworkRecord record = registry.find(network).orElseThrow(() -> Survey.unknown(registry, network));
            Map<String, NetworkSpec> before = new LinkedHashMap<>();
            Map<String, String> underlays = new LinkedHashMap<>();
            for (Survey.Answer<Optional<NetworkSpec>> answer
                : Survey.of(registry, network).ask(DaemonClient::network)) {
                if (answer.error() != null) {
                    throw new ClientException(answer.error() + ". Nothing is changed");
                }
                answer.value().ifPresent(spec -> before.put(answer.host().name(), spec));
                underlays.put(answer.host().name(), answer.host().address());
            }
            NicChange.Changed changed;
            try {
                changed = change.apply(new NicChange(network, before, underlays));
            } catch (IllegalArgumentException e) {
                throw new ClientException(e.getMessage());
            }
            put(record, before, changed.specs());
            return changed.nic();
        }
    }

    private static void put(NetworkRecord record, Map<String, NetworkSpec> before, Map<String, NetworkSpec> changed) {
        List<String> done = new ArrayList<>();
        for (Map.Entry<String, NetworkSpec> entry : changed.entrySet()) {
            try {
                daemon(record, entry.getKey()).put(entry.getValue());
                done.add(entry.getKey());
            } catch (ApiException e) {
                List<String> left = new ArrayList<>();
                for (String host : done.reversed()) {
                    try {
                        daemon(record, host).put(before.get(host));
                    } catch (ApiException again) {
                        left.add(again.getMessage());
                    }
                }
                throw new ClientException(e.getMessage() + (left.isEmpty() ? ""
                    : "; taking it back failed too: " + String.join("; ", left) + ": run 'violin up' again"));
            }
        }
    }

    private static DaemonClient daemon(NetworkRecord record, String host) {
        return record.host(host).orElseThrow().client();
    }
}
