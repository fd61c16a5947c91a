package org.violin.control.host;

import java.io.InputStream;
import java.io.OutputStream;
import org.violin.control.guest.GuestDisks;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.GuestSpec;

/**
 * A guest's way from one daemon to another; docs/migration.md has the whole of it, and why it is in one place at any
 * moment. Here it leaves: from {@link #leave} on it is stopped, or, one of QEMU's, runs until all of it has been sent,
 * and cannot be started, also by the next daemon, until
 * {@link #stay}, or until a specification has it no more, which deletes its disk. Elsewhere it arrives:
 * {@link #receive} puts its disk beside the guests', where nobody takes it for one, and {@link Engine#apply} with an
 * {@link Arrival} makes it a guest. Thread-safe; disks are sent and received while others change the engine.
 */
public final class GuestMoves {
    private final Engine engine;
    private final HostDriver driver;
    private final Journal journal;

    GuestMoves(Engine engine, HostDriver driver, Journal journal) {
        this.engine = engine;
        this.driver = driver;
        this.journal = journal;
    }

    /** What guests run on here. */
    public GuestDisks.Platform platform() {
        return driver.disks().platform();
    }

    /** How much of a guest's disk there is to send; throws if it cannot go to another host. */
    public GuestDisks.Amount amount(String network, String guest) {
        engine.network(network).guest(guest);
        return driver.disks().amount(network, guest);
    }

    /**
     * Stops a guest that is about to go to another host, unless it can go while it runs; such a one is held as one that
     * is off, for nothing is to be done to it. Nothing to do when it is about to already.
     */
    public Node leave(String networkName, String guest, String to) {
        return engine.change(() -> {
            Network before = engine.network(networkName);
            GuestSpec spec = before.guest(guest);
            if (!to.equals(before.leaving().get(guest))) {
                before.requireStaying(guest);
                note(before.withLeaving(guest, to));
            }
            try {
                if (!engine.network(networkName).goesLive(spec)) {
                    driver.stopGuest(networkName, guest);
                }
            } catch (RuntimeException e) {
                note(before);
                throw e;
            }
            engine.put(engine.network(networkName).withGuest(spec, false));
            return engine.node(engine.network(networkName), spec);
        });
    }

    /** A guest that was about to go stays, and runs unless the operator had stopped it. Nothing to do for others. */
    public Node stay(String networkName, String guest) {
        return engine.change(() -> {
            Network before = engine.network(networkName);
            GuestSpec spec = before.guest(guest);
            if (!before.leaving().containsKey(guest)) {
                return engine.node(before, spec);
            }
            note(before.withLeaving(guest, null));
            return before.stopped().contains(guest) ? engine.node(engine.network(networkName), spec)
                : engine.startGuest(networkName, guest);
        });
    }

    private void note(Network network) {
        journal.want(network.spec(), network.leaving());
        engine.put(network);
    }

    /** Writes the disk of a guest that is leaving. */
    public void send(String network, String guest, OutputStream out) {
        Network now = engine.network(network);
        now.guest(guest);
        if (!now.leaving().containsKey(guest)) {
            throw new HostException(Kind.CONFLICT, "guest " + guest + " is not leaving this host");
        }
        driver.disks().send(network, guest, out);
    }

    /** Takes the disk of a guest that is not here, and keeps it until it is here, or discarded. */
    public GuestDisks.Amount receive(String network, String guest, InputStream in) {
        requireAbsent(network, guest);
        return driver.disks().receive(network, guest, in);
    }

    /** Deletes what has come of a guest that is not here. Once this returns, nothing makes it one that is. */
    public void discard(String network, String guest) {
        engine.change(() -> {
            requireAbsent(network, guest);
            if (engine.networks().contains(network)) {
                // The way back of a change that had it may not have been journalled.
                note(engine.network(network));
            }
            driver.forgetGuest(network, guest);
            return null;
        });
    }

    private void requireAbsent(String network, String guest) {
        if (engine.networks().contains(network) && engine.network(network).has(guest)) {
            throw new HostException(Kind.CONFLICT, "guest " + guest + " is on this host already");
        }
    }
}
