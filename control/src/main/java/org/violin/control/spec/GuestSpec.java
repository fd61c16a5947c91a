package org.violin.control.spec;

import java.util.List;

/**
 * A guest on this host: a User-Mode-Linux virtual machine.
 *
 * @param name      unique in the network
 * @param role      a router forwards IPv4 and IPv6 between its vNICs
 * @param memoryMiB of RAM
 */
public record GuestSpec(String name, Role role, int memoryMiB, List<NicSpec> nics, List<RouteSpec> routes) {
    public enum Role { HOST, ROUTER }

    public GuestSpec {
        nics = List.copyOf(nics);
        routes = List.copyOf(routes);
    }

    /**
     * A vNIC. Its port in the dataplane is named {@code <guest>.<nic>}.
     *
     * @param name      {@code eth0}, {@code eth1}, ...: the n-th vNIC is {@code eth<n>}
     * @param bridge    the switch or patch on this host it is plugged into
     * @param mac       {@code 02:xx:xx:xx:xx:xx}
     * @param mtu       bytes
     * @param addresses with prefix length, IPv4 or IPv6
     */
    public record NicSpec(String name, String bridge, String mac, int mtu, List<String> addresses) {
        public NicSpec {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A static route.
     *
     * @param to  a prefix, or {@code default}
     * @param via the next hop; its family is the route's
     */
    public record RouteSpec(String to, String via) {
    }
}
