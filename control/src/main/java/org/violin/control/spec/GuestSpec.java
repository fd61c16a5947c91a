package org.violin.control.spec;

import java.util.List;

/**
 * A guest on this host: a virtual machine.
 *
 * @param name          unique in the network
 * @param role          a router forwards IPv4 and IPv6 between its vNICs
 * @param memoryMiB     of RAM
 * @param startupConfig what its routing suite starts with, in FRR's own language; empty, or null as in what versions
 *                      without it have written: none runs
 * @param vmm           what it is a virtual machine of; null, as in what versions without it have written: UML
 */
public record GuestSpec(String name, Role role, int memoryMiB, List<NicSpec> nics, List<RouteSpec> routes,
    String startupConfig, Vmm vmm) {
    /** It passes a serial line, and a journal keeps it. */
    public static final int STARTUP_CONFIG_CHARS_MAX = 8192;

    /** QEMU's machine has places for no more. */
    public static final int QEMU_NIC_NUMBER_MAX = 27;

    public enum Role { HOST, ROUTER }

    /** QEMU's can go to another host while they run. */
    public enum Vmm { UML, QEMU }

    public GuestSpec {
        nics = List.copyOf(nics);
        routes = List.copyOf(routes);
        startupConfig = startupConfig == null ? "" : startupConfig;
        vmm = vmm == null ? Vmm.UML : vmm;
    }

    /** A guest of User-Mode-Linux. */
    public GuestSpec(String name, Role role, int memoryMiB, List<NicSpec> nics, List<RouteSpec> routes,
        String startupConfig) {
        this(name, role, memoryMiB, nics, routes, startupConfig, Vmm.UML);
    }

    public GuestSpec withNics(List<NicSpec> newNics) {
        return new GuestSpec(name, role, memoryMiB, newNics, routes, startupConfig, vmm);
    }

    /**
     * A vNIC. Its port in the dataplane is named {@code <guest>.<nic>}.
     *
     * @param name      {@code eth<number>}
     * @param bridge    the switch or patch on this host it is plugged into
     * @param mac       {@code 02:xx:xx:xx:xx:xx}
     * @param mtu       bytes
     * @param addresses with prefix length, IPv4 or IPv6
     */
    public record NicSpec(String name, String bridge, String mac, int mtu, List<String> addresses) {
        public NicSpec {
            addresses = List.copyOf(addresses);
        }

        public NicSpec withBridge(String newBridge) {
            return new NicSpec(name, newBridge, mac, mtu, addresses);
        }

        /** The number in its name. */
        public int number() {
            return Integer.parseInt(name.substring("eth".length()));
        }

        /** Whether both are the same to a guest's kernel, whatever they are plugged into and are addressed by. */
        public boolean isSameDevice(NicSpec other) {
            return name.equals(other.name) && mac.equals(other.mac) && mtu == other.mtu;
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
