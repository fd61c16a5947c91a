package org.violin.control.host;

import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.guest.ExecOutput;
import org.violin.control.guest.GuestDisks;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestStatus;
import org.violin.control.guest.Guests;
import org.violin.control.identity.SealedTunnels;
import org.violin.control.identity.Security;
import org.violin.control.jetway.Jetways;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.UdpPortSpec;
import org.violin.control.stream.Carrier;
import org.violin.control.stream.StreamStatus;
import org.violin.control.stream.TunnelName;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.FrameTrace;
import org.violin.dataplane.GroupStatus;
import org.violin.dataplane.LinkConfig;
import org.violin.dataplane.MacStatus;
import org.violin.dataplane.PortStatus;
import org.violin.dataplane.TapConfig;
import org.violin.dataplane.TunnelConfig;
import org.violin.dataplane.TunnelStatus;
import org.violin.dataplane.UnixPortConfig;

/** The real host: frames are the dataplane's, guests UML's or QEMU's, and TAPs get their addresses from {@code ip}. */
public final class LiveDriver implements HostDriver {
    private static final Logger LOG = LoggerFactory.getLogger(LiveDriver.class);
    /** A guest powers off in about a second; one that takes this long hangs. */
    private static final Duration POWER_OFF_LIMIT = Duration.ofSeconds(8);

    private final String host;
    private final Dataplane dataplane;
    private final Security security;
    private final SealedTunnels sealed;
    private final Carrier carrier;
    private final Jetways jetways;
    private final Optional<Guests> guests;
    private final String whyNoGuests;
    /** By remote. */
    private final Map<String, TunnelName> tunnelNames = new HashMap<>();
    /** Of links and UDP ports: where their frames go. */
    private final Map<String, String> remotes = new ConcurrentHashMap<>();

    private LiveDriver(String host, Dataplane dataplane, Security security, InetSocketAddress listen, Jetways jetways,
        Optional<Guests> guests, String whyNoGuests) {
        this.host = host;
        this.dataplane = dataplane;
        this.security = security;
        sealed = SealedTunnels.of(dataplane, security, listen, notice -> LOG.warn("control connection, {}", notice));
        carrier = new Carrier(dataplane, security.sealing(), sealed.authority(), listen,
            notice -> LOG.warn("stream, {}", notice));
        this.jetways = jetways;
        this.guests = guests;
        this.whyNoGuests = whyNoGuests;
    }

    /**
     * A host that can run guests. Takes ownership of dataplane and guests.
     *
     * @param host     its name
     * @param security of all its tunnels
     * @param listen   their address; null: there are none
     */
    public static LiveDriver of(String host, Dataplane dataplane, Security security, InetSocketAddress listen,
        Jetways jetways, Guests guests) {
        return new LiveDriver(host, dataplane, security, listen, jetways, Optional.of(guests), "");
    }

    /**
     * A host that has no means to run guests; all else works. Takes ownership of the dataplane.
     *
     * @param host     its name
     * @param security of all its tunnels
     * @param listen   their address; null: there are none
     * @param why      told to whoever wants a guest nevertheless
     */
    public static LiveDriver withoutGuests(String host, Dataplane dataplane, Security security,
        InetSocketAddress listen, Jetways jetways, String why) {
        return new LiveDriver(host, dataplane, security, listen, jetways, Optional.empty(), why);
    }

    private Guests guests() {
        return guests.orElseThrow(() -> new GuestException(whyNoGuests));
    }

    private static String name(String network, String name) {
        return network + "/" + name;
    }

    @Override
    public void addBridge(String network, BridgeSpec bridge) {
        String name = name(network, bridge.name());
        switch (bridge.kind()) {
            case SWITCH -> dataplane.addSwitch(Lines.lan(name, bridge));
            case PATCH -> dataplane.addPatch(name);
            default -> throw new AssertionError(bridge.kind());
        }
    }

    @Override
    public void removeBridge(String network, String bridge) {
        dataplane.removeBridge(name(network, bridge));
    }

    @Override
    public void openTunnel(String peer, String remote, int pathMtu, String local) {
        InetSocketAddress address = Remote.parse(remote);
        TunnelName name = local == null ? TunnelName.ONLY : TunnelName.between(address, Remote.parse(local));
        dataplane.openTunnel(new TunnelConfig(remote, address, pathMtu, security.sealing().seals()));
        tunnelNames.put(remote, name);
        sealed.add(remote, peer, address, name, null);
        carrier.add(remote, address);
    }

