package org.violin.control.host;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.violin.control.guest.Guests;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;

/**
 * One thing that a daemon makes and unmakes for a network. A network's specification is a set of pieces, what the
 * daemon holds of it is another, and a plan leads from one to the other. Two equal pieces need no step.
 */
sealed interface Piece permits Piece.Bridge, Piece.Tunnel, Piece.Link, Plugged, Setting, Piece.Guest {

    /** Kind and name: at most one piece of a key is there at a time. */
    String key();

    /** Pieces are made in ascending rank and unmade in descending rank. */
    int rank();

    /** What making it is called in a plan. */
    String making();

    /** What unmaking it is called in a plan. */
    String unmaking();

    void make(Site site);

    void unmake(Site site);

    /** Keys of the pieces that this one cannot outlive. */
    default Set<String> foundations() {
        return Set.of();
    }

    /** Whether this piece can be changed into {@code wanted}, which has its key, without unmaking it. */
    default boolean canBecome(Piece wanted) {
        return false;
    }

    /**
     * The pieces of a specification that {@link SpecCheck} has passed.
     *
     * @param stopped guests that the operator has stopped
     */
    static Set<Piece> of(NetworkSpec spec, Set<String> stopped) {
        Map<String, String> remotes = spec.tunnels().stream()
            .collect(Collectors.toMap(TunnelSpec::peer, tunnel -> Remote.canonical(tunnel.remote())));
        Set<Piece> pieces = new LinkedHashSet<>();
        spec.bridges().forEach(bridge -> pieces.add(new Bridge(bridge)));
        for (TunnelSpec tunnel : spec.tunnels()) {
            String remote = remotes.get(tunnel.peer());
            pieces.add(new Tunnel(tunnel.peer(), remote, tunnel.pathMtu(),
                tunnel.local() == null ? null : Remote.canonical(tunnel.local())));
            if (!tunnel.fec().equals(FecSpec.OFF)) {
                pieces.add(new Setting.Protection(tunnel.peer(), remote, tunnel.fec()));
            }
            if (tunnel.transport() != Transport.UDP) {
                pieces.add(new Setting.Carriage(tunnel.peer(), remote, tunnel.transport()));
            }
        }
        for (LinkSpec link : spec.links()) {
            pieces.add(new Link(link.withFit(FitSpec.NONE), remotes.get(link.peer())));
            if (!link.fit().equals(FitSpec.NONE)) {
                pieces.add(new Setting.Fit(link.name(), link.fit()));
            }
        }
        for (GuestSpec guest : spec.guests()) {
            guest.nics().forEach(nic -> pieces.add(new Nic(guest.name(), nic.name(), nic.bridge())));
        }
        spec.taps().forEach(tap -> pieces.add(new Tap(tap)));
        spec.jetways().stream().filter(JetwaySpec::on).forEach(jetway -> pieces.add(new JetwayPiece(jetway)));
        spec.packets().forEach(packet -> pieces.add(new PacketPiece(packet)));
        Set<String> waiting = spec.udpPorts().stream().filter(port -> !port.hasPeer()).map(UdpPortSpec::name)
            .collect(Collectors.toSet());
        spec.udpPorts().stream().filter(UdpPortSpec::hasPeer).forEach(port -> pieces.add(new UdpPortPiece(port)));
        GuardSpec.of(spec).forEach(guard -> pieces.add(new Setting.Guard(guard)));
        spec.impairments().stream().filter(impairment -> !waiting.contains(impairment.port()))
            .forEach(impairment -> pieces.add(new Setting.Impairment(impairment)));
        spec.guests().forEach(guest -> pieces.add(new Guest(guest, !stopped.contains(guest.name()))));
        return pieces;
    }

    record Bridge(BridgeSpec spec) implements Piece {
        @Override
        public String key() {
            return "bridge " + spec.name();
        }

        @Override
        public int rank() {
            return 0;
        }

        private String what() {
            return (spec.kind() == BridgeSpec.Kind.SWITCH ? "switch " : "patch ") + spec.name();
        }

        @Override
        public String making() {
            return "add " + what();
        }

        @Override
        public String unmaking() {
            return "remove " + what();
        }

        @Override
        public void make(Site site) {
            site.driver().addBridge(site.network(), spec);
        }

