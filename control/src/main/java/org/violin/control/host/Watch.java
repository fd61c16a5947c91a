package org.violin.control.host;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks after things once a second, on a thread of its own. A look that fails is logged, and tried again. */
public final class Watch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final ScheduledExecutorService clock =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("watch").daemon().factory());

    private Watch() {
    }

    public static Watch start(Runnable... looks) {
        Watch watch = new Watch();
        for (Runnable look : looks) {
            watch.clock.scheduleWithFixedDelay(() -> lookSafely(look), 0, 1, TimeUnit.SECONDS);
        }
        return watch;
    }

    private static void lookSafely(Runnable look) {
        try {
            look.run();
        } catch (RuntimeException e) {
            LOG.warn("watch", e);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
