package org.violin.control.topology;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;

/**
 * Gives a guest of a network that is up one more vNIC, or takes one away, as {@link Planner} would have planned it.
 * What is wrong is told by an {@link IllegalArgumentException}.
 */
public final class NicChange {
    private static final String LINK = "link:";

    private final String network;
    private final Map<String, NetworkSpec> specs;
    private final Map<String, String> underlays;

    /**
     * A vNIC that is wanted.
     *
     * @param name      {@code eth<number>}; null: the first that is free
     * @param mac       null: made from its name
     * @param mtu       0: as its neighbours have it
     * @param addresses with prefix length
     */
    public record Wanted(String name, String mac, int mtu, List<String> addresses) {
        public Wanted {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A change.
     *
     * @param nic   what is attached or detached
     * @param specs of the hosts that change, by host, in the order in which it is to be done
     */
    public record Changed(NicSpec nic, Map<String, NetworkSpec> specs) {
    }

    /**
     * @param specs     what each host has now, by its name
     * @param underlays {@code address:port} of each host
     */
    public NicChange(String network, Map<String, NetworkSpec> specs, Map<String, String> underlays) {
        this.network = network;
        this.specs = Map.copyOf(specs);
        this.underlays = Map.copyOf(underlays);
    }

    public Changed attach(String node, String switchName, Wanted wanted) {
        NetworkSpec here = hostOf(node);
        NetworkSpec there = specs.values().stream().filter(spec -> isSwitch(spec, switchName)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no switch '" + Words.shorten(switchName) + "'"
                + Words.hint(switchName, switches(), "switches")));
        GuestSpec guest = guest(here, node);
        String name = wanted.name() == null ? freeName(guest) : newName(guest, wanted.name());
        String port = node + "." + name;
        Map<String, NetworkSpec> changed = new LinkedHashMap<>();
        SpecDraft draft = new SpecDraft(here);
        String bridge = switchName;
        if (!there.host().equals(here.host())) {
            int id = linkId(LINK + port);
            SpecDraft other = new SpecDraft(there);
            other.link(LINK + port, switchName, here.host(), id, underlays);
            changed.put(there.host(), other.spec());
            bridge = port;
            draft.bridges.add(BridgeSpec.patch(bridge));
            draft.link(LINK + port, bridge, there.host(), id, underlays);
        }
        List<NicSpec> nics = new ArrayList<>(guest.nics());
        NicSpec nic = nic(name, port, bridge, wanted, neighbours(there, switchName));
        nics.add(nic);
        nics.sort(Comparator.comparingInt(NicSpec::number));
        draft.guests.replaceAll(each -> each.equals(guest) ? guest.withNics(nics) : each);
        changed.put(here.host(), draft.spec());
        return new Changed(nic, changed);
    }

