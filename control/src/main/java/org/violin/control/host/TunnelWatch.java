package org.violin.control.host;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.dataplane.TunnelStatus;

/** Tells as events that a tunnel has come up or was lost. Looks once a second, on a thread of its own. */
public final class TunnelWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TunnelWatch.class);

    private final Supplier<List<TunnelStatus>> tunnels;
    private final Events events;
    private final ScheduledExecutorService clock;
    private Map<String, String> states = Map.of();

    private TunnelWatch(Supplier<List<TunnelStatus>> tunnels, Events events, ScheduledExecutorService clock) {
        this.tunnels = tunnels;
        this.events = events;
        this.clock = clock;
    }

    public static TunnelWatch start(Supplier<List<TunnelStatus>> tunnels, Events events) {
        ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("tunnel-watch").daemon().factory());
        TunnelWatch watch = new TunnelWatch(tunnels, events, clock);
        clock.scheduleWithFixedDelay(watch::lookSafely, 0, 1, TimeUnit.SECONDS);
        return watch;
    }

    /** For a test that has its own clock: looks only when told. */
    static TunnelWatch manual(Supplier<List<TunnelStatus>> tunnels, Events events) {
        return new TunnelWatch(tunnels, events, null);
    }

    void look() {
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

    private void lookSafely() {
        try {
            look();
        } catch (RuntimeException e) {
            LOG.warn("tunnel watch", e);
        }
    }

    @Override
    public void close() {
        if (clock != null) {
            clock.shutdownNow();
        }
    }
}