        @Override
        public void unmake(Site site) {
            site.driver().removeBridge(site.network(), spec.name());
        }
    }

    /** This network's use of a tunnel, which other networks may share. */
    record Tunnel(String peer, String remote, int pathMtu, String local) implements Piece {
        @Override
        public String key() {
            return "tunnel " + remote;
        }

        @Override
        public int rank() {
            return 1;
        }

        @Override
        public String making() {
            return "open tunnel to " + peer + " at " + remote;
        }

        @Override
        public String unmaking() {
            return "close tunnel to " + peer + " at " + remote;
        }

        @Override
        public void make(Site site) {
            site.tunnels().join(site.network(), peer, remote, pathMtu, local);
        }

        @Override
        public void unmake(Site site) {
            site.tunnels().leave(site.network(), peer, remote);
        }
    }

    record Link(LinkSpec spec, String remote) implements Piece {
        @Override
        public String key() {
            return "port " + spec.name();
        }

        @Override
        public int rank() {
            return 2;
        }

        @Override
        public String making() {
            return "open " + spec.name() + " from " + spec.bridge() + " to " + spec.peer();
        }

        @Override
        public String unmaking() {
            return "close " + spec.name() + " from " + spec.bridge() + " to " + spec.peer();
        }

        @Override
        public void make(Site site) {
            site.driver().openLink(site.network(), spec, remote);
        }

        @Override
        public void unmake(Site site) {
            site.driver().closePort(site.network(), spec.name());
        }

        @Override
        public Set<String> foundations() {
            return Set.of("bridge " + spec.bridge(), "tunnel " + remote);
        }
    }

    /** The port that a guest's vNIC connects to. */
    record Nic(String guest, String nic, String bridge) implements Plugged {
        @Override
        public String port() {
            return guest + "." + nic;
        }

        @Override
        public Plugged on(String otherBridge) {
            return new Nic(guest, nic, otherBridge);
        }

        @Override
        public int rank() {
            return 3;
        }

        @Override
        public String making() {
            return "open port " + port() + " on " + bridge;
        }

        @Override
        public String unmaking() {
            return "close port " + port() + " on " + bridge;
        }

        @Override
        public void make(Site site) {
            site.driver().openNic(site.network(), guest, nic, bridge);
        }
    }

    record Tap(TapSpec spec) implements Plugged {
        @Override
        public String port() {
            return spec.name();
        }

        @Override
        public String bridge() {
            return spec.bridge();
        }

        @Override
        public Plugged on(String otherBridge) {
            return new Tap(spec.withBridge(otherBridge));
        }

        @Override
        public String making() {
            return "open TAP " + spec.device() + " on " + spec.bridge();
        }

        @Override
        public String unmaking() {
            return "close TAP " + spec.device() + " on " + spec.bridge();
        }

        @Override
        public void make(Site site) {
            site.driver().openTap(site.network(), spec);
        }

        @Override
        public boolean canBecome(Piece wanted) {
            return wanted instanceof Tap(TapSpec to)
                && new TapSpec(to.name(), to.device(), spec.bridge(), to.mtu(), spec.addresses()).equals(spec);
        }
    }

    /**
     * A guest's process, plugged into its ports from outside: it outlives them and is re-plugged when they come back.
     *
     * @param spec without the bridges of its ports, of which a guest knows nothing
     * @param runs false: the operator has stopped it
     */
    record Guest(GuestSpec spec, boolean runs) implements Piece {
        public Guest {
            spec = spec.withNics(spec.nics().stream().map(nic -> nic.withBridge("")).toList());
        }

        @Override
        public String key() {
            return "guest " + spec.name();
        }

        @Override
        public int rank() {
            return 6;
        }

        @Override
        public String making() {
            return (runs ? "start guest " : "define stopped guest ") + spec.name();
        }

        @Override
        public String unmaking() {
            return (runs ? "stop guest " : "undefine stopped guest ") + spec.name();
        }

        @Override
        public void make(Site site) {
            if (runs) {
                site.driver().startGuest(site.network(), spec);
            }
        }

        @Override
        public void unmake(Site site) {
            if (runs) {
                site.driver().stopGuest(site.network(), spec.name());
            }
        }

        @Override
        public boolean canBecome(Piece wanted) {
            return wanted instanceof Guest to && to.runs == runs && Guests.canChange(spec, to.spec);
        }
    }
}
