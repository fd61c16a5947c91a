package org.violin.control.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.violin.control.guest.ExecOutput;
import org.violin.control.guest.GuestDisks;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestStatus;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.UdpPortSpec;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.FrameTrace;
import org.violin.dataplane.GroupStatus;
import org.violin.dataplane.MacStatus;
import org.violin.dataplane.PortStatus;
import org.violin.dataplane.TunnelStatus;

/**
 * A host in memory, as strict as a real one: what does not fit is refused, and a vNIC whose port was closed stays
 * unplugged until it is re-plugged. Can be told to fail.
 */
public class MemoryDriver implements HostDriver {
    private final Map<String, BridgeSpec> bridges = new TreeMap<>();
    private final Map<String, Integer> tunnels = new TreeMap<>();
    private final Map<String, FecSpec> protections = new TreeMap<>();
    private final Map<String, String> carriages = new TreeMap<>();
    private final Map<String, MemoryPort> ports = new TreeMap<>();
    private final Map<String, LineSpec> lines = new TreeMap<>();
    private final Map<String, FitSpec> fits = new TreeMap<>();
    private final Map<String, GuardSpec> guards = new TreeMap<>();
    private final Map<String, MemoryGuest> guests = new TreeMap<>();
    private final Map<String, Path> consoles = new HashMap<>();
    private final List<String> calls = new ArrayList<>();
    private final List<MacStatus> learned = new ArrayList<>();
    private final Map<String, String> tunnelStates = new HashMap<>();
    private String tunnelState = "connecting";
    private int failAtCall = -1;
    private String failAtText = "";
    private boolean traces;
    private boolean closed;

    /** The n-th changing call from now on fails; the first has number 0. */
    public synchronized void failAt(int call) {
        calls.clear();
        failAtCall = call;
    }

    /** Every changing call whose text starts with this fails; empty: none. */
    public synchronized void failAt(String text) {
        failAtText = text;
    }

    public synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    /** All that can be seen of this host, in an order that depends on nothing else. */
    public synchronized Map<String, Object> state() {
        Map<String, Object> state = new TreeMap<>();
        bridges.forEach((name, bridge) -> state.put("bridge " + name, bridge));
        tunnels.forEach((name, mtu) -> state.put("tunnel " + name, mtu));
        protections.forEach((name, fec) -> state.put("protection " + name, fec));
        carriages.forEach((name, carriage) -> state.put("carriage " + name, carriage));
        ports.forEach((name, port) -> state.put("port " + name, List.of(port.kind(), port.bridge(), port.detail())));
        fits.forEach((name, fit) -> state.put("fit " + name, fit));
        lines.forEach((name, line) -> state.put("impairment " + name, line));
        guards.forEach((name, guard) -> state.put("guard " + name, guard));
        guests.forEach((name, guest) -> {
            state.put("guest " + name, List.of(guest.spec.toString().replaceAll("bridge=[^,]*", ""), guest.state));
            guest.sockets.forEach((nic, socket) ->
                state.put("vNIC " + name + "." + nic, ports.get(name + "." + nic).socket() == socket));
        });
        return state;
    }

    public synchronized void die(String network, String guest) {
        guests.get(network + "/" + guest).state = GuestStatus.State.DEAD;
    }

    /** As {@code connecting}, {@code up}. */
    public synchronized void setTunnelStates(String state) {
        tunnelState = state;
    }

    public synchronized void setKeyUse(String remote, String state) {
        tunnelStates.put(remote, state);
    }

    public synchronized void setConsole(String network, String guest, Path log) {
        consoles.put(network + "/" + guest, log);
    }

    /** What a daemon that is killed leaves behind: its guests, unplugged. */
    public synchronized void loseDaemon() {
        List.of(bridges, tunnels, protections, carriages, ports, lines, fits, guards).forEach(Map::clear);
        closed = false;
    }

