package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.GroupTable;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.bridge.Snooping;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.port.PacketPort;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.port.TapPort;
import org.violin.dataplane.port.UdpPort;
import org.violin.dataplane.port.UnixPort;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.sys.KernelException;
import org.violin.dataplane.sys.OffHeap;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.UringPoller;
import org.violin.dataplane.tunnel.HandshakeQueue;
import org.violin.dataplane.tunnel.LinkPort;
import org.violin.dataplane.tunnel.Tunnel;
import org.violin.dataplane.tunnel.TunnelSocket;
import org.violin.dataplane.worker.Worker;
import org.violin.dataplane.worker.WorkerThread;

/**
 * The packet engine's public face. Every method may be called from any thread; each is carried to the workers by their
 * command queues and returns when they have done it. A bridge is a learning switch or a two-port patch; every port is
 * attached to exactly one bridge from open to close.
 *
 * <p>Devices are opened on the caller's thread, so that the kernel's locks do not hold up frames; the workers only take
 * them over. Each worker has an object of its own for every bridge and port; they are made, and go, one after the
 * other. In between, a frame that a worker would send to a port which it does not have is dropped.
 *
 * <p>Errors: {@link DataplaneException} when a name is taken or unknown, when the kernel refuses, or when a worker
 * does not answer in time. A call that throws has changed nothing.
 */
public final class Dataplane implements AutoCloseable {
    /** Frames that one trace holds at most. */
    public static final int TRACE_MAX = Traces.FRAMES_MAX;

    private final DataplaneConfig config;
    private final IoEngine engine;
    private final List<WorkerThread> workers = new ArrayList<>();
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();
    private final SecureRandom random = new SecureRandom();
    private final Map<String, PluggedBridge> bridges = new LinkedHashMap<>();
    private final Ports ports;
    private final Tunnels tunnels;
    private final Traces traces = new Traces(this, workers);
    private volatile boolean running = true;

    private Dataplane(DataplaneConfig config) {
        this.config = config;
        engine = config.engine() == IoEngine.IO_URING ? IoEngine.IO_URING : IoEngine.EPOLL;
        int count = config.workers();
        HandshakeQueue handshakes = new HandshakeQueue();
        tunnels = new Tunnels(this, workers, handshakes, random);
        ports = new Ports(this, workers);
        int[] udp = config.listen() == null ? null : Devices.openUdp(config.listen(), count);
        try {
            for (int i = 0; i < count; i++) {
                TunnelSocket socket = udp == null ? null : new TunnelSocket(udp[i], i, handshakes);
                workers.add(new WorkerThread(
                    "worker-" + i + "-" + config.name(), config.frameSlots(), this::openPoller, socket));
            }
        } catch (KernelException e) {
            for (int i = workers.size(); udp != null && i < count; i++) {
                Devices.close(udp[i]);
            }
            close();
            throw e;
        }
        workers.forEach(worker -> worker.terminated().whenComplete((nothing, defect) -> onEnd(defect)));
    }

    /**
     * Loads and links what the first {@link #launch} needs, which takes a good part of a program's start: worth a
     * thread of its own while the program reads its arguments. Any thread; more than once is once.
     */
    public static void prepare() {
        OffHeap.map(1).close();
        new SecureRandom().nextInt();
    }

    /** Binds the UDP sockets, if any, and starts the workers. */
    public static Dataplane launch(DataplaneConfig config) {
        Dataplane dataplane = guarded(() -> new Dataplane(config));
        try {
            for (int i = 0; i < config.cpus().size(); i++) {
                WorkerThread worker = dataplane.workers.get(i);
                int cpu = config.cpus().get(i);
                guarded(() -> {
                    worker.pin(cpu);
                    return null;
                });
            }
            dataplane.requestPriority();
            return dataplane;
        } catch (DataplaneException e) {
            dataplane.close();
            throw e;
        }
    }

    private void requestPriority() {
        if (config.priority() == WorkerPriority.NORMAL) {
            return;
        }
        for (WorkerThread worker : workers) {
            if (!guarded(worker::requestRealtime)) {
                throw new DataplaneException("priority realtime: the process may not have it: run as root, grant"
                    + " CAP_SYS_NICE, raise the limit (ulimit -r 1), or choose normal");
            }
        }
    }

    private Poller openPoller(FramePool pool) {
        return engine == IoEngine.IO_URING ? new UringPoller(pool) : new EpollPoller();
    }

