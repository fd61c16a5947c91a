package org.violin.dataplane;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jctools.queues.varhandle.MpscVarHandleArrayQueue;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.port.TapPort;
import org.violin.dataplane.port.UnixPort;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.sys.KernelException;
import org.violin.dataplane.sys.OffHeap;
import org.violin.dataplane.sys.Poller;
import org.violin.dataplane.sys.UringPoller;
import org.violin.dataplane.tunnel.LinkPort;
import org.violin.dataplane.tunnel.Tunnel;
import org.violin.dataplane.tunnel.TunnelSocket;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.TunnelCodec;
import org.violin.dataplane.worker.Worker;
import org.violin.dataplane.worker.WorkerProxy;

/**
 * The packet engine's public face. Every method may be called from any thread; each is carried to the worker by its
 * command queue and returns when the worker has done it. A bridge is a learning switch or a two-port patch; every port
 * is attached to exactly one bridge from open to close.
 *
 * <p>Devices are opened on the caller's thread, so that the kernel's locks do not hold up frames; the worker only takes
 * them over.
 *
 * <p>Errors: {@link DataplaneException} when a name is taken or unknown, when the kernel refuses, or when the worker
 * does not answer in time. A call that throws has changed nothing.
 */
public final class Dataplane implements AutoCloseable {
    private static final long MAX_WAIT_NS = 1_000_000_000;
    /** Where the route to a peer is not known yet, Ethernet's MTU is assumed. */
    private static final int DEFAULT_PATH_MTU = 1500;

    private record PluggedPort(Port port, String bridge) {
    }

    private final DataplaneConfig config;
    private final OffHeap memory;
    private final FramePool pool;
    private final IoEngine engine;
    private final TunnelSocket socket;
    private final Worker worker;
    private final WorkerProxy proxy;
    private final Thread thread;
    private final CompletableFuture<Void> terminated = new CompletableFuture<>();
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Bridge> bridges = new LinkedHashMap<>();
    private final Map<String, PluggedPort> ports = new LinkedHashMap<>();
    private final Map<String, Tunnel> tunnels = new LinkedHashMap<>();
    private volatile boolean running = true;

    private Dataplane(DataplaneConfig config) {
        this.config = config;
        int udp = config.listen() == null ? -1 : Devices.openUdp(config.listen());
        memory = OffHeap.map(FramePool.storageBytes(config.frameSlots(), FramePool.SLOT_BYTES));
        pool = new FramePool(memory.buffer(), config.frameSlots(), FramePool.SLOT_BYTES);
        socket = udp < 0 ? null : new TunnelSocket(udp);
        engine = config.engine() == IoEngine.IO_URING ? IoEngine.IO_URING : IoEngine.EPOLL;
        Poller poller = openPoller(udp);
        MpscVarHandleArrayQueue<Runnable> commands = new MpscVarHandleArrayQueue<>(WorkerProxy.QUEUE_CAPACITY);
        worker = new Worker(poller, pool, socket, System::nanoTime, commands);
        proxy = new WorkerProxy(commands, poller);
        thread = new Thread(this::work, "worker-" + config.name());
        thread.start();
    }

    /**
     * Loads and links what the first {@link #launch} needs, which takes a good part of a program's start: worth a
     * thread of its own while the program reads its arguments. Any thread; more than once is once.
     */
    public static void prepare() {
        OffHeap.map(1).close();
        new SecureRandom().nextInt();
    }

    /** Binds the UDP socket, if any, and starts the worker. */
    public static Dataplane launch(DataplaneConfig config) {
        try {
            return new Dataplane(config);
        } catch (KernelException e) {
            throw new DataplaneException(e.getMessage(), e);
        }
    }

    private Poller openPoller(int udp) {
        try {
            return engine == IoEngine.IO_URING ? new UringPoller(pool) : new EpollPoller();
        } catch (KernelException e) {
            memory.close();
            if (udp >= 0) {
                Devices.close(udp);
            }
            throw e;
        }
    }

    private void work() {
        try {
            while (running) {
                worker.doWork(MAX_WAIT_NS);
            }
            worker.onClose();
            memory.close();
            terminated.complete(null);
        } catch (Throwable e) {
            running = false;
            terminated.completeExceptionally(e);
        }
    }