    public Changed detach(String node, String nicName) {
        NetworkSpec here = hostOf(node);
        GuestSpec guest = guest(here, node);
        String port = node + "." + nicName;
        NicSpec nic = guest.nics().stream().filter(each -> each.name().equals(nicName)).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no '" + Words.shorten(port) + "'"
                + Words.hint(nicName, guest.nics().stream().map(NicSpec::name).toList(), "vNICs of " + node)));
        Optional<LinkSpec> link = link(here, LINK + port);
        if (!isSwitch(here, nic.bridge()) && link.isEmpty()) {
            throw new IllegalArgumentException("'" + port + "' is an end of a lone cable; take the cable and both of"
                + " its ends out of the topology file and run 'violin up' again");
        }
        Map<String, NetworkSpec> changed = new LinkedHashMap<>();
        SpecDraft draft = new SpecDraft(here);
        draft.guests.replaceAll(each -> each.equals(guest)
            ? guest.withNics(guest.nics().stream().filter(other -> !other.equals(nic)).toList()) : each);
        draft.impairments.removeIf(impairment -> impairment.port().equals(port));
        draft.guards.removeIf(guard -> guard.port().equals(port));
        if (link.isPresent()) {
            draft.bridges.removeIf(bridge -> bridge.name().equals(nic.bridge()));
            draft.unlink(LINK + port);
        }
        changed.put(here.host(), draft.spec());
        link.map(LinkSpec::peer).map(specs::get).ifPresent(there -> {
            SpecDraft other = new SpecDraft(there);
            other.unlink(LINK + port);
            changed.put(there.host(), other.spec());
        });
        return new Changed(nic, changed);
    }

    private NetworkSpec hostOf(String node) {
        return specs.values().stream()
            .filter(spec -> spec.guests().stream().anyMatch(guest -> guest.name().equals(node))).findFirst()
            .orElseThrow(() -> new IllegalArgumentException("there is no node '" + Words.shorten(node) + "'"));
    }

    private static GuestSpec guest(NetworkSpec spec, String node) {
        return spec.guests().stream().filter(guest -> guest.name().equals(node)).findFirst().orElseThrow();
    }

    private static boolean isSwitch(NetworkSpec spec, String name) {
        return spec.bridges().stream()
            .anyMatch(bridge -> bridge.name().equals(name) && bridge.kind() == BridgeSpec.Kind.SWITCH);
    }

    private List<String> switches() {
        return specs.values().stream().flatMap(spec -> spec.bridges().stream())
            .filter(bridge -> bridge.kind() == BridgeSpec.Kind.SWITCH).map(BridgeSpec::name).sorted().toList();
    }

    private static Optional<LinkSpec> link(NetworkSpec spec, String name) {
        return spec.links().stream().filter(link -> link.name().equals(name)).findFirst();
    }

    private static String freeName(GuestSpec guest) {
        for (int number = 0; ; number++) {
            String name = "eth" + number;
            if (guest.nics().stream().noneMatch(nic -> nic.name().equals(name))) {
                return name;
            }
        }
    }

    private static String newName(GuestSpec guest, String name) {
        if (!name.matches("eth(0|[1-9][0-9]{0,3})")) {
            throw new IllegalArgumentException("'" + Words.shorten(name) + "': a vNIC's name is eth0 to eth9999");
        }
        if (guest.nics().stream().anyMatch(nic -> nic.name().equals(name))) {
            throw new IllegalArgumentException("node " + guest.name() + " has an " + name + " already");
        }
        return name;
    }

    /** What is plugged into a switch. A TAP's MAC address is not in its specification: null. */
    private record Neighbour(String label, String mac, int mtu, List<String> addresses) {
    }

    private List<Neighbour> neighbours(NetworkSpec there, String switchName) {
        List<Neighbour> neighbours = new ArrayList<>();
        for (NetworkSpec spec : specs.values()) {
            spec.guests().forEach(guest -> guest.nics().stream()
                .filter(nic -> isPlugged(spec, guest.name() + "." + nic.name(), nic.bridge(), there, switchName))
                .forEach(nic -> neighbours.add(new Neighbour(
                    guest.name() + "." + nic.name(), nic.mac(), nic.mtu(), nic.addresses()))));
            Stream.concat(spec.taps().stream(), spec.jetways().stream().map(JetwaySpec::tap))
                .filter(tap -> isPlugged(spec, tap.name(), tap.bridge(), there, switchName))
                .forEach(tap -> neighbours.add(new Neighbour(tap.name(), null, tap.mtu(), tap.addresses())));
        }
        return neighbours;
    }

    private static boolean isPlugged(
            NetworkSpec spec, String port, String bridge, NetworkSpec there, String switchName) {
        return spec.host().equals(there.host()) ? bridge.equals(switchName)
            : link(there, LINK + port).filter(link -> link.bridge().equals(switchName)).isPresent();
    }

    private NicSpec nic(String name, String port, String bridge, Wanted wanted, List<Neighbour> neighbours) {
        List<String> addresses = wanted.addresses().stream().map(NicChange::address).toList();
        String mac = wanted.mac() == null ? mac(port) : wanted.mac().toLowerCase(Locale.ROOT);
        int mtu = wanted.mtu() != 0 ? wanted.mtu()
            : neighbours.isEmpty() ? Topology.DEFAULT_MTU : neighbours.getFirst().mtu();
        for (Neighbour neighbour : neighbours) {
            neighbour.addresses().stream().map(NicChange::host)
                .filter(taken -> addresses.stream().map(NicChange::host).anyMatch(taken::equals)).findFirst()
                .ifPresent(taken -> {
                    throw new IllegalArgumentException(taken + " is " + neighbour.label() + "'s on the same switch");
                });
            if (mac.equals(neighbour.mac())) {
                throw new IllegalArgumentException(mac + " is " + neighbour.label() + "'s on the same switch");
            }
            if (mtu != neighbour.mtu()) {
                throw new IllegalArgumentException("an MTU of " + mtu + " while " + neighbour.label()
                    + " on the same switch has " + neighbour.mtu() + "; one LAN has one MTU");
            }
        }
        return new NicSpec(name, bridge, mac, mtu, addresses);
    }

    private static String address(String text) {
        if (text.indexOf('/') < 0) {
            throw new IllegalArgumentException(
                "'" + Words.shorten(text) + "': a prefix length is missing, such as /24");
        }
        IpPrefix prefix = IpPrefix.parse(text);
        String unfit = prefix.unfitForHost();
        if (unfit != null) {
            throw new IllegalArgumentException("'" + text + "': " + unfit);
        }
        return prefix.toString();
    }

    private static String host(String prefix) {
        return prefix.substring(0, prefix.indexOf('/'));
    }

    private String mac(String port) {
        StableIds ids = new StableIds(network);
        specs.values().forEach(spec -> spec.guests().forEach(guest ->
            guest.nics().forEach(nic -> ids.takeMac(nic.mac()))));
        return ids.mac(port);
    }

    private int linkId(String link) {
        return SpecDraft.linkIds(network, specs.values().stream().map(NetworkSpec::links)).linkId(link);
    }
}