    /** A worker has ended: if by a defect, all do. */
    private void onEnd(Throwable defect) {
        if (defect != null) {
            running = false;
            workers.forEach(WorkerThread::stop);
            terminated.completeExceptionally(defect);
        } else if (workers.stream().allMatch(worker -> worker.terminated().isDone())) {
            terminated.complete(null);
        }
    }

    /** Completes when all workers have ended; exceptionally, if a defect ended one. */
    public CompletableFuture<Void> terminated() {
        return terminated.copy();
    }

    /** How frames are read: what {@link IoEngine#AUTO} has come to. */
    public IoEngine engine() {
        return engine;
    }

    /** The UDP port that peers send to; -1 without tunnels. */
    public int localPort() {
        return hasTunnels() ? workers.getFirst().socket().localPort() : -1;
    }

    private boolean hasTunnels() {
        return config.listen() != null;
    }

    public synchronized void addSwitch(SwitchConfig switchConfig) {
        long nowNs = System.nanoTime();
        MacTable table =
            new MacTable(switchConfig.macCapacity(), switchConfig.ageingSeconds(), random.nextLong(), nowNs);
        MulticastConfig multicast = switchConfig.multicast();
        GroupTable groups = !multicast.snoops() ? null : new GroupTable(new Snooping(multicast.asks(),
            multicast.intervalSeconds(), multicast.dropsUnknown(), switchConfig.mac()), nowNs);
        addBridge(switchConfig.name(), () -> new Switch(table, groups));
    }

    /** A patch joins two ports like a cable: what comes in at one leaves at the other, whatever it is. */
    public synchronized void addPatch(String name) {
        addBridge(name, Patch::new);
    }

    private void addBridge(String name, Supplier<Bridge> maker) {
        requireFree(bridges, name, "bridge");
        List<Bridge> views = Stream.generate(maker).limit(workers.size()).toList();
        // One worker ages what all learn.
        command(0, "bridge " + name, worker -> worker.onAddBridge(views.getFirst()));
        bridges.put(name, new PluggedBridge(name, views));
    }

    /** Removes a switch or patch that has no ports left. */
    public synchronized void removeBridge(String name) {
        PluggedBridge bridge = require(bridges, name, "bridge");
        List<String> plugged = ports.on(bridge);
        if (!plugged.isEmpty()) {
            throw new DataplaneException("bridge " + name + ": has ports: " + String.join(", ", plugged));
        }
        command(0, "bridge " + name, worker -> worker.onRemoveBridge(bridge.views().getFirst()));
        bridges.remove(name);
    }

    public synchronized void openTap(TapConfig tap, String bridge) {
        plug(tap.name(), bridge, PluggedPort.ANY,
            () -> TapPort.open(tap.name(), tap.device(), tap.mac(), tap.mtu(), workers.size()));
    }

    /** One worker receives what the guest sends: the one that does so for the fewest ports. */
    public synchronized void openUnix(UnixPortConfig unix, String bridge) {
        int receiver = ports.leastLoaded();
        plug(unix.name(), bridge, receiver,
            () -> UnixPort.open(unix.name(), unix.socket(), receiver, workers.size()));
    }

    /** One worker receives what the peer sends, as for a unix port. */
    public synchronized void openUdp(UdpPortConfig udp, String bridge) {
        int receiver = ports.leastLoaded();
        plug(udp.name(), bridge, receiver, () -> UdpPort.open(
            udp.name(), udp.local(), udp.remote(), udp.encapsulation(), receiver, workers.size()));
    }

    /**
     * One worker receives: the one with the fewest such ports. The interface may go and come back; that is seen when
     * {@link #lookAtInterfaces} is called.
     */
    public synchronized void openPacket(PacketConfig packet, String bridge) {
        int receiver = ports.leastLoaded();
        plug(packet.name(), bridge, receiver,
            () -> PacketPort.open(packet.name(), packet.device(), packet.filter(), receiver, workers.size()));
    }

    /**
     * Looks at the interfaces of packet ports, to be called once a second or so: a port whose interface has gone is
     * down, one whose interface was made again goes on with it; their MTUs and what the kernel has dropped are taken
     * down.
     */
    public synchronized void lookAtInterfaces() {
        ports.lookAtInterfaces();
    }

    public synchronized void openLink(LinkConfig link, String bridge) {
        Tunnel tunnel = tunnels.require(link.tunnel());
        plug(link.name(), bridge, PluggedPort.ANY, () -> workers.stream()
            .<Port>map(worker -> new LinkPort(link.name(), worker.socket(), tunnel, link.linkId())).toList());
    }