    /** Completes when the worker has ended; exceptionally, if a defect ended it. */
    public CompletableFuture<Void> terminated() {
        return terminated.copy();
    }

    /** How frames are read: what {@link IoEngine#AUTO} has come to. */
    public IoEngine engine() {
        return engine;
    }

    /** The UDP port that peers send to; -1 without tunnels. */
    public int localPort() {
        return socket == null ? -1 : socket.localPort();
    }

    public synchronized void addSwitch(SwitchConfig switchConfig) {
        MacTable table = new MacTable(
            switchConfig.macCapacity(), switchConfig.ageingSeconds(), random.nextLong(), System.nanoTime());
        addBridge(switchConfig.name(), new Switch(table));
    }

    /** A patch joins two ports like a cable: what comes in at one leaves at the other, whatever it is. */
    public synchronized void addPatch(String name) {
        addBridge(name, new Patch());
    }

    private void addBridge(String name, Bridge bridge) {
        requireFree(bridges, name, "bridge");
        command("bridge " + name, () -> worker.onAddBridge(bridge));
        bridges.put(name, bridge);
    }

    /** Removes a switch or patch that has no ports left. */
    public synchronized void removeBridge(String name) {
        Bridge bridge = require(bridges, name, "bridge");
        List<String> plugged = ports.values().stream()
            .filter(port -> port.bridge().equals(name)).map(port -> port.port().name()).toList();
        if (!plugged.isEmpty()) {
            throw new DataplaneException("bridge " + name + ": has ports: " + String.join(", ", plugged));
        }
        command("bridge " + name, () -> worker.onRemoveBridge(bridge));
        bridges.remove(name);
    }

    public synchronized void openTap(TapConfig tap, String bridge) {
        plug(tap.name(), bridge, () -> new TapPort(tap.name(), tap.device(), tap.mtu()));
    }

    public synchronized void openUnix(UnixPortConfig unix, String bridge) {
        plug(unix.name(), bridge, () -> new UnixPort(unix.name(), unix.socket()));
    }

    public synchronized void openLink(LinkConfig link, String bridge) {
        Tunnel tunnel = require(tunnels, link.tunnel(), "tunnel");
        plug(link.name(), bridge, () -> new LinkPort(link.name(), socket, tunnel, link.linkId()));
    }

    private void plug(String name, String bridgeName, Supplier<Port> opener) {
        requireFree(ports, name, "port");
        Bridge bridge = require(bridges, bridgeName, "bridge");
        Port port = guarded(opener);
        try {
            command("port " + name, () -> worker.onAttachPort(port, bridge));
        } catch (DataplaneException e) {
            port.close();
            throw e;
        }
        ports.put(name, new PluggedPort(port, bridgeName));
    }

    /** Closes a port of any kind; a TAP's device and a unix port's socket file go with it. */
    public synchronized void closePort(String name) {
        Port port = require(ports, name, "port").port();
        command("port " + name, () -> worker.onClosePort(port));
        ports.remove(name);
    }

    public synchronized void openTunnel(TunnelConfig tunnelConfig) {
        String name = tunnelConfig.name();
        requireFree(tunnels, name, "tunnel");
        if (socket == null) {
            throw new DataplaneException("tunnel " + name + ": this dataplane listens on no UDP port");
        }
        Endpoint remote = Endpoint.of(tunnelConfig.remote());
        int receiveLimit = Math.min(pool.slotBytes(), TunnelCodec.MAX_FRAME_BYTES);
        Tunnel tunnel = new Tunnel(
            name, remote, pathMtu(tunnelConfig, remote), receiveLimit, random::nextInt, System.nanoTime());
        command("tunnel " + name, () -> socket.onOpen(pool, tunnel, System.nanoTime()));
        tunnels.put(name, tunnel);
    }

    private static int pathMtu(TunnelConfig tunnelConfig, Endpoint remote) {
        if (tunnelConfig.pathMtu() != 0) {
            return tunnelConfig.pathMtu();
        }
        try {
            return Math.max(Devices.pathMtu(remote), TunnelConfig.MIN_PATH_MTU);
        } catch (KernelException e) {
            return DEFAULT_PATH_MTU;
        }
    }

