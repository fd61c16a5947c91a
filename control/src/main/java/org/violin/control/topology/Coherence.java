package org.violin.control.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;

/**
 * Whether what the hosts of a network have fits together. It does not while a change of several hosts is under way, nor
 * after one that was broken off: then a switch or a node is in two places, or links lead to hosts that do not have
 * them.
 */
public final class Coherence {
    private Coherence() {
    }

    /**
     * What does not fit, in words; empty: all does.
     *
     * @param specs of the hosts that are known; links to others are not looked at
     */
    public static List<String> faults(Collection<NetworkSpec> specs) {
        Map<String, NetworkSpec> hosts = new TreeMap<>();
        specs.forEach(spec -> hosts.put(spec.host(), spec));
        List<String> faults = new ArrayList<>();
        Map<String, List<String>> places = new TreeMap<>();
        hosts.forEach((host, spec) -> things(spec)
            .forEach(thing -> places.computeIfAbsent(thing, name -> new ArrayList<>()).add(host)));
        places.forEach((thing, on) -> {
            if (on.size() > 1) {
                faults.add(thing + " is on " + String.join(" and ", on));
            }
        });
        Map<String, List<String>> loose = new TreeMap<>();
        hosts.forEach((host, spec) -> spec.links().stream()
            .filter(link -> hosts.containsKey(link.peer()) && !isMet(host, link, hosts.get(link.peer())))
            .forEach(link -> loose.computeIfAbsent(host + " to " + link.peer(), way -> new ArrayList<>())
                .add(link.name())));
        loose.forEach((way, links) -> faults.add(links.getFirst()
            + (links.size() == 1 ? "" : " and " + (links.size() - 1) + " more") + " from " + way
            + (links.size() == 1 ? " has" : " have") + " no other end there"));
        return faults;
    }

    /** What is on one host at a time. */
    private static Stream<String> things(NetworkSpec spec) {
        return Stream.concat(SwitchMove.switches(List.of(spec)).stream().map(name -> "switch " + name),
            spec.guests().stream().map(guest -> "node " + guest.name()));
    }

    private static boolean isMet(String host, LinkSpec link, NetworkSpec there) {
        return there.links().stream().anyMatch(other -> other.name().equals(link.name())
            && other.peer().equals(host) && other.linkId() == link.linkId());
    }
}