    private void plug(String name, String bridge, int receiver, Supplier<List<Port>> opener) {
        ports.plug(name, require(bridges, bridge, "bridge"), receiver, opener);
    }

    /**
     * Plugs open ports into other bridges, all at once, while frames pass. A port keeps all else that it has, and what
     * the bridge before has learned of it is forgotten. While one worker has moved and another has not, the ports of
     * both bridges may reach each other, so both are of one network.
     *
     * @param bridgeOf names of bridges, by names of ports
     */
    public synchronized void movePorts(Map<String, String> bridgeOf) {
        Map<String, PluggedBridge> to = new LinkedHashMap<>();
        bridgeOf.forEach((port, bridge) -> to.put(port, require(bridges, bridge, "bridge")));
        ports.move(to);
    }

    /** Closes a port of any kind; a TAP's device and a unix port's socket file go with it, an interface stays. */
    public synchronized void closePort(String name) {
        ports.close(name);
    }

    /**
     * Has what leaves by a port pass a worse line from now on; {@link Impairment#NONE}: no more. What is under way on
     * the line before arrives at once, and newer frames that another worker sends may be ahead of it.
     */
    public synchronized void impair(String portName, Impairment impairment) {
        ports.impair(portName, impairment);
    }

    /**
     * Has what comes in by a port checked from now on. null: as when it was opened, which is by {@link Guard#STATION}
     * where it is a guest's port on a switch, and by {@link Guard#NONE} elsewhere.
     */
    public synchronized void guard(String portName, Guard guard) {
        ports.guard(portName, guard);
    }

    /** Has those who send through a link told what fits its tunnel's datagrams; {@link Fit#NONE}: no more. */
    public synchronized void fit(String link, Fit fit) {
        ports.fit(link, fit);
    }

    public synchronized void openTunnel(TunnelConfig tunnelConfig) {
        if (!hasTunnels()) {
            throw new DataplaneException(
                "tunnel " + tunnelConfig.name() + ": this dataplane listens on no UDP port");
        }
        tunnels.open(tunnelConfig);
    }

    /** Closes a tunnel that has no links left. */
    public synchronized void closeTunnel(String name) {
        tunnels.close(name);
    }

    /**
     * Gives a sealed tunnel the keys of a new session. It goes on receiving with those that it has, and sends with the
     * new ones at once, or as soon as the peer does: nothing that is under way is lost. Keys out of use are
     * overwritten.
     */
    public synchronized void installKeys(String tunnel, TunnelKeys keys) {
        tunnels.installKeys(tunnel, keys);
    }

    /** Protects what is sent through a tunnel from now on; {@link Fec#NONE}: no more. Nothing under way is lost. */
    public synchronized void protect(String tunnel, Fec fec) {
        tunnels.protect(tunnel, fec);
    }

    /** What a sealed tunnel does with the keys that it has been given. */
    public synchronized KeyUse keyUse(String tunnel) {
        return tunnels.keyUse(tunnel);
    }

    /** The index near a random one that {@link TunnelKeys#localIndex()} of the tunnel's keys may be. */
    public synchronized int sessionIndex(String tunnel, int random) {
        return tunnels.sessionIndex(tunnel, random);
    }

    /**
     * Has a sealed tunnel send everything to another address of its peer's, once that has answered there; at once, if
     * the tunnel is not up. Nothing is lost, and the peer follows. An address that does not answer in 5 s is forgotten.
     */
    public synchronized void redirect(String tunnel, InetSocketAddress remote) {
        tunnels.redirect(tunnel, remote);
    }

    /**
     * Asks a tunnel's peer for an answer, and waits for it.
     *
     * @param bytes of the IP packet that asks; 0: the shortest. One that is longer than the path carries is lost
     * @return the round trip; null: no answer came in time, or nothing can be sent, as the tunnel has no keys, or it is
     *         not known where the peer is
     */
    public Duration ping(String tunnel, int bytes, Duration timeout) {
        return tunnels.ping(tunnel, bytes, timeout);
    }

    /**
     * Sends a datagram of a handshake, as it is; where {@code to} is null, to the tunnel's peer, if it is known where
     * that is.
     */
    public synchronized void sendHandshake(String tunnel, InetSocketAddress to, byte[] datagram) {
        tunnels.sendHandshake(tunnel, to, datagram);
    }

    /**
     * The next handshake that came for a sealed tunnel; null if none comes in time, or the thread is interrupted. Only
     * its header has been checked. One thread asks; while nobody does, at most 64 are kept.
     */
    public Handshake pollHandshake(Duration timeout) {
        return tunnels.pollHandshake(timeout);
    }

