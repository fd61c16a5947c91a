package org.violin.control.jetway;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.JetwaySpec.Mode;

/**
 * The jetways of one daemon. Where a jetway is, and what was there before it, is kept by the kernel alone, in the
 * comments of what was made; so it is known as long as it matters, whoever asks.
 */
public final class Jetways {
    private final Mark mark;

    /** @param stateDirectory the daemon's, absolute */
    public Jetways(Path stateDirectory) {
        mark = Mark.of(stateDirectory);
    }

    /**
     * Makes a jetway round its port: what keeps it closed comes before the port, what opens it after. After a failure
     * the port is to be closed, then the jetway.
     *
     * @param openPort opens the TAP, with its addresses
     */
    public void open(String network, JetwaySpec jetway, Runnable openPort) {
        String id = Mark.id(network, jetway.name());
        remove(id::equals);
        if (jetway.mode() == Mode.BRIDGE) {
            LanBridge bridge = LanBridge.plan(mark, id, jetway);
            bridge.make(mark);
            openPort.run();
            bridge.join(jetway.tap().device());
        } else {
            openNat(id, jetway, openPort);
        }
    }

    private void openNat(String id, JetwaySpec jetway, Runnable openPort) {
        boolean ipv4 = jetway.tap().addresses().stream().anyMatch(address -> address.indexOf(':') < 0);
        boolean ipv6 = jetway.tap().addresses().stream().anyMatch(address -> address.indexOf(':') >= 0);
        String outside = outside(jetway, ipv4);
        requireOwnSubnets(jetway);
        List<NatTable> others = NatTable.all();
        String name = NatTable.name(id);
        if (others.stream().anyMatch(table -> table.name().equals(name))) {
            throw new JetwayException("there is a table " + name + " of another daemon on this host already: switch"
                + " that jetway off, or delete it with: nft delete table inet " + name);
        }
        List<Forwarding.Saved> needed = Forwarding.needed(outside, ipv4, ipv6, others);
        List<String> comment = new ArrayList<>(List.of(mark.text()));
        needed.forEach(saved -> comment.add(saved.text()));
        new NatTable(name, String.join(" ", comment)).put(jetway, outside);
        needed.forEach(Forwarding.Saved::on);
        openPort.run();
        String device = jetway.tap().device();
        Forwarding.onTap(device, ipv4, ipv6);
        Interfaces.batch(jetway.routes().stream()
            .map(route -> "route add " + route.to() + " via " + route.via() + " dev " + device).toList());
    }

    private static String outside(JetwaySpec jetway, boolean ipv4) {
        if (!jetway.outside().isEmpty()) {
            Interfaces.require(jetway.outside());
            return jetway.outside();
        }
        List<String> devices = Interfaces.defaultRoutes(!ipv4);
        if (devices.isEmpty()) {
            throw new JetwayException("this host has no default route: say which 'interface' leads outside");
        }
        return devices.getFirst();
    }

    /** The host would look for its own neighbours in the network, or for the network's among its own. */
    private static void requireOwnSubnets(JetwaySpec jetway) {
        for (JsonNode link : Interfaces.all()) {
            for (JsonNode address : link.path("addr_info")) {
                String theirs = address.path("local").asText() + "/" + address.path("prefixlen").asInt();
                for (String ours : jetway.tap().addresses()) {
                    if (address.path("scope").asText().equals("global") && overlap(ours, theirs)) {
                        throw new JetwayException("address " + ours + ": " + link.path("ifname").asText()
                            + " of this host has " + theirs + ", which is of the same subnet: the network needs one"
                            + " that its host has not");
                    }
                }
            }
        }
    }

    static boolean overlap(String one, String other) {
        byte[] first = InetAddress.ofLiteral(one.substring(0, one.indexOf('/'))).getAddress();
        byte[] second = InetAddress.ofLiteral(other.substring(0, other.indexOf('/'))).getAddress();
        int bits = Math.min(Integer.parseInt(one.substring(one.indexOf('/') + 1)),
            Integer.parseInt(other.substring(other.indexOf('/') + 1)));
        boolean same = first.length == second.length;
        for (int bit = 0; same && bit < bits; bit++) {
            int mask = 0x80 >> (bit & 7);
            same = (first[bit >> 3] & mask) == (second[bit >> 3] & mask);
        }
        return same;
    }

    /** Removes what is there of a jetway whose port is closed; nothing is no error. */
    public void close(String network, String jetway) {
        remove(Mark.id(network, jetway)::equals);
    }

    /** Removes what is there of all of the daemon's jetways: those of one that was killed, or that ends. */
    public void closeAll() {
        remove(id -> true);
    }

    /** As {@link #closeAll}, of one network. */
    public void closeAll(String network) {
        remove(id -> id.startsWith(Mark.id(network, "")));
    }

    private void remove(Predicate<String> ids) {
        for (LanBridge bridge : LanBridge.of(mark)) {
            if (ids.test(bridge.id())) {
                bridge.remove();
            }
        }
        List<NatTable> tables = NatTable.all();
        List<NatTable> ours = tables.stream()
            .filter(table -> mark.isOn(table.comment()) && ids.test(table.id())).toList();
        for (NatTable table : ours) {
            tables.remove(table);
            putBack(table, tables);
            table.delete();
        }
    }

    /** Puts back the settings that no other jetway needs. */
    private static void putBack(NatTable table, List<NatTable> others) {
        for (Forwarding.Saved saved : Forwarding.Saved.parse(table.comment())) {
            Optional<Forwarding.Saved> user = others.stream()
                .flatMap(other -> Forwarding.Saved.parse(other.comment()).stream())
                .filter(saved::isSameSetting).findFirst();
            if (user.isEmpty()) {
                saved.putBack();
            }
        }
    }
}
