package org.violin.dataplane;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.violin.dataplane.bridge.Bridge;
import org.violin.dataplane.bridge.MacTable;
import org.violin.dataplane.bridge.Patch;
import org.violin.dataplane.bridge.PortGuard;
import org.violin.dataplane.bridge.Switch;
import org.violin.dataplane.port.PacketPort;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.port.UnixPort;
import org.violin.dataplane.shaping.ImpairedLine;
import org.violin.dataplane.tunnel.LinkPort;
import org.violin.dataplane.worker.WorkerThread;

/** The ports of a dataplane. Under the dataplane's lock. */
final class Ports {
    private final Dataplane dataplane;
    private final List<WorkerThread> workers;
    private final Map<String, PluggedPort> ports = new LinkedHashMap<>();
    private final BitSet indices = new BitSet();

    Ports(Dataplane dataplane, List<WorkerThread> workers) {
        this.dataplane = dataplane;
        this.workers = workers;
    }

    Collection<PluggedPort> all() {
        return Collections.unmodifiableCollection(ports.values());
    }

    /** Names of the ports on a bridge. */
    List<String> on(PluggedBridge bridge) {
        return ports.values().stream().filter(port -> port.bridge().equals(bridge)).map(PluggedPort::name).toList();
    }

    /** The same by index. */
    Map<Integer, String> names(PluggedBridge bridge) {
        return ports.values().stream().filter(port -> port.bridge().equals(bridge))
            .collect(Collectors.toMap(PluggedPort::index, PluggedPort::name));
    }

    /** Indices of ports, by their names. */
    BitSet indices(Predicate<String> name) {
        BitSet chosen = new BitSet();
        ports.values().stream().filter(port -> name.test(port.name())).forEach(port -> chosen.set(port.index()));
        return chosen;
    }

    /** The worker that receives alone for the fewest ports. */
    int leastLoaded() {
        int[] load = new int[workers.size()];
        ports.values().stream().filter(port -> port.receiver() != PluggedPort.ANY)
            .forEach(port -> load[port.receiver()]++);
        return IntStream.range(0, load.length).boxed().min(Comparator.comparing(i -> load[i])).orElseThrow();
    }

    /** @param opener of one view for each worker */
    void plug(String name, PluggedBridge bridge, int receiver, Supplier<List<Port>> opener) {
        Dataplane.requireFree(ports, name, "port");
        int index = indices.nextClearBit(0);
        if (index > MacTable.MAX_PORT) {
            throw new DataplaneException("port " + name + ": no more than " + index + " ports");
        }
        PluggedPort port = new PluggedPort(index, Dataplane.guarded(opener), receiver, bridge, Impairment.NONE, null);
        PortGuard guard = standard(port).newGuard(System.nanoTime());
        for (int i = 0; i < workers.size(); i++) {
            Port view = port.views().get(i);
            Bridge bridgeView = bridge.views().get(i);
            try {
                dataplane.command(i, "port " + name, worker -> {
                    worker.onAttachPort(index, view, bridgeView);
                    worker.onGuard(view, guard);
                });
            } catch (DataplaneException e) {
                takeBack(port, i, e);
                throw e;
            }
        }
        indices.set(index);
        ports.put(name, port);
    }

    /**
     * Undoes the plugging of a port that a worker, the last that was asked, has refused. One that only did not answer
     * may still come to it: what undoes it waits behind it, and until that is done the index is nobody else's.
     */
    private void takeBack(PluggedPort port, int last, DataplaneException refusal) {
        int asked = dataplane.isRunning() ? last + 1 : last;
        port.views().subList(asked, workers.size()).forEach(Port::close);
        indices.set(port.index());
        try {
            unplug(port, asked);
            indices.clear(port.index());
        } catch (DataplaneException e) {
            refusal.addSuppressed(e);
        }
    }

