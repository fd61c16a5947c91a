package org.violin.control.client;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.UdpPortSpec;

/**
 * Changes a link of a network that is up, at both ends, or one port. Each daemon is asked what it has, and given the
 * same with nothing else changed, so it keeps that until the next change of the network.
 */
public final class LinkChange {
    private static final String LINK = "link:";

    private final Registry registry;
    private final String network;

    /**
     * A port that was asked for.
     *
     * @param setting what it has now
     * @param changed false: it was so before
     */
    public record End(String host, String port, PortSetting setting, boolean changed) {
    }

    /** Ports of one host that are to be changed, and what the host has now. */
    record Place(Host host, NetworkSpec spec, List<String> ports) {
        NetworkSpec changed(UnaryOperator<PortSetting> change) {
            NetworkSpec changed = spec;
            for (String port : ports) {
                try {
                    changed = change.apply(PortSetting.of(spec, port)).appliedTo(changed, port);
                } catch (IllegalArgumentException e) {
                    throw new ClientException(port + " on " + host.name() + " would have " + e.getMessage()
                        + ". Nothing is changed");
                }
            }
            return changed;
        }

        /** What {@code now} has at the ports. */
        String said(NetworkSpec now) {
            return ports.stream().map(port -> host.name() + ": " + port + ": " + PortSetting.of(now, port).text())
                .collect(Collectors.joining("; "));
        }
    }

    public LinkChange(Registry registry, String network) {
        this.registry = registry;
        this.network = network;
    }

    /**
     * Makes the change at every end that {@code link} names. Throws {@link ClientException} before anything is changed
     * when there is no such link, when an end does not answer, or when {@code change} refuses; and later when a daemon
     * does, then with what each end has.
     *
     * @param link   a link or a port as the daemons name it; {@code link:} may be left out where no port has the rest
     * @param change from what an end has to what it shall have; throws {@link IllegalArgumentException} to refuse
     */
    public List<End> run(String link, UnaryOperator<PortSetting> change) {
        if (registry.find(network).isEmpty()) {
            throw Survey.unknown(registry, network);
        }
        try (Registry.Lock lock = registry.lock(network)) {
            assert lock != null;
            List<Place> places = places(link, Survey.of(registry, network).ask(DaemonClient::network));
            List<NetworkSpec> wanted = places.stream().map(place -> place.changed(change)).toList();
            for (int i = 0; i < places.size(); i++) {
                put(link, places, wanted, i);
            }
            List<End> ends = new ArrayList<>();
            for (int i = 0; i < places.size(); i++) {
                Place place = places.get(i);
                for (String port : place.ports()) {
                    PortSetting setting = PortSetting.of(wanted.get(i), port);
                    ends.add(new End(place.host().name(), port, setting,
                        !setting.equals(PortSetting.of(place.spec(), port))));
                }
            }
            return ends;
        }
    }

    private static void put(String link, List<Place> places, List<NetworkSpec> wanted, int index) {
        Place place = places.get(index);
        if (wanted.get(index).equals(place.spec())) {
            return;
        }
        try {
            place.host().client().put(wanted.get(index));
        } catch (ApiException e) {
            List<String> now = new ArrayList<>();
            for (int i = 0; i < places.size(); i++) {
                now.add(i == index ? afterFailure(place, wanted.get(index))
                    : places.get(i).said(i < index ? wanted.get(i) : places.get(i).spec()));
            }
            throw new ClientException(link + ": " + e.getMessage() + ". Now: " + String.join("; ", now));
        }
    }

    /** A daemon that refused has what it had; one whose answer did not come may have either. */
    private static String afterFailure(Place place, NetworkSpec wanted) {
        try {
            Optional<NetworkSpec> now = place.host().client().network(wanted.network());
            return now.map(place::said).orElse(place.host().name() + ": does not know the network any more");
        } catch (ApiException e) {
            return "not known, as there is no answer: " + place.said(place.spec()) + " (before), or "
                + place.said(wanted);
        }
    }

