package org.violin.control.host;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.violin.dataplane.TunnelStatus;

/** Tells as events that a tunnel has come up or was lost since the last look. Of one thread. */
public final class TunnelWatch {
    private final Supplier<List<TunnelStatus>> tunnels;
    private final Events events;
    private Map<String, String> states = Map.of();

    public TunnelWatch(Supplier<List<TunnelStatus>> tunnels, Events events) {
        this.tunnels = tunnels;
        this.events = events;
    }

    public void look() {
        Map<String, String> now = new HashMap<>();
        for (TunnelStatus tunnel : tunnels.get()) {
            now.put(tunnel.name(), tunnel.state());
            String before = states.getOrDefault(tunnel.name(), "connecting");
            if (!tunnel.state().equals(before)) {
                events.publish(null, "tunnel-" + tunnel.state(), tunnel.name(), "");
            }
        }
        states = now;
    }
}