    /**
     * Takes a port from the first {@code count} workers, as far as they have it, from each whatever becomes of the
     * others. Its index is free when none has it and none knows of it.
     */
    private void unplug(PluggedPort port, int count) {
        List<DataplaneException> refusals = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Port view = port.views().get(i);
            try {
                dataplane.command(i, "port " + port.name(), worker -> worker.onClosePort(view));
            } catch (DataplaneException e) {
                refusals.add(e);
            }
        }
        if (count > 0) {
            port.forget();
        }
        if (!refusals.isEmpty()) {
            throw refusals.getFirst();
        }
    }

    void close(String name) {
        PluggedPort port = require(name);
        unplug(port, workers.size());
        indices.clear(port.index());
        ports.remove(name);
    }

    /** Plugs ports into other bridges, by the ports' names. */
    void move(Map<String, PluggedBridge> bridgeOf) {
        List<PluggedPort> before = bridgeOf.keySet().stream().map(this::require)
            .filter(port -> !port.bridge().equals(bridgeOf.get(port.name()))).toList();
        List<PluggedPort> after = before.stream().map(port -> port.on(bridgeOf.get(port.name()))).toList();
        after.forEach(port -> requireRoom(port.bridge(), bridgeOf));
        for (int i = 0; i < workers.size(); i++) {
            try {
                move(i, after);
            } catch (DataplaneException e) {
                moveBack(i, before, after);
                throw e;
            }
        }
        before.forEach(PluggedPort::forget);
        for (PluggedPort port : after) {
            ports.put(port.name(), port);
            // Another bridge may want another one, and has to be told how much it may learn.
            guard(port.name(), port.guard());
        }
    }

    private void requireRoom(PluggedBridge bridge, Map<String, PluggedBridge> bridgeOf) {
        long count = ports.values().stream()
            .filter(port -> bridgeOf.getOrDefault(port.name(), port.bridge()).equals(bridge)).count();
        if (count > 2 && bridge.views().getFirst() instanceof Patch) {
            throw new DataplaneException("bridge " + bridge.name() + ": a patch joins two ports, not " + count);
        }
    }

    private void move(int worker, List<PluggedPort> to) {
        List<Port> views = to.stream().map(port -> port.views().get(worker)).toList();
        List<Bridge> bridgeViews = to.stream().map(port -> port.bridge().views().get(worker)).toList();
        dataplane.command(worker, "ports", each -> each.onMovePorts(views, bridgeViews));
    }

    /** A worker that did not answer may still come to the move. What undoes it waits behind it. */
    private void moveBack(int last, List<PluggedPort> before, List<PluggedPort> after) {
        for (int i = last; i >= 0 && dataplane.isRunning(); i--) {
            try {
                move(i, before);
            } catch (DataplaneException e) {
                // Its queue holds the move back, or it has ended and the others with it.
                continue;
            }
        }
        after.forEach(PluggedPort::forget);
    }

    void impair(String name, Impairment impairment) {
        PluggedPort port = require(name);
        ImpairedLine line = Dataplane.guarded(impairment::newLine);
        List<DataplaneException> refusals = lay(port, line, false);
        if (!refusals.isEmpty()) {
            if (dataplane.isRunning()) {
                // A worker that did not answer may still come to it. What undoes it waits behind it, at every worker.
                lay(port, Dataplane.guarded(port.impairment()::newLine), true);
            }
            if (line != null) {
                line.close();
            }
            throw refusals.getFirst();
        }
        ports.put(name, port.with(impairment));
    }

    /** Gives a port a line at worker after worker, up to the first that refuses, or all; returns the refusals. */
    private List<DataplaneException> lay(PluggedPort port, ImpairedLine line, boolean all) {
        List<DataplaneException> refusals = new ArrayList<>();
        // The first worker takes frames off the line, and lets go of the one before when no other offers to it.
        for (int i = workers.size() - 1; i >= 0 && (all || refusals.isEmpty()); i--) {
            Port view = port.views().get(i);
            Runnable wakeTaker = i == 0 ? null : workers.getFirst().proxy()::wakeUp;
            try {
                dataplane.command(i, "port " + port.name(), worker -> worker.onImpair(view, line, wakeTaker));
            } catch (DataplaneException e) {
                refusals.add(e);
            }
        }
        return refusals;
    }

    /** @param guard null: what the port was opened with */
    void guard(String name, Guard guard) {
        PluggedPort port = require(name);
        Guard wanted = guardOf(port.with(guard));
        PortGuard shared = wanted.newGuard(System.nanoTime());
        for (int i = 0; i < workers.size(); i++) {
            Port view = port.views().get(i);
            dataplane.command(i, "port " + name, worker -> worker.onGuard(view, shared));
        }
        port.bridge().views().getFirst().limitPort(port.index(), wanted.maxMacs());
        ports.put(name, port.with(guard));
    }

    private static Guard guardOf(PluggedPort port) {
        return port.guard() == null ? standard(port) : port.guard();
    }

    private static Guard standard(PluggedPort port) {
        boolean isGuests = port.views().stream().anyMatch(UnixPort.class::isInstance);
        return isGuests && port.bridge().views().getFirst() instanceof Switch ? Guard.STATION : Guard.NONE;
    }

    /** See {@link Dataplane#learn}. */
    int learn(List<MacStatus> stations) {
        record Entry(MacTable table, long mac, int port, int ageSeconds) {
        }
        List<Entry> entries = new ArrayList<>();
        for (MacStatus station : stations) {
            long mac = Guard.mac(station.mac());
            PluggedPort port = ports.get(station.port());
            if (port != null && port.bridge().name().equals(station.bridge())
                && port.bridge().views().getFirst() instanceof Switch lan && guardOf(port).admits(mac)) {
                entries.add(new Entry(lan.table(), mac, port.index(), station.ageSeconds()));
            }
        }
        int[] entered = new int[1];
        dataplane.command(0, "stations", worker -> entries.forEach(entry ->
            entered[0] += entry.table.enter(entry.mac, entry.port, entry.ageSeconds) ? 1 : 0));
        return entered[0];
    }

    void fit(String link, Fit fit) {
        PluggedPort port = require(link);
        for (int i = 0; i < workers.size(); i++) {
            if (!(port.views().get(i) instanceof LinkPort view)) {
                throw new DataplaneException("port " + link + ": no link");
            }
            dataplane.command(i, "port " + link, worker -> view.fit(fit.mssClamp(), fit.honorsDf()));
        }
    }

    /** See {@link Dataplane#lookAtInterfaces}. */
    void lookAtInterfaces() {
        ports.values().stream().filter(port -> port.views().getFirst() instanceof PacketPort).forEach(this::look);
    }

    private void look(PluggedPort port) {
        String what = "port " + port.name();
        PacketPort receiver = (PacketPort) port.views().get(port.receiver());
        dataplane.command(port.receiver(), what, worker -> receiver.onLook());
        int[] sockets = Dataplane.guarded(() -> receiver.look(workers.size()));
        for (int i = 0; i < sockets.length; i++) {
            PacketPort view = (PacketPort) port.views().get(i);
            int fd = sockets[i];
            dataplane.command(i, what, worker -> view.onReopen(fd));
        }
    }

    PluggedPort require(String name) {
        return Dataplane.require(ports, name, "port");
    }
}
