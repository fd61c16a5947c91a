package org.violin.dataplane.counters;

import java.util.Map;

/** The counters of one port: traffic both ways, and drops by reason. One writer, any reader. */
public final class PortCounters {
    private final Counters<PortCounter> traffic = new Counters<>(PortCounter.class);
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);

    /** Writer only: a batch came in. */
    public void received(long frames, long bytes) {
        traffic.add(PortCounter.RX_FRAMES, frames);
        traffic.add(PortCounter.RX_BYTES, bytes);
    }

    /** Writer only: a batch went out. */
    public void sent(long frames, long bytes) {
        traffic.add(PortCounter.TX_FRAMES, frames);
        traffic.add(PortCounter.TX_BYTES, bytes);
    }

    /** Writer only. */
    public void recovered(long datagrams) {
        traffic.add(PortCounter.RX_RECOVERED, datagrams);
    }

    /** Writer only. */
    public void dropped(DropReason reason, long frames) {
        drops.add(reason, frames);
    }

    /** What many writers' counters of one thing come to; a copy. */
    public static PortCounters sum(Iterable<PortCounters> parts) {
        PortCounters sum = new PortCounters();
        for (PortCounters part : parts) {
            sum.traffic.addAll(part.traffic);
            sum.drops.addAll(part.drops);
        }
        return sum;
    }

    /** Writer only. */
    public void addDrops(Counters<DropReason> others) {
        drops.addAll(others);
    }

    public long get(PortCounter counter) {
        return traffic.get(counter);
    }

    public long drops(DropReason reason) {
        return drops.get(reason);
    }

    /** Drops by label; reasons with no drop are left out. */
    public Map<String, Long> dropsByLabel() {
        return drops.toMap();
    }
}