    private void call(String text) {
        int number = calls.size();
        calls.add(text);
        if (number == failAtCall || !failAtText.isEmpty() && text.startsWith(failAtText)) {
            throw new IllegalStateException("told to fail");
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    private void plug(String network, String name, String kind, String bridge, String detail) {
        BridgeSpec on = bridges.get(network + "/" + bridge);
        require(on != null, name + ": no bridge " + bridge);
        long used = ports.values().stream().filter(port -> port.bridge().equals(network + "/" + bridge)).count();
        require(on.kind() == BridgeSpec.Kind.SWITCH || used < 2, name + ": patch " + bridge + " is full");
        MemoryPort port = new MemoryPort(kind, network + "/" + bridge, detail, new Object());
        require(ports.putIfAbsent(network + "/" + name, port) == null, name + ": the name is taken");
    }

    @Override
    public synchronized void addBridge(String network, BridgeSpec bridge) {
        call("addBridge " + bridge.name());
        require(bridges.putIfAbsent(network + "/" + bridge.name(), bridge) == null, bridge + " is there");
    }

    @Override
    public synchronized void removeBridge(String network, String bridge) {
        call("removeBridge " + bridge);
        require(ports.values().stream().noneMatch(port -> port.bridge().equals(network + "/" + bridge)),
            bridge + " has ports");
        require(bridges.remove(network + "/" + bridge) != null, bridge + " is not there");
    }

    @Override
    public synchronized void openTunnel(String peer, String remote, int pathMtu, String local) {
        call("openTunnel " + remote);
        require(tunnels.putIfAbsent(remote, pathMtu) == null, remote + " is there");
    }

    @Override
    public synchronized void closeTunnel(String peer, String remote) {
        call("closeTunnel " + remote);
        require(ports.values().stream().noneMatch(port -> port.detail().startsWith(remote + " ")),
            remote + " has links");
        require(tunnels.remove(remote) != null, remote + " is not there");
        protections.remove(remote);
        carriages.remove(remote);
    }

    @Override
    public synchronized void protect(String remote, FecSpec fec) {
        call("protect " + remote);
        require(tunnels.containsKey(remote), remote + " is not there");
        protections.remove(remote);
        if (!fec.equals(FecSpec.OFF)) {
            protections.put(remote, fec);
        }
    }

    @Override
    public synchronized void carry(String remote, Transport transport) {
        call("carry " + remote);
        require(tunnels.containsKey(remote), remote + " is not there");
        carriages.remove(remote);
        if (transport != Transport.UDP) {
            carriages.put(remote, transport.label());
        }
    }

    /** One that is to have one has it. */
    @Override
    public synchronized StreamStatus stream(TunnelStatus tunnel) {
        return carriages.containsKey(tunnel.name()) ? new StreamStatus("tls", true, "192.0.2.9:4711", "",
            Map.of("connected", 1L), Map.of("codel", 2L)) : null;
    }

    @Override
    public Diagnosis diagnose(TunnelStatus tunnel) {
        return new Diagnosis(Diagnosis.Verdict.GOOD, tunnel.name());
    }

    @Override
    public Duration ping(String remote, int bytes, Duration timeout) {
        return bytes > 1500 ? null : Duration.ofMillis(1);
    }

    @Override
    public synchronized void openLink(String network, LinkSpec link, String remote) {
        call("openLink " + link.name());
        require(tunnels.containsKey(remote), link.name() + ": no tunnel " + remote);
        String detail = remote + " " + link.linkId();
        require(ports.values().stream().noneMatch(port -> port.detail().equals(detail)), detail + ": the id is taken");
        plug(network, link.name(), "link", link.bridge(), detail);
    }

    @Override
    public synchronized void openTap(String network, TapSpec tap) {
        call("openTap " + tap.name());
        require(ports.values().stream().noneMatch(port -> port.detail().startsWith(tap.device() + " ")),
            tap.device() + ": EBUSY");
        plug(network, tap.name(), "tap", tap.bridge(), tapDetail(tap));
    }

    private static String tapDetail(TapSpec tap) {
        return tap.device() + " " + tap.mtu() + " " + new TreeSet<>(tap.addresses());
    }

    @Override
    public synchronized void openPacket(String network, PacketSpec packet) {
        call("openPacket " + packet.name());
        plug(network, packet.name(), "packet", packet.bridge(), packet.text());
    }

    @Override
    public synchronized void openJetway(String network, JetwaySpec jetway) {
        call("openJetway " + jetway.name());
        plug(network, jetway.name(), "tap", jetway.tap().bridge(), tapDetail(jetway.tap()) + " " + jetway.text());
    }

    @Override
    public synchronized void closeJetway(String network, String jetway) {
        closePort(network, jetway);
    }

    @Override
    public synchronized void readdressTap(TapSpec from, TapSpec to) {
        ports.replaceAll((name, port) -> port.detail().startsWith(to.device() + " ")
            ? new MemoryPort(port.kind(), port.bridge(), tapDetail(to), port.socket()) : port);
        call("readdressTap " + to.name());
    }

    @Override
    public synchronized void openNic(String network, String guest, String nic, String bridge) {
        call("openNic " + guest + "." + nic);
        plug(network, guest + "." + nic, "unix", bridge, "socket of " + guest + "." + nic);
    }

    @Override
    public synchronized void openUdpPort(String network, UdpPortSpec port) {
        call("openUdpPort " + port.name());
        require(ports.values().stream().noneMatch(taken -> taken.detail().startsWith(port.local() + " to ")),
            port.local() + ": EADDRINUSE");
        plug(network, port.name(), port.kind().label(), port.bridge(), port.local() + " to " + port.remote() + " "
            + List.of(port.vni(), port.localSession(), port.remoteSession(), port.localCookie(), port.remoteCookie(),
                port.counter()));
    }

    @Override
    public synchronized void movePorts(String network, Map<String, String> moved) {
        call("movePorts " + String.join(" ", moved.keySet()));
        moved.forEach((name, bridge) -> {
            MemoryPort port = ports.get(network + "/" + name);
            require(port != null && bridges.containsKey(network + "/" + bridge), name + " to " + bridge);
            ports.put(network + "/" + name, port.on(network + "/" + bridge));
        });
        bridges.forEach((name, bridge) -> require(bridge.kind() == BridgeSpec.Kind.SWITCH
            || ports.values().stream().filter(port -> port.bridge().equals(name)).count() <= 2, name + " is full"));
    }

    @Override
    public synchronized void closePort(String network, String port) {
        call("closePort " + port);
        require(ports.remove(network + "/" + port) != null, port + " is not there");
        lines.remove(network + "/" + port);
        fits.remove(network + "/" + port);
        guards.remove(network + "/" + port);
    }

    @Override
    public synchronized void guard(String network, String port, GuardSpec guard) {
        call("guard " + port);
        require(ports.containsKey(network + "/" + port), port + " is not there");
        guards.remove(network + "/" + port);
        if (guard != null) {
            Lines.guard(guard);
            guards.put(network + "/" + port, guard);
        }
    }

    @Override
    public synchronized void fit(String network, String link, FitSpec fit) {
        call("fit " + link);
        require("link".equals(ports.get(network + "/" + link).kind()), link + " is no link");
        fits.remove(network + "/" + link);
        if (!fit.equals(FitSpec.NONE)) {
            fits.put(network + "/" + link, fit);
        }
    }

    @Override
    public synchronized void impair(String network, String port, LineSpec line) {
        call("impair " + port);
        require(ports.containsKey(network + "/" + port), port + " is not there");
        lines.remove(network + "/" + port);
        if (!line.changesNothing()) {
            lines.put(network + "/" + port, line);
        }
    }

    @Override
    public synchronized void startGuest(String network, GuestSpec guest) {
        call("startGuest " + guest.name());
        MemoryGuest running = guests.computeIfAbsent(network + "/" + guest.name(), name -> new MemoryGuest());
        if (running.state == GuestStatus.State.READY) {
            return;
        }
        running.spec = guest;
        running.state = GuestStatus.State.READY;
        connect(network, running, guest.nics().stream().map(NicSpec::name).toList());
    }

    private void connect(String network, MemoryGuest guest, List<String> nics) {
        for (String nic : nics) {
            MemoryPort port = ports.get(network + "/" + guest.spec.name() + "." + nic);
            require(port != null, guest.spec.name() + "." + nic + ": nobody listens");
            guest.sockets.put(nic, port.socket());
        }
    }

    @Override
    public synchronized void stopGuest(String network, String guest) {
        call("stopGuest " + guest);
        MemoryGuest running = guests.get(network + "/" + guest);
        if (running != null) {
            running.state = GuestStatus.State.STOPPED;
            running.sockets.clear();
        }
    }

    @Override
    public synchronized void killGuest(String network, String guest) {
        call("killGuest " + guest);
        stopGuest(network, guest);
    }

    @Override
    public synchronized void configureGuest(String network, GuestSpec guest) {
        configure(network, guest);
        call("configureGuest " + guest.name());
    }

    private MemoryGuest configure(String network, GuestSpec guest) {
        MemoryGuest running = guests.get(network + "/" + guest.name());
        require(running != null && running.state == GuestStatus.State.READY, guest.name() + " does not run");
        connect(network, running, running.become(guest));
        return running;
    }

    @Override
    public synchronized void replugGuest(String network, GuestSpec guest, Set<String> nics) {
        connect(network, configure(network, guest), List.copyOf(nics));
        call("replugGuest " + guest.name());
    }

    @Override
    public synchronized void forgetGuest(String network, String guest) {
        call("forgetGuest " + guest);
        guests.remove(network + "/" + guest);
    }

    @Override
    public synchronized List<GuestStatus> adoptGuests() {
        List<GuestStatus> adopted = new ArrayList<>();
        guests.forEach((name, guest) -> {
            String network = name.substring(0, name.indexOf('/'));
            if (guest.state == GuestStatus.State.READY) {
                List<String> there = guest.sockets.keySet().stream()
                    .filter(nic -> ports.containsKey(name + "." + nic)).toList();
                connect(network, guest, there);
            }
            adopted.add(guest.status(network));
        });
        return adopted;
    }

    /** A host without files has no disks. */
    @Override
    public GuestDisks disks() {
        throw new GuestException("guests have no disks here");
    }

    @Override
    public synchronized Optional<GuestSpec> guestSpec(String network, String guest) {
        return Optional.ofNullable(guests.get(network + "/" + guest)).map(running -> running.spec);
    }

    @Override
    public synchronized Optional<GuestStatus> guest(String network, String guest) {
        return Optional.ofNullable(guests.get(network + "/" + guest)).map(running -> running.status(network));
    }

    @Override
    public int exec(String network, String guest, List<String> argv, ExecOutput output, BooleanSupplier cancelled) {
        if (guest(network, guest).filter(status -> status.state() == GuestStatus.State.READY).isEmpty()) {
            throw new HostException(HostException.Kind.CONFLICT, "guest " + guest + " is not running");
        }
        return MemoryShell.run(guest, argv, output, cancelled, this::onCancelled);
    }

    private synchronized void onCancelled() {
        calls.add("cancelled");
    }

    @Override
    public synchronized Path consoleLog(String network, String guest) {
        return consoles.getOrDefault(network + "/" + guest, Path.of("/nonexistent/console"));
    }

    @Override
    public synchronized void consoleInput(String network, String guest, byte[] bytes) {
        call("consoleInput " + new String(bytes, StandardCharsets.UTF_8));
    }

    @Override
    public synchronized List<PortStatus> ports() {
        return ports.entrySet().stream().map(port -> port.getValue().status(port.getKey())).toList();
    }

    @Override
    public synchronized List<TunnelStatus> tunnels() {
        return tunnels.keySet().stream().map(remote -> new TunnelStatus(remote, remote, false,
            tunnelStates.getOrDefault(remote, tunnelState), 1500, -1,
            (int) ports.values().stream().filter(port -> port.detail().startsWith(remote + " ")).count(),
            0, 0, 0, 0, 0, EventsTest.UNKNOWN_PATH, Map.of())).toList();
    }

    @Override
    public synchronized List<MacStatus> macs() {
        return ports.entrySet().stream().map(port -> port.getValue().mac(port.getKey())).toList();
    }

    /** What was {@link #learn learned}. */
    public synchronized List<MacStatus> learned() {
        return List.copyOf(learned);
    }

    @Override
    public synchronized int learn(List<MacStatus> stations) {
        learned.addAll(stations);
        return stations.size();
    }

    @Override
    public synchronized List<GroupStatus> groups() {
        return ports.entrySet().stream().map(port -> port.getValue().group(port.getKey())).toList();
    }

    @Override
    public synchronized FrameTrace trace(Predicate<String> ingress, int every, int count) {
        if (traces) {
            throw new DataplaneException("trace: one at a time");
        }
        traces = true;
        calls.add("trace one in " + every);
        return new MemoryTrace(ports.keySet().stream().filter(ingress).toList(), count, this::endTrace);
    }

    private synchronized void endTrace() {
        traces = false;
    }

    public synchronized boolean traces() {
        return traces;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    public synchronized boolean isClosed() {
        return closed;
    }
}
