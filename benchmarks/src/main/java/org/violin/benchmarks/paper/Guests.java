package org.violin.benchmarks.paper;

/**
 * The rows whose one end, or both, is a virtual machine: what the paper measures with VMware's three ways to network a
 * guest, here by Violin's for UML; and two guests in one network of Violin's. Each has a network of its own.
 */
final class Guests {
    private static final String VM = "vm";
    private static final String HOST_ONLY_NET = "10.203.4.";
    private static final String NAT_NET = "10.203.3.";
    private static final String BRIDGED = Testbed.HOST_NET + "31";

    private Guests() {
    }

    static Route hostOnly(Testbed bed) {
        bed.up("only", one("only", bed, HOST_ONLY_NET + "2", HOST_ONLY_NET + "1", """
            taps:
              only: { host: host, switch: lan, addresses: [%s1/24] }
            """.formatted(HOST_ONLY_NET)));
        bed.awaitConnection(bed.host(), HOST_ONLY_NET + "2");
        return Route.between(bed.host(), bed.guest("only", VM), HOST_ONLY_NET + "2");
    }

    static Route bridged(Testbed bed) {
        bed.up("bridged", one("bridged", bed, BRIDGED, Testbed.HOST_NET + Testbed.ROUTER_BYTE, """
            jetways:
              bridged: { host: host, switch: lan, mode: bridge, interface: %s, on: true }
            """.formatted(Testbed.SPARE)));
        bed.awaitConnection(bed.client(), BRIDGED);
        return Route.between(bed.client(), bed.guest("bridged", VM), BRIDGED);
    }

    /** Nobody outside can call the guest, so it is the one that calls. */
    static Route nat(Testbed bed) {
        bed.up("nat", one("nat", bed, NAT_NET + "2", NAT_NET + "1", """
            jetways:
              nat: { host: host, switch: lan, mode: nat, addresses: [%s1/24], allow: [ping, tcp], on: true }
            """.formatted(NAT_NET)));
        bed.awaitConnection(bed.host(), NAT_NET + "2");
        return Route.between(bed.guest("nat", VM), bed.client(), Testbed.CLIENT);
    }

    /** One guest on a switch of the Host. */
    private static String one(String network, Testbed bed, String address, String gateway, String way) {
        return """
            network: %s
            hosts:
              host: %s
            switches:
              lan: { host: host }
            nodes:
              vm: { host: host, nics: [{ switch: lan, addresses: [%s/24] }], gateway: %s }
            """.formatted(network, bed.hostEntry(false), address, gateway) + way;
    }

    /** A guest on the Host and one on the Client, on a switch of the Host. */
    static Route pair(Testbed bed, boolean sealed) {
        String network = sealed ? Rows.VMS_SEALED : Rows.VMS;
        String net = sealed ? "10.204.2." : "10.204.1.";
        bed.up(network, """
            network: %s
            hosts:
              host: %s
              client: %s
            switches:
              lan: { host: host }
            nodes:
              a: { host: host, nics: [{ switch: lan, addresses: [%s1/24] }] }
              b: { host: client, nics: [{ switch: lan, addresses: [%s2/24] }] }
            tunnels:
              - { ends: [host, client], mss-clamp: auto }
            """.formatted(network, bed.hostEntry(sealed), bed.clientEntry(sealed), net, net));
        return Route.between(bed.guest(network, "a"), bed.guest(network, "b"), net + "2");
    }
}