    public synchronized List<PortStatus> ports() {
        return ports.all().stream().map(PluggedPort::status).toList();
    }

    public synchronized List<TunnelStatus> tunnels() {
        return tunnels.statuses(tunnel -> (int) ports.all().stream()
            .filter(plugged -> plugged.views().getFirst() instanceof LinkPort link && link.isOf(tunnel)).count());
    }

    /** What the switches have learned; one switch when {@code bridge} is not null. */
    public synchronized List<MacStatus> macs(String bridge) {
        if (bridge != null) {
            require(bridges, bridge, "bridge");
        }
        return ofSwitches((name, learning, names) -> bridge == null || bridge.equals(name)
            ? MacStatus.of(name, learning.table(), names) : List.of());
    }

    /**
     * Enters stations that another switch has learned, as {@link #macs} tells them, where the switch knows nothing of
     * them: behind ports that it has, that their guards let send and hold as many, in places that are free. The next
     * frame of a station says more. Throws {@link IllegalArgumentException} when one has no station's address.
     *
     * @return how many have been entered
     */
    public synchronized int learn(List<MacStatus> stations) {
        return ports.learn(stations);
    }

    /** Who has joined groups at the switches that snoop, and who asks for it. */
    public synchronized List<GroupStatus> groups() {
        return ofSwitches((name, learning, names) -> learning.groups() == null
            ? List.of() : GroupStatus.of(name, learning.groups(), names));
    }

    @FunctionalInterface
    private interface Lister<T> {
        List<T> list(String name, Switch learning, Map<Integer, String> portNames);
    }

    private <T> List<T> ofSwitches(Lister<T> lister) {
        List<T> all = new ArrayList<>();
        bridges.forEach((name, plugged) -> {
            if (plugged.views().getFirst() instanceof Switch learning) {
                all.addAll(lister.list(name, learning, ports.names(plugged)));
            }
        });
        return all;
    }

    /** Frames dropped at a port, by reason, as {@link #ports()} has it. */
    public synchronized Map<String, Long> drops(String port) {
        return ports.require(port).counters().dropsByLabel();
    }

    /** Datagrams that belong to no tunnel, by reason. */
    public Map<String, Long> drops() {
        PortCounters sum = new PortCounters();
        workers.stream().map(WorkerThread::socket).filter(Objects::nonNull).map(TunnelSocket::drops)
            .forEach(sum::addDrops);
        return sum.dropsByLabel();
    }

    /**
     * Traces frames that come in by the ports there are now, until the trace has as many as wanted or is closed. There
     * is one at a time: another is refused until the first is closed.
     *
     * @param ingress names of the ports
     * @param every   one frame in so many, at each worker, the first of them first; 1 or more
     * @param count   frames wanted, 1 to {@value #TRACE_MAX}
     */
    public synchronized FrameTrace trace(Predicate<String> ingress, int every, int count) {
        return traces.begin(ports.indices(ingress), every, count);
    }

    /** Closes every port and tunnel in reverse order of opening, and ends the workers. Idempotent. */
    @Override
    public synchronized void close() {
        running = false;
        workers.forEach(WorkerThread::stop);
        workers.forEach(WorkerThread::join);
        tunnels.close();
    }

    /** Whether the workers are to go on. */
    boolean isRunning() {
        return running;
    }

    void command(int worker, String what, Consumer<Worker> body) {
        WorkerThread thread = workers.get(worker);
        command(thread, what, () -> body.accept(thread.worker()));
    }

    void command(WorkerThread thread, String what, Runnable body) {
        if (!running) {
            throw new DataplaneException("dataplane " + config.name() + ": the workers have ended");
        }
        guarded(() -> {
            thread.proxy().run(what, body);
            return null;
        });
    }

    static <T> T guarded(Supplier<T> body) {
        try {
            return body.get();
        } catch (KernelException | IllegalStateException e) {
            throw new DataplaneException(e.getMessage(), e);
        }
    }

    static <T> T require(Map<String, T> all, String name, String kind) {
        T found = all.get(name);
        if (found == null) {
            throw new DataplaneException(kind + " " + name + ": no such " + kind);
        }
        return found;
    }

    static void requireFree(Map<String, ?> all, String name, String kind) {
        if (all.containsKey(name)) {
            throw new DataplaneException(kind + " " + name + ": the name is taken");
        }
    }
}