    @Override
    public void closeTunnel(String peer, String remote) {
        sealed.remove(remote);
        try {
            dataplane.closeTunnel(remote);
            carrier.remove(remote);
        } catch (DataplaneException e) {
            sealed.add(remote, peer, Remote.parse(remote), tunnelNames.get(remote), null);
            throw e;
        }
        tunnelNames.remove(remote);
    }

    @Override
    public void protect(String remote, FecSpec fec) {
        carrier.protect(remote, fec);
    }

    @Override
    public void carry(String remote, Transport transport) {
        try {
            carrier.carry(remote, transport, tunnelNames.get(remote), null);
        } catch (UncheckedIOException e) {
            throw new HostException(HostException.Kind.CONFLICT, e.getMessage(), e);
        }
    }

    @Override
    public void openLink(String network, LinkSpec link, String remote) {
        dataplane.openLink(new LinkConfig(name(network, link.name()), remote, link.linkId()),
            name(network, link.bridge()));
        leads(network, link.name(), remote);
    }

    /** Notes where a port's frames go, and closes it again if that would have its network carried by itself. */
    private void leads(String network, String port, String remote) {
        boolean known = Nesting.byNetwork(remotes).getOrDefault(network, Set.of()).contains(remote);
        remotes.put(name(network, port), remote);
        if (known) {
            return;
        }
        try {
            nesting().requireNoLoop(network);
        } catch (RuntimeException e) {
            closePort(network, port);
            throw e;
        }
    }

    private Nesting nesting() {
        return Nesting.of(dataplane.ports(), remotes);
    }

    @Override
    public void fit(String network, String link, FitSpec fit) {
        dataplane.fit(name(network, link), Lines.fit(fit));
    }

    @Override
    public void openTap(String network, TapSpec tap) {
        String port = name(network, tap.name());
        String identity = String.join(" ", "tap", network, host, tap.name());
        dataplane.openTap(new TapConfig(port, tap.device(), tap.mtu(), identity), name(network, tap.bridge()));
        try {
            TapDevice.setUp(tap);
            nesting().requireNoLoop(network);
        } catch (RuntimeException e) {
            dataplane.closePort(port);
            throw e;
        }
    }

    @Override
    public void openPacket(String network, PacketSpec packet) {
        if (packet.role() == PacketSpec.Role.ALL) {
            requireNoTunnel(packet);
        }
        dataplane.openPacket(
            PacketPiece.config(name(network, packet.name()), packet), name(network, packet.bridge()));
    }

    /** A tunnel's datagrams that enter the network would go through the tunnel, in datagrams that enter the network. */
    private void requireNoTunnel(PacketSpec packet) {
        for (String remote : tunnelNames.keySet()) {
            if (Way.to(Remote.parse(remote), device -> false, false).device().equals(packet.device())) {
                throw new HostException(HostException.Kind.CONFLICT, "interface " + packet.device()
                    + ": the tunnel to " + remote + " goes by it, and its datagrams would go round for ever:"
                    + " give the port role host or proxy, or another interface");
            }
        }
    }

