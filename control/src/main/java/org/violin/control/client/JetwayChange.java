package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.NetworkSpec;

/**
 * Switches jetways of a network that is up. The daemon is asked what it has, and given the same with nothing else
 * changed, so it keeps that until the next change of the network.
 */
public final class JetwayChange {
    private final Registry registry;
    private final String network;

    /** A jetway that was asked for, as it is now. */
    public record Switched(String host, JetwaySpec jetway, boolean changed) {
    }

    private record Place(NetworkRecord.Host host, NetworkSpec spec, List<JetwaySpec> jetways) {
    }

    public JetwayChange(Registry registry, String network) {
        this.registry = registry;
        this.network = network;
    }

    /**
     * Switches one jetway, or all of the network. Throws {@link ClientException} when there is none, or a host with one
     * does not answer or refuses; those of other hosts may be switched then, which is told.
     *
     * @param name null: all
     */
    public List<Switched> run(String name, boolean on) {
        if (registry.find(network).isEmpty()) {
            throw Survey.unknown(registry, network);
        }
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            List<Switched> done = new ArrayList<>();
            for (Place place : places(name)) {
                NetworkSpec wanted = place.spec();
                for (JetwaySpec jetway : place.jetways()) {
                    wanted = wanted.withJetway(jetway.name(), on);
                }
                try {
                    // Also where nothing changes: what is to be on may have failed when the daemon started.
                    if (on || !wanted.equals(place.spec())) {
                        place.host().client().put(wanted);
                    }
                } catch (ApiException e) {
                    throw new ClientException(e.getMessage() + (done.isEmpty() ? "" : ". Switched "
                        + (on ? "on" : "off") + " are " + String.join(", ", done.stream()
                            .map(each -> each.jetway().name() + " on " + each.host()).toList())));
                }
                place.jetways().forEach(jetway ->
                    done.add(new Switched(place.host().name(), jetway.withOn(on), jetway.on() != on)));
            }
            return done;
        }
    }

    private List<Place> places(String name) {
        List<Survey.Answer<Optional<NetworkSpec>>> answers =
            Survey.of(registry, network).ask(DaemonClient::network);
        List<Place> places = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        List<String> names = new ArrayList<>();
        for (Survey.Answer<Optional<NetworkSpec>> answer : answers) {
            if (answer.error() != null) {
                errors.add(answer.error());
            }
            Optional<NetworkSpec> spec = answer.error() == null ? answer.value() : Optional.empty();
            List<JetwaySpec> all = spec.map(NetworkSpec::jetways).orElse(List.of());
            all.forEach(jetway -> names.add(jetway.name()));
            List<JetwaySpec> asked = all.stream().filter(each -> name == null || each.name().equals(name)).toList();
            if (!asked.isEmpty()) {
                places.add(new Place(answer.host(), spec.orElseThrow(), asked));
            }
        }
        if (places.isEmpty() || name == null && !errors.isEmpty()) {
            throw new ClientException((name == null ? "" : "no jetway " + name + ": ")
                + (!errors.isEmpty() ? String.join("; ", errors) + ". Nothing is changed"
                : names.isEmpty() ? "network " + network + " has no jetway: describe one under 'jetways' in its file,"
                    + " and run violin up again"
                : "there is " + String.join(", ", names)));
        }
        return places;
    }
}