    /** Closes a tunnel that has no links left. */
    public synchronized void closeTunnel(String name) {
        Tunnel tunnel = require(tunnels, name, "tunnel");
        command("tunnel " + name, () -> socket.onClose(pool, tunnel));
        tunnels.remove(name);
    }

    public synchronized List<PortStatus> ports() {
        List<PortStatus> all = new ArrayList<>();
        for (PluggedPort plugged : ports.values()) {
            Port port = plugged.port();
            PortCounters counters = port.counters();
            all.add(new PortStatus(port.name(), port.kind(), plugged.bridge(), port.detail(), port.isUp(),
                counters.get(PortCounter.RX_FRAMES), counters.get(PortCounter.RX_BYTES),
                counters.get(PortCounter.TX_FRAMES), counters.get(PortCounter.TX_BYTES), counters.dropsByLabel()));
        }
        return all;
    }

    public synchronized List<TunnelStatus> tunnels() {
        List<TunnelStatus> all = new ArrayList<>();
        for (Tunnel tunnel : tunnels.values()) {
            PortCounters counters = tunnel.counters();
            Map<String, Long> drops = new LinkedHashMap<>(counters.dropsByLabel());
            tunnel.reassemblyDrops().toMap().forEach((label, count) -> drops.merge(label, count, Long::sum));
            int links = (int) ports.values().stream()
                .filter(plugged -> plugged.port() instanceof LinkPort link && link.isOf(tunnel)).count();
            all.add(new TunnelStatus(tunnel.name(), tunnel.remote().toString(), tunnel.status().label(),
                tunnel.pathMtu(), tunnel.rttNs() < 0 ? -1 : tunnel.rttNs() / 1000, links,
                counters.get(PortCounter.RX_FRAMES), counters.get(PortCounter.RX_BYTES),
                counters.get(PortCounter.TX_FRAMES), counters.get(PortCounter.TX_BYTES), drops));
        }
        return all;
    }

    /** What the switches have learned; one switch when {@code bridge} is not null. */
    public synchronized List<MacStatus> macs(String bridge) {
        List<MacStatus> all = new ArrayList<>();
        if (bridge != null) {
            require(bridges, bridge, "bridge");
        }
        bridges.forEach((name, candidate) -> {
            if (candidate instanceof Switch learning && (bridge == null || bridge.equals(name))) {
                all.addAll(ask("macs of " + name, () -> snapshot(name, learning.table())));
            }
        });
        return all;
    }

    /** Worker's thread. */
    private List<MacStatus> snapshot(String bridge, MacTable table) {
        long[] stations = new long[table.size()];
        int[] ages = new int[stations.length];
        int count = table.snapshot(stations, ages);
        List<MacStatus> macs = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Port port = worker.portAt(MacTable.portOf(stations[i]));
            macs.add(new MacStatus(bridge, Ethernet.format(MacTable.macOf(stations[i])), port.name(), ages[i]));
        }
        return macs;
    }

    /** Datagrams that belong to no tunnel, by reason. */
    public Map<String, Long> drops() {
        return socket == null ? Map.of() : socket.drops().toMap();
    }

    /** Closes every port and tunnel in reverse order of opening, and ends the worker. Idempotent. */
    @Override
    public synchronized void close() {
        if (running) {
            proxy.run("close", () -> running = false);
        }
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void command(String what, Runnable body) {
        ask(what, () -> {
            body.run();
            return null;
        });
    }

    private <T> T ask(String what, Supplier<T> body) {
        if (!running) {
            throw new DataplaneException("dataplane " + config.name() + ": the worker has ended");
        }
        return guarded(() -> proxy.call(what, body));
    }

    private static <T> T guarded(Supplier<T> body) {
        try {
            return body.get();
        } catch (KernelException | IllegalStateException e) {
            throw new DataplaneException(e.getMessage(), e);
        }
    }

    private static <T> T require(Map<String, T> all, String name, String kind) {
        T found = all.get(name);
        if (found == null) {
            throw new DataplaneException(kind + " " + name + ": no such " + kind);
        }
        return found;
    }

    private static void requireFree(Map<String, ?> all, String name, String kind) {
        if (all.containsKey(name)) {
            throw new DataplaneException(kind + " " + name + ": the name is taken");
        }
    }
}
