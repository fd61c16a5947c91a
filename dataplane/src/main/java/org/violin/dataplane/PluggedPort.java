package org.violin.dataplane;

import java.util.List;
import java.util.stream.Collectors;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.port.Port;

/**
 * A port as control sees it. Any thread.
 *
 * @param views      one for each worker
 * @param receiver   the one worker that receives; {@link #ANY}: the kernel spreads flows over all, or a tunnel does
 * @param impairment of what leaves by it
 * @param guard      of what comes in by it; null: what such a port has on such a bridge
 */
record PluggedPort(
    int index, List<Port> views, int receiver, PluggedBridge bridge, Impairment impairment, Guard guard) {

    static final int ANY = -1;

    PluggedPort with(Impairment now) {
        return new PluggedPort(index, views, receiver, bridge, now, guard);
    }

    PluggedPort with(Guard now) {
        return new PluggedPort(index, views, receiver, bridge, impairment, now);
    }

    PluggedPort on(PluggedBridge other) {
        return new PluggedPort(index, views, receiver, other, impairment, guard);
    }

    /** Has its bridge forget what it has learned there, when no worker has it there any more. */
    void forget() {
        bridge.views().getFirst().forgetPort(index);
    }

    String name() {
        return views.getFirst().name();
    }

    PortCounters counters() {
        return PortCounters.sum(views.stream().map(Port::counters).toList());
    }

    PortStatus status() {
        PortCounters counters = counters();
        return new PortStatus(name(), views.getFirst().kind(), bridge.name(), detail(),
            views.stream().anyMatch(Port::isUp), counters.get(PortCounter.RX_FRAMES),
            counters.get(PortCounter.RX_BYTES), counters.get(PortCounter.TX_FRAMES),
            counters.get(PortCounter.TX_BYTES), Latency.of(views.stream().map(Port::residence).toList()),
            counters.dropsByLabel());
    }

    /** More than one where the views differ: the kernel may have refused one socket what others did not ask for. */
    private String detail() {
        return views.stream().map(Port::detail).distinct().collect(Collectors.joining(", "));
    }
}
