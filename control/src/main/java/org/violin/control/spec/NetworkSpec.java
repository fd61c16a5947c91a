package org.violin.control.spec;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What one daemon has to hold for one network: the unit of desired state. The planner makes one for each host of a
 * topology; a daemon journals it and brings itself into line with it.
 *
 * @param network      the network's name
 * @param host         the name the topology gives this host
 * @param impairments  at most one a port; null, as in what versions without it have written: none
 * @param jetways      also those that are off; null, as in what versions without it have written: none
 * @param packets      null, as in what versions without it have written: none
 * @param udpPorts     null, as in what versions without it have written: none
 * @param guards       where it is said what a port lets in, at most one a port; null, as in what versions without it
 *                     have written: nowhere
 * @param portSecurity whether guests' vNICs may use what is declared of them alone, where their guards say nothing else
 */
public record NetworkSpec(
    String network,
    String host,
    List<BridgeSpec> bridges,
    List<TunnelSpec> tunnels,
    List<LinkSpec> links,
    List<GuestSpec> guests,
    List<TapSpec> taps,
    List<ImpairmentSpec> impairments,
    List<JetwaySpec> jetways,
    List<PacketSpec> packets,
    List<UdpPortSpec> udpPorts,
    List<GuardSpec> guards,
    boolean portSecurity) {

    public NetworkSpec {
        bridges = List.copyOf(bridges);
        tunnels = List.copyOf(tunnels);
        links = List.copyOf(links);
        guests = List.copyOf(guests);
        taps = List.copyOf(taps);
        impairments = impairments == null ? List.of() : List.copyOf(impairments);
        jetways = jetways == null ? List.of() : List.copyOf(jetways);
        packets = packets == null ? List.of() : List.copyOf(packets);
        udpPorts = udpPorts == null ? List.of() : List.copyOf(udpPorts);
        guards = guards == null ? List.of() : List.copyOf(guards);
    }

    /** A network with nothing on this host. */
    public static NetworkSpec empty(String network, String host) {
        return new Builder(network, host).build();
    }

    /** A specification in the making that begins as this one. */
    public Builder toBuilder() {
        return new Builder(network, host).bridges(bridges).tunnels(tunnels).links(links).guests(guests).taps(taps)
            .impairments(impairments).jetways(jetways).packets(packets).udpPorts(udpPorts).guards(guards)
            .portSecurity(portSecurity);
    }

    /** The same with what leaves by {@code port} on a line such as this, instead of what is said of it now. */
    public NetworkSpec withImpairment(String port, LineSpec line) {
        List<ImpairmentSpec> changed = new ArrayList<>(impairments);
        changed.removeIf(impairment -> impairment.port().equals(port));
        if (!line.equals(LineSpec.NONE)) {
            changed.add(new ImpairmentSpec(port, line));
        }
        changed.sort(Comparator.comparing(ImpairmentSpec::port));
        return toBuilder().impairments(changed).build();
    }

    /** The same with the tunnel to {@code peer} protected like this. */
    public NetworkSpec withFec(String peer, FecSpec fec) {
        return withTunnel(peer, tunnel -> tunnel.withFec(fec));
    }

    /** The same with the tunnel to {@code peer} going by this. */
    public NetworkSpec withTransport(String peer, Transport transport) {
        return withTunnel(peer, tunnel -> tunnel.withTransport(transport));
    }

    private NetworkSpec withTunnel(String peer, UnaryOperator<TunnelSpec> change) {
        return toBuilder().tunnels(tunnels.stream()
            .map(tunnel -> tunnel.peer().equals(peer) ? change.apply(tunnel) : tunnel).toList()).build();
    }

    /** The same with those who send through {@code link} told this. */
    public NetworkSpec withFit(String link, FitSpec fit) {
        return toBuilder().links(links.stream()
            .map(each -> each.name().equals(link) ? each.withFit(fit) : each).toList()).build();
    }

    /** The same with {@code jetway} switched on or off. */
    public NetworkSpec withJetway(String jetway, boolean on) {
        return toBuilder().jetways(jetways.stream()
            .map(each -> each.name().equals(jetway) ? each.withOn(on) : each).toList()).build();
    }

    /** The same with {@code port} in the place of the UDP port of its name. */
    public NetworkSpec withUdpPort(UdpPortSpec port) {
        return toBuilder().udpPorts(udpPorts.stream()
            .map(each -> each.name().equals(port.name()) ? port : each).toList()).build();
    }

    /**
     * The same with the ports that guests have asked for as they are in the network now: who wants it otherwise has not
     * been asked.
     *
     * @param networks what is held of this one and of others
     */
    public NetworkSpec withGrantsOf(List<NetworkSpec> networks) {
        List<UdpPortSpec> now = networks.stream().filter(held -> held.network.equals(network))
            .flatMap(held -> held.udpPorts.stream()).toList();
        return toBuilder().udpPorts(udpPorts.stream().map(port -> port.withPeerOf(now)).toList()).build();
    }

    /** What becomes of the frames that leave by {@code port}. */
    public LineSpec impairment(String port) {
        return impairments.stream().filter(impairment -> impairment.port().equals(port))
            .map(ImpairmentSpec::line).findFirst().orElse(LineSpec.NONE);
    }

    /** A specification in the making: what is not said of it, it has none of. */
    public static final class Builder {
        private final String network;
        private final String host;
        private List<BridgeSpec> bridges = List.of();
        private List<TunnelSpec> tunnels = List.of();
        private List<LinkSpec> links = List.of();
        private List<GuestSpec> guests = List.of();
        private List<TapSpec> taps = List.of();
        private List<ImpairmentSpec> impairments = List.of();
        private List<JetwaySpec> jetways = List.of();
        private List<PacketSpec> packets = List.of();
        private List<UdpPortSpec> udpPorts = List.of();
        private List<GuardSpec> guards = List.of();
        private boolean portSecurity;

        public Builder(String network, String host) {
            this.network = network;
            this.host = host;
        }

        public Builder bridges(List<BridgeSpec> all) {
            bridges = all;
            return this;
        }

        public Builder tunnels(List<TunnelSpec> all) {
            tunnels = all;
            return this;
        }

        public Builder links(List<LinkSpec> all) {
            links = all;
            return this;
        }

        public Builder guests(List<GuestSpec> all) {
            guests = all;
            return this;
        }

        public Builder taps(List<TapSpec> all) {
            taps = all;
            return this;
        }

        public Builder impairments(List<ImpairmentSpec> all) {
            impairments = all;
            return this;
        }

        public Builder jetways(List<JetwaySpec> all) {
            jetways = all;
            return this;
        }

        public Builder packets(List<PacketSpec> all) {
            packets = all;
            return this;
        }

        public Builder udpPorts(List<UdpPortSpec> all) {
            udpPorts = all;
            return this;
        }

        public Builder guards(List<GuardSpec> all) {
            guards = all;
            return this;
        }

        public Builder portSecurity(boolean on) {
            portSecurity = on;
            return this;
        }

        public NetworkSpec build() {
            return new NetworkSpec(network, host, bridges, tunnels, links, guests, taps, impairments, jetways, packets,
                udpPorts, guards, portSecurity);
        }
    }
}
