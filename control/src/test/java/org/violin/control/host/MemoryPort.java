package org.violin.control.host;

import java.util.List;
import java.util.Map;
import org.violin.dataplane.GroupStatus;
import org.violin.dataplane.Latency;
import org.violin.dataplane.MacStatus;
import org.violin.dataplane.PortStatus;

/** A port in memory, which two frames have left by, and one station and one member of a group are behind. */
record MemoryPort(String kind, String bridge, String detail, Object socket) {
    /** Of two frames. */
    private static final Latency RESIDENCE = new Latency(
        List.of(new Latency.Bucket(10_240, 10_495, 1), new Latency.Bucket(20_480, 20_991, 1)), 20_500);

    MemoryPort on(String other) {
        return new MemoryPort(kind, other, detail, socket);
    }

    PortStatus status(String name) {
        return new PortStatus(
            name, kind, bridge, detail, true, 1, 60, 2, 120, RESIDENCE, Map.of("no-peer", 3L));
    }

    MacStatus mac(String name) {
        return new MacStatus(bridge, "02:00:00:00:00:01", name, 1);
    }

    GroupStatus group(String name) {
        return new GroupStatus(bridge, "239.1.2.3", kind.equals("link") ? null : name, "member", "igmp-v3", 1);
    }
}
