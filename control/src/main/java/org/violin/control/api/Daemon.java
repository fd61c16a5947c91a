package org.violin.control.api;

import java.time.Clock;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.guest.GuestStatus;
import org.violin.control.guest.Guests;
import org.violin.control.host.Engine;
import org.violin.control.host.Events;
import org.violin.control.host.LiveDriver;
import org.violin.control.host.PortDesk;
import org.violin.control.host.Remote;
import org.violin.control.host.StateDirectory;
import org.violin.control.host.TunnelWatch;
import org.violin.control.host.Watch;
import org.violin.control.jetway.JetwayException;
import org.violin.control.jetway.Jetways;
import org.violin.control.os.Command.CommandException;
import org.violin.dataplane.Dataplane;

/**
 * One host's daemon, put together: dataplane, guests, engine and API.
 *
 * <p>It ends without its guests unless told otherwise: a guest is a process of its own that the next daemon takes over,
 * so that a daemon can be restarted or replaced by a newer one while its guests keep their memory and their
 * connections. What it holds in the dataplane (TAPs, ports, tunnels) ends with it and is made again from the journal.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final int EVENTS_KEPT = 1024;
    private static final int EVENTS_QUEUED = 2 * EVENTS_KEPT;

    private final Deque<AutoCloseable> owned = new ArrayDeque<>();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final AtomicInteger exit = new AtomicInteger();
    private Engine engine;

    private Daemon() {
    }

    /**
     * Starts a daemon and restores what its journal says; it answers when this returns.
     *
     * @param state owned by the daemon from here on, also when this throws
     */
    public static Daemon start(StateDirectory state, DaemonConfig config) {
        Daemon daemon = new Daemon();
        try {
            daemon.open(state, config);
            return daemon;
        } catch (RuntimeException e) {
            daemon.close();
            throw e;
        }
    }

    private void open(StateDirectory state, DaemonConfig config) {
        owned.push(state);
        LOG.info("daemon {} {} starts on {}", config.name(), config.version(), state.path());
        Events events = own(new Events(Clock.systemUTC(), EVENTS_KEPT, EVENTS_QUEUED));
        Dataplane dataplane = own(Dataplane.launch(config.dataplane()));
        LOG.info("frames are read by {}, workers: {}, priority: {}", dataplane.engine().label(),
            config.dataplane().workers(), config.dataplane().priority().label());
        LOG.info("tunnels: {}", config.security());
        LiveDriver driver = own(driver(config, dataplane, state, events));
        engine = own(new Engine(driver, state.journal(), events));
        engine.restore();
        own(Watch.start(new TunnelWatch(driver::tunnels, events)::look, dataplane::lookAtInterfaces));
        String listen = config.listen() == null ? null : Remote.format(config.listen());
        HostDto host = new HostDto(config.name(), config.version(), ProcessHandle.current().pid(), listen,
            state.path().toString(), dataplane.engine().label(), config.dataplane().workers(),
            config.dataplane().priority().label());
        PortDesk desk = config.requests() == null ? null : own(PortDesk.open(config.requests(), engine));
        own(ApiServer.start(state.socket(), host, engine,
            network -> desk == null ? List.of() : desk.counts(network).stream().map(RequestDto::of).toList(),
            this::stop));
        dataplane.terminated().whenComplete((nothing, defect) -> {
            if (defect != null) {
                LOG.error("the dataplane's worker has died: the daemon ends", defect);
                exit.set(1);
                stopped.countDown();
            }
        });
        events.publish(null, "daemon-started", config.name(), "version " + config.version());
    }

    private static LiveDriver driver(DaemonConfig config, Dataplane dataplane, StateDirectory state, Events events) {
        Jetways jetways = new Jetways(state.path());
        // What a daemon that was killed left: the journal may want it no more, or otherwise.
        try {
            jetways.closeAll();
        } catch (CommandException | JetwayException e) {
            LOG.warn("what is left of jetways cannot be removed: {}", e.getMessage());
        }
        GuestPlatform platform;
        try {
            platform = GuestPlatform.find();
        } catch (GuestException e) {
            LOG.warn("no guests can run here: {}", e.getMessage());
            return LiveDriver.withoutGuests(config.name(), dataplane, config.security(), config.listen(),
                jetways, e.getMessage() + "; then start this daemon again");
        }
        return LiveDriver.of(config.name(), dataplane, config.security(), config.listen(), jetways,
            new Guests(state.guests(), platform, status -> tell(events, status)));
    }

    private static void tell(Events events, GuestStatus status) {
        String state = status.state().name().toLowerCase(Locale.ROOT);
        String kind = status.state() == GuestStatus.State.DEAD ? "guest-died" : "guest-" + state;
        events.publish(status.network(), kind, status.name(), status.detail());
    }

    private <T extends AutoCloseable> T own(T thing) {
        owned.push(thing);
        return thing;
    }

    /** Asks the daemon to end; {@link #awaitStop} returns then. */
    private void stop(boolean withGuests) {
        try {
            if (withGuests) {
                engine.stopGuests();
            }
        } finally {
            stopped.countDown();
        }
    }

    /**
     * Waits until the daemon was asked to end, or cannot go on.
     *
     * @return the exit status that the process shall have
     */
    public int awaitStop() throws InterruptedException {
        stopped.await();
        return exit.get();
    }

    /** Ends the daemon in the reverse order of its start. The guests keep running. Idempotent. */
    @Override
    public synchronized void close() {
        while (!owned.isEmpty()) {
            try {
                owned.pop().close();
            } catch (Exception e) {
                LOG.warn("closing", e);
            }
        }
        stopped.countDown();
    }
}
