package org.violin.control.topology;

import java.nio.file.Path;
import java.util.List;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.MulticastSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.UdpPortSpec;

/**
 * One virtual network as its user wants it: a checked topology file, with defaults filled in. Every name refers to
 * something there is, every vNIC has a place to be plugged in, every address is one a host can have. Lists are in the
 * order of the file.
 *
 * @param portSecurity whether guests may use what is declared alone, where a vNIC's guard says nothing else
 */
public record Topology(
    String network, List<Host> hosts, List<Switch> switches, List<Node> nodes,
    List<Cable> cables, List<Trunk> trunks, List<Tap> taps, List<Tunnel> tunnels, List<Jetway> jetways,
    List<Packet> packets, List<UdpPort> udpPorts, boolean portSecurity) {

    public static final int DEFAULT_MTU = 1500;
    public static final int DEFAULT_MAC_TABLE = 8192;
    public static final int DEFAULT_AGEING_SECONDS = 300;
    private static final int MEMORY_MIB = 64;
    /** A whole routing suite, which takes most while it starts; or the kernel of a whole distribution. */
    private static final int MEMORY_MIB_OF_MORE = 128;

    public Topology {
        hosts = List.copyOf(hosts);
        switches = List.copyOf(switches);
        nodes = List.copyOf(nodes);
        cables = List.copyOf(cables);
        trunks = List.copyOf(trunks);
        taps = List.copyOf(taps);
        tunnels = List.copyOf(tunnels);
        jetways = List.copyOf(jetways);
        packets = List.copyOf(packets);
        udpPorts = List.copyOf(udpPorts);
    }

    /** What a guest gets that asks for nothing. */
    static int defaultMemoryMiB(GuestSpec.Role role, GuestSpec.Vmm vmm) {
        return role == GuestSpec.Role.ROUTER || vmm == GuestSpec.Vmm.QEMU ? MEMORY_MIB_OF_MORE : MEMORY_MIB;
    }

    /**
     * A machine that carries the network.
     *
     * @param daemon   the API socket of its running daemon; null for a network namespace that stands for a host
     * @param underlay {@code address:port} of the daemon's UDP socket; null for a namespace
     * @param pathMtu  the largest IP packet in bytes that reaches it; 0: not given
     */
    public record Host(String name, Path daemon, String underlay, int pathMtu) {
        public boolean isNamespace() {
            return daemon == null;
        }
    }

    public record Switch(String name, String host, int macTable, int ageingSeconds, MulticastSpec multicast) {
    }

    /**
     * A guest.
     *
     * @param nics          the n-th is {@code eth<n>}
     * @param startupConfig of its routing suite; empty: none runs
     * @param vmm           what it is a virtual machine of
     */
    public record Node(String name, String host, GuestSpec.Role kind, int memoryMiB, List<Nic> nics,
        List<Route> routes, String startupConfig, GuestSpec.Vmm vmm) {
        public Node {
            nics = List.copyOf(nics);
            routes = List.copyOf(routes);
        }
    }

    /**
     * A vNIC.
     *
     * @param switchName where it is plugged in; null for one on a lone cable
     * @param mac        lower case; null: to be made from its name
     * @param addresses  with prefix length, spelt as in RFC 5952
     * @param line       by which frames come to it
     * @param guard      of what comes from it; null: what the network has for all
     */
    public record Nic(
        String switchName, String mac, int mtu, List<String> addresses, LineSpec line, GuardSpec guard) {
        public Nic {
            addresses = List.copyOf(addresses);
        }
    }

    /** @param to a prefix, or {@code default} */
    public record Route(String to, String via) {
    }

    /** A vNIC's name: {@code vhost1.eth0}. */
    public record NicName(String node, int index) implements Comparable<NicName> {
        @Override
        public int compareTo(NicName other) {
            int byNode = node.compareTo(other.node);
            return byNode != 0 ? byNode : Integer.compare(index, other.index);
        }

        @Override
        public String toString() {
            return node + ".eth" + index;
        }
    }

    /**
     * A lone cable between two vNICs.
     *
     * @param line each of its directions
     */
    public record Cable(NicName first, NicName second, LineSpec line) {
    }

    /**
     * A cable between two switches on different hosts.
     *
     * @param line each of its directions
     */
    public record Trunk(String first, String second, LineSpec line) {
    }

    /**
     * A TAP device of a host.
     *
     * @param line  by which frames come to it
     * @param guard of what comes from it; null: none
     */
    public record Tap(String name, String host, String switchName, String device, int mtu, List<String> addresses,
        LineSpec line, GuardSpec guard) {
        public Tap {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * A gateway to what a host is connected to.
     *
     * @param spec with the switch as its TAP's bridge
     */
    public record Jetway(String host, JetwaySpec spec) {
    }

    /**
     * An interface of a host.
     *
     * @param spec with the switch as its bridge
     * @param line by which frames come to it
     */
    public record Packet(String host, PacketSpec spec, LineSpec line) {
    }

    /**
     * A port for a peer that is no daemon.
     *
     * @param spec with the switch as its bridge
     * @param line by which frames come to the peer
     */
    public record UdpPort(String host, UdpPortSpec spec, LineSpec line) {
    }

    /**
     * What the file says of the tunnel between two hosts, which is there if a link runs between them.
     *
     * @param fit of all links of this network that it carries
     */
    public record Tunnel(String first, String second, FecSpec fec, Transport transport, FitSpec fit) {
        /** Where the file says nothing. */
        static final Tunnel PLAIN = new Tunnel("", "", FecSpec.OFF, Transport.UDP, FitSpec.NONE);

        boolean joins(String a, String b) {
            return first.equals(a) && second.equals(b) || first.equals(b) && second.equals(a);
        }
    }
}