    /** Finds the ports that are meant. */
    static List<Place> places(String link, List<Survey.Answer<Optional<NetworkSpec>>> answers) {
        String base = link.startsWith(LINK) ? link.substring(LINK.length()) : link;
        for (String name : new LinkedHashSet<>(List.of(link, LINK + base, LINK + swapped(base)))) {
            List<Place> places = having(answers, spec -> ports(spec).filter(name::equals).toList());
            if (!places.isEmpty()) {
                requireOtherEnds(name, places, answers);
                return places;
            }
        }
        // A cable between two guests of one host is a patch: its ends are the guests' ports.
        Set<String> cables = base.indexOf(':') < 0 ? Set.of() : new HashSet<>(List.of(base, swapped(base)));
        List<Place> places = having(answers, spec -> spec.guests().stream().flatMap(guest -> guest.nics().stream()
            .filter(nic -> cables.contains(nic.bridge())).map(nic -> guest.name() + "." + nic.name())).toList());
        if (!places.isEmpty()) {
            return places;
        }
        throw unknown(link, answers);
    }

    private static String swapped(String cable) {
        int colon = cable.indexOf(':');
        return colon < 0 ? cable : cable.substring(colon + 1) + ":" + cable.substring(0, colon);
    }

    private static List<Place> having(
            List<Survey.Answer<Optional<NetworkSpec>>> answers, Function<NetworkSpec, List<String>> portsOf) {
        List<Place> places = new ArrayList<>();
        for (Survey.Answer<Optional<NetworkSpec>> answer : answers) {
            if (answer.error() == null && answer.value().isPresent()) {
                NetworkSpec spec = answer.value().get();
                List<String> ports = portsOf.apply(spec);
                if (!ports.isEmpty()) {
                    places.add(new Place(answer.host(), spec, ports));
                }
            }
        }
        return places;
    }

    private static Stream<String> ports(NetworkSpec spec) {
        return Stream.of(spec.links().stream().map(LinkSpec::name), spec.guests().stream().flatMap(LinkChange::nics),
            spec.taps().stream().map(TapSpec::name), spec.packets().stream().map(PacketSpec::name),
            spec.udpPorts().stream().map(UdpPortSpec::name))
            .flatMap(names -> names);
    }

    private static Stream<String> nics(GuestSpec guest) {
        return guest.nics().stream().map(nic -> guest.name() + "." + nic.name());
    }

    /** Refuses to change one end of a link whose other end cannot be changed. */
    private static void requireOtherEnds(
            String name, List<Place> places, List<Survey.Answer<Optional<NetworkSpec>>> answers) {
        Set<String> found = places.stream().map(place -> place.host().name()).collect(Collectors.toSet());
        for (Place place : places) {
            for (LinkSpec end : place.spec().links()) {
                if (end.name().equals(name) && !found.contains(end.peer())) {
                    String why = answers.stream()
                        .filter(answer -> answer.host().name().equals(end.peer()) && answer.error() != null)
                        .map(Survey.Answer::error).findFirst().orElse(end.peer() + ": does not have it");
                    throw new ClientException(name + ": " + why + ". Nothing is changed");
                }
            }
        }
    }

    private static ClientException unknown(String link, List<Survey.Answer<Optional<NetworkSpec>>> answers) {
        List<String> errors = answers.stream().map(Survey.Answer::error).filter(error -> error != null).toList();
        Collection<String> names = answers.stream().filter(answer -> answer.error() == null)
            .flatMap(answer -> answer.value().stream()).flatMap(LinkChange::ports)
            .collect(Collectors.toCollection(LinkedHashSet::new));
        return new ClientException("no link " + link + " is up: " + (!errors.isEmpty() ? String.join("; ", errors)
            : names.isEmpty() ? "there is none" : "there is " + String.join(", ", names)));
    }
}