    @Override
    public void openJetway(String network, JetwaySpec jetway) {
        try {
            jetways.open(network, jetway, () -> openTap(network, jetway.tap()));
            nesting().requireNoLoop(network);
        } catch (RuntimeException e) {
            try {
                closeJetway(network, jetway.name());
            } catch (RuntimeException again) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Nothing passes any more when the port is closed; the rest comes after, so that nothing is open without it. */
    @Override
    public void closeJetway(String network, String jetway) {
        if (dataplane.ports().stream().anyMatch(port -> port.name().equals(name(network, jetway)))) {
            closePort(network, jetway);
        }
        jetways.close(network, jetway);
    }

    @Override
    public void readdressTap(TapSpec from, TapSpec to) {
        TapDevice.readdress(from, to);
        Nesting nesting = nesting();
        nesting.requireNoLoop(nesting.networks().get(to.device()));
    }

    @Override
    public void openNic(String network, String guest, String nic, String bridge) {
        Path socket = guests().nicSocket(network, guest, nic);
        dataplane.openUnix(new UnixPortConfig(name(network, guest + "." + nic), socket), name(network, bridge));
    }

    @Override
    public void openUdpPort(String network, UdpPortSpec port) {
        dataplane.openUdp(UdpPortPiece.config(name(network, port.name()), port), name(network, port.bridge()));
        leads(network, port.name(), Remote.canonical(port.remote()));
    }

    @Override
    public void movePorts(String network, Map<String, String> bridges) {
        dataplane.movePorts(bridges.entrySet().stream().collect(Collectors.toMap(
            move -> name(network, move.getKey()), move -> name(network, move.getValue()))));
    }

    @Override
    public void closePort(String network, String port) {
        dataplane.closePort(name(network, port));
        remotes.remove(name(network, port));
    }

    @Override
    public void impair(String network, String port, LineSpec line) {
        String identity = String.join(" ", network, host, port);
        dataplane.impair(name(network, port), Lines.impairmentAt(identity, line));
    }

    @Override
    public void guard(String network, String port, GuardSpec guard) {
        dataplane.guard(name(network, port), guard == null ? null : Lines.guard(guard));
    }

    @Override
    public void startGuest(String network, GuestSpec guest) {
        if (runs(network, guest.name())) {
            guests().resume(network, guest.name());
        } else {
            guests().start(network, guest);
        }
    }

    @Override
    public void stopGuest(String network, String guest) {
        if (runs(network, guest)) {
            guests().stop(network, guest, POWER_OFF_LIMIT);
        }
    }

    @Override
    public void killGuest(String network, String guest) {
        if (runs(network, guest)) {
            guests().kill(network, guest);
        }
    }

    @Override
    public void configureGuest(String network, GuestSpec guest) {
        if (runs(network, guest.name())) {
            guests().configure(network, guest);
        }
    }

    @Override
    public void replugGuest(String network, GuestSpec guest, Set<String> nics) {
        if (runs(network, guest.name())) {
            guests().configure(network, guest);
            guests().reconnect(network, guest.name(), nics);
        }
    }

    @Override
    public void forgetGuest(String network, String guest) {
        stopGuest(network, guest);
        guests.ifPresent(g -> g.remove(network, guest));
    }

    @Override
    public List<GuestStatus> adoptGuests() {
        return guests.map(Guests::adopt).orElse(List.of());
    }

    @Override
    public GuestDisks disks() {
        return guests().disks();
    }

    @Override
    public Optional<GuestSpec> guestSpec(String network, String guest) {
        return guests().spec(network, guest);
    }

    @Override
    public Optional<GuestStatus> guest(String network, String guest) {
        return guests.map(Guests::statuses).orElse(List.of()).stream()
            .filter(status -> status.network().equals(network) && status.name().equals(guest))
            .findFirst();
    }

    private boolean runs(String network, String guest) {
        return guest(network, guest).filter(LiveDriver::runs).isPresent();
    }

    private static boolean runs(GuestStatus status) {
        return status.state() == GuestStatus.State.BOOTING || status.state() == GuestStatus.State.READY;
    }

    @Override
    public int exec(String network, String guest, List<String> argv, ExecOutput output, BooleanSupplier cancelled) {
        return guests().exec(network, guest, argv, output, cancelled);
    }

    @Override
    public Path consoleLog(String network, String guest) {
        return guests().consoleLog(network, guest);
    }

    @Override
    public void consoleInput(String network, String guest, byte[] bytes) {
        guests().consoleInput(network, guest, bytes);
    }

    @Override
    public List<PortStatus> ports() {
        return dataplane.ports();
    }

    @Override
    public List<TunnelStatus> tunnels() {
        return dataplane.tunnels();
    }

    @Override
    public StreamStatus stream(TunnelStatus tunnel) {
        return carrier.stream(tunnel);
    }

    @Override
    public Diagnosis diagnose(TunnelStatus tunnel) {
        StreamStatus stream = carrier.stream(tunnel);
        Map<String, Long> handshakes = sealed.handshakes(tunnel.name());
        if (stream != null && stream.carries()) {
            return Diagnosis.byStream(tunnel, handshakes, stream);
        }
        Nesting nesting = nesting();
        Way way = Way.to(Remote.parse(tunnel.remote()), device -> nesting.isLoop(tunnel.name(), device),
            !tunnel.state().equals("up"));
        return Diagnosis.of(tunnel, handshakes, way, sealed.trouble(tunnel.name())).beside(stream);
    }

    @Override
    public Duration ping(String remote, int bytes, Duration timeout) {
        return dataplane.ping(remote, bytes, timeout);
    }

    @Override
    public List<MacStatus> macs() {
        return dataplane.macs(null);
    }

    @Override
    public int learn(List<MacStatus> stations) {
        return dataplane.learn(stations);
    }

    @Override
    public List<GroupStatus> groups() {
        return dataplane.groups();
    }

    @Override
    public FrameTrace trace(Predicate<String> ingress, int every, int count) {
        return dataplane.trace(ingress, every, count);
    }

    @Override
    public void close() {
        guests.ifPresent(Guests::close);
        carrier.close();
        sealed.close();
        dataplane.close();
        jetways.closeAll();
    }
}
