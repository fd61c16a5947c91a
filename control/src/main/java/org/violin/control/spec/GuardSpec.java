package org.violin.control.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a port lets in. The bounds are the dataplane's.
 *
 * @param port       of this network on this host: {@code <guest>.<nic>}, a TAP's name, or a link
 * @param macs       that frames may come from: {@link #ANY}, or addresses, {@link #DECLARED} standing for the vNIC's
 * @param addresses  that those who send may use: {@link #ANY}, or addresses and prefixes, {@link #DECLARED} standing
 *                   for those of the vNIC or TAP
 * @param maxMacs    that its switch learns from it at a time; 0: what any port may have
 * @param dropsBpdus whether frames of bridges to each other are dropped
 */
public record GuardSpec(
    String port, List<String> macs, List<String> addresses, int maxMacs, Storm storm, boolean dropsBpdus) {
    public static final String DECLARED = "declared";
    public static final List<String> ANY = List.of("any");

    /** Frames a second of each kind; 0: any number. */
    public record Storm(int broadcast, int unknown, int multicast) {
        public static final Storm NONE = new Storm(0, 0, 0);
    }

    public GuardSpec {
        macs = List.copyOf(macs);
        addresses = List.copyOf(addresses);
    }

    /** What a TAP or a link has unless it is said: it lets everything in. */
    public static GuardSpec open(String port) {
        return new GuardSpec(port, ANY, ANY, 0, Storm.NONE, false);
    }

    /**
     * What a vNIC's port has unless it is said.
     *
     * @param isSecured  whether the network has port security. A router's addresses are not those of what it forwards
     * @param isOnSwitch and on no lone cable, which carries everything
     */
    public static GuardSpec standard(String port, boolean isSecured, GuestSpec.Role role, boolean isOnSwitch) {
        List<String> own = List.of(DECLARED);
        return new GuardSpec(port, isSecured ? own : ANY, isSecured && role == GuestSpec.Role.HOST ? own : ANY, 0,
            Storm.NONE, isOnSwitch);
    }

    /**
     * The guards of a specification that has been checked, with what is declared, but those that ports are opened with:
     * a guest's port on a switch drops BPDUs, and all others let everything in.
     */
    public static List<GuardSpec> of(NetworkSpec spec) {
        Map<String, GuardSpec> said = new LinkedHashMap<>();
        spec.guards().forEach(guard -> said.put(guard.port(), guard));
        List<GuardSpec> guards = new ArrayList<>();
        for (GuestSpec guest : spec.guests()) {
            for (GuestSpec.NicSpec nic : guest.nics()) {
                String port = guest.name() + "." + nic.name();
                boolean isHere = spec.bridges().stream().anyMatch(bridge ->
                    bridge.name().equals(nic.bridge()) && bridge.kind() == BridgeSpec.Kind.SWITCH);
                // What is plugged into a switch elsewhere is patched to a link that is named after it.
                boolean isElsewhere = spec.links().stream().anyMatch(link -> link.name().equals("link:" + port));
                GuardSpec guard = said.containsKey(port) ? said.remove(port)
                    : standard(port, spec.portSecurity(), guest.role(), isHere || isElsewhere);
                add(guards, guard.declaring(List.of(nic.mac()), nic.addresses()), isHere);
            }
        }
        for (GuardSpec guard : said.values()) {
            List<String> addresses = spec.taps().stream().filter(tap -> tap.name().equals(guard.port()))
                .flatMap(tap -> tap.addresses().stream()).toList();
            add(guards, guard.declaring(List.of(), addresses), false);
        }
        return guards;
    }

    private static void add(List<GuardSpec> guards, GuardSpec guard, boolean isOpenedDroppingBpdus) {
        if (!guard.equals(new GuardSpec(guard.port, ANY, ANY, 0, Storm.NONE, isOpenedDroppingBpdus))) {
            guards.add(guard);
        }
    }

    /** What of it only the port's switch knows, for the link to that, where it is on another host; null: nothing. */
    public GuardSpec atSwitch() {
        return maxMacs == 0 && storm.unknown() == 0 ? null
            : new GuardSpec("link:" + port, ANY, ANY, maxMacs, new Storm(0, storm.unknown(), 0), false);
    }

    /** The same with these for {@link #DECLARED}; {@code prefixes}: addresses with the prefix lengths of their LANs. */
    public GuardSpec declaring(List<String> ownMacs, List<String> prefixes) {
        List<String> own = prefixes.stream().map(prefix -> prefix.substring(0, prefix.indexOf('/'))).toList();
        return new GuardSpec(port, declared(macs, ownMacs), declared(addresses, own), maxMacs, storm, dropsBpdus);
    }

    private static List<String> declared(List<String> words, List<String> own) {
        return words.stream().flatMap(word -> word.equals(DECLARED) ? own.stream() : Stream.of(word)).toList();
    }

    /** In the words of topology files: {@code macs 02:00:00:00:00:01, addresses 10.0.0.1 fd00::1, bpdu drop}. */
    public String text() {
        List<String> words = new ArrayList<>();
        add(words, !macs.equals(ANY), "macs " + String.join(" ", macs));
        add(words, !addresses.equals(ANY), addresses.isEmpty() ? "no addresses" : "addresses "
            + String.join(" ", addresses));
        add(words, maxMacs > 0, "max-macs " + maxMacs);
        add(words, storm.broadcast > 0, "broadcast " + storm.broadcast + "/s");
        add(words, storm.unknown > 0, "unknown " + storm.unknown + "/s");
        add(words, storm.multicast > 0, "multicast " + storm.multicast + "/s");
        words.add("bpdu " + (dropsBpdus ? "drop" : "pass"));
        return String.join(", ", words);
    }

    private static void add(List<String> words, boolean holds, String word) {
        if (holds) {
            words.add(word);
        }
    }
}
