package org.violin.control.host;

import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.guest.ExecOutput;
import org.violin.control.guest.GuestStatus;
import org.violin.control.host.Execution.Failure;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;

/**
 * What one daemon holds, and how it changes. A change is checked, journalled, then made step by step; a failed step
 * leads back to what was there before. The engine accounts for what is really there, so that the next change starts
 * from the truth even when the way back fails too. A daemon that starts again goes the same way from nothing, with one
 * difference: what cannot be restored is told as an event, and the rest is restored.
 *
 * <p>Thread-safe; changes wait for each other, reads do not wait for changes.
 */
public final class Engine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);

    private static final long CLOSE_SECONDS = 30;

    private final HostDriver driver;
    private final Journal journal;
    private final Events events;
    private final TunnelUsers tunnels;
    private final ReentrantLock lock = new ReentrantLock();
    private volatile Map<String, Network> networks = Map.of();
    private volatile boolean closed;

    /**
     * Takes ownership of {@code driver} and opens the journal, but restores nothing yet.
     *
     * @param journal {@code journal.ndjson}
     */
    public Engine(HostDriver driver, Path journal, Events events) {
        this.driver = driver;
        this.events = events;
        this.tunnels = new TunnelUsers(driver);
        this.journal = Journal.open(journal);
    }

    /** Makes everything that the journal says is wanted, and takes over the guests that still run. Once, first. */
    public void restore() {
        change(() -> {
            Map<String, Network> restored = new LinkedHashMap<>();
            journal.networks().forEach((name, wanted) -> {
                Network network = new Network(wanted.spec(), wanted.stopped(), wanted.leaving(), Set.of());
                Set<Piece> ports = network.wanted(wanted.spec());
                ports.removeIf(piece -> piece instanceof Piece.Guest);
                restored.put(name, network.withHeld(restore(network, ports)));
            });
            networks = Collections.unmodifiableMap(restored);
            adoptGuests();
            for (Network network : List.copyOf(networks.values())) {
                put(network.withHeld(restore(network, network.wanted(network.spec()))));
            }
            return null;
        });
    }

    private Set<Piece> restore(Network network, Set<Piece> wanted) {
        String name = network.spec().network();
        Execution execution = new Execution(new Site(driver, name, tunnels), network.held());
        for (Failure failure : execution.runAll(Plan.between(network.held(), wanted))) {
            events.publish(name, "restore-failed", name, failure.text());
        }
        return execution.held();
    }

    /**
     * Running guests become held as they run; one that no network wants is removed. So is one of a network that has it
     * no more: a daemon that was killed may have left the disk of a guest that is on another host by now.
     */
    private void adoptGuests() {
        for (GuestStatus status : driver.adoptGuests()) {
            Network network = networks.get(status.network());
            boolean known = network != null && network.has(status.name());
            if (!known && (network != null || runs(status))) {
                quietly("remove unwanted guest " + status.name(),
                    () -> driver.forgetGuest(status.network(), status.name()));
            }
            if (!known || !runs(status)) {
                continue;
            }
            driver.guestSpec(status.network(), status.name()).ifPresent(spec -> {
                Set<Piece> held = new LinkedHashSet<>(network.held());
                held.add(new Piece.Guest(spec, !network.goesLive(spec)));
                put(networks.get(status.network()).withHeld(held));
            });
            events.publish(status.network(), "guest-adopted", status.name(), "pid " + status.pid());
        }
    }

    public List<String> networks() {
        return networks.keySet().stream().sorted().toList();
    }

    /** What is wanted of a network. */
    public NetworkSpec spec(String network) {
        return network(network).spec();
    }

    public List<NetworkSpec> specs() {
        return networks.values().stream().map(Network::spec).toList();
    }

    /** What link emulation does now to what leaves by a port, by {@code <network>/<port>}; absent: nothing. */
    public Map<String, LineSpec> impairments() {
        return held(Setting.Impairment.class, (network, piece) ->
            Map.entry(network + "/" + piece.spec().port(), piece.spec().line()));
    }

    /** How tunnels are protected now, by remote; absent: not. */
    public Map<String, FecSpec> protections() {
        return held(Setting.Protection.class, (network, piece) -> Map.entry(piece.remote(), piece.fec()));
    }

    /** What tunnels are to go by now, by remote; absent: UDP. */
    public Map<String, Transport> transports() {
        return held(Setting.Carriage.class, (network, piece) -> Map.entry(piece.remote(), piece.transport()));
    }

    private <P extends Piece, V> Map<String, V> held(
            Class<P> kind, BiFunction<String, P, Map.Entry<String, V>> entry) {
        Map<String, V> held = new HashMap<>();
        networks.forEach((name, network) -> network.held().stream().filter(kind::isInstance).map(kind::cast)
            .map(piece -> entry.apply(name, piece)).forEach(each -> held.put(each.getKey(), each.getValue())));
        return held;
    }

    /** The steps that {@link #apply} would take. */
    public List<String> plan(NetworkSpec asked) {
        NetworkSpec spec = asked.withGrantsOf(specs());
        check(spec);
        Network now = networks.getOrDefault(spec.network(), Network.unknown(spec));
        return Plan.texts(
            Plan.between(living(now, spec), now.wanted(spec), now.settled()), Network.gone(now.spec(), spec));
    }

    /** As {@link #apply(NetworkSpec, Arrival)}, with no guest that comes from another host. */
    public List<String> apply(NetworkSpec spec) {
        return apply(spec, null);
    }

    /**
     * Brings the network into line with {@code spec}; the ports that guests have asked for stay theirs.
     *
     * @param arrival a guest that is new in it, and whose disk has come from another host; null: none
     * @return the steps taken
     */
    public List<String> apply(NetworkSpec spec, Arrival arrival) {
        return amend(() -> spec.withGrantsOf(specs()), arrival);
    }

    /** As {@link #apply}, to the letter, of what {@code amendment} gives when nobody else changes anything any more. */
    List<String> amend(Supplier<NetworkSpec> amendment, Arrival arrival) {
        return change(() -> {
            NetworkSpec spec = amendment.get();
            check(spec);
            String name = spec.network();
            Network now = networks.getOrDefault(name, Network.unknown(spec));
            Network then = arrival == null ? now : now.withStopped(arrival.guest(), arrival.stopped());
            Set<Piece> before = living(now, spec);
            List<Step> steps = Plan.between(before, then.wanted(spec), now.settled());
            List<String> gone = Network.gone(now.spec(), spec);
            if (networks.containsKey(name) && steps.isEmpty() && spec.equals(now.spec())) {
                return List.of();
            }
            if (arrival != null) {
                arrival.settle(driver, now, spec);
            }
            journal.want(spec, now.leaving());
            if (arrival != null && arrival.stopped()) {
                journal.guest(name, arrival.guest(), false);
            }
            Execution execution = new Execution(new Site(driver, name, tunnels), before);
            List<Failure> failures = execution.runUntilFailure(steps);
            if (!failures.isEmpty()) {
                throw rollBack(now, spec, before, execution, failures);
            }
            put(then.with(spec, execution.held()));
            forget(name, gone);
            events.publish(name, "network-applied", name, steps.size() + " steps");
            return Plan.texts(steps, gone);
        });
    }

    private HostException rollBack(
            Network now, NetworkSpec refused, Set<Piece> before, Execution execution, List<Failure> failures) {
        String name = refused.network();
        boolean known = networks.containsKey(name);
        String reason = failures.stream().map(Failure::text).collect(Collectors.joining("; "));
        List<Failure> undoing = execution.runAll(
            Plan.between(execution.held(), before, piece -> !execution.hasMade(piece)));
        Network left = now.withHeld(execution.held());
        if (known || !left.held().isEmpty()) {
            put(left);
        }
        journalRollback(now, known);
        if (undoing.isEmpty()) {
            forget(name, Network.gone(refused, now.spec()));
            events.publish(name, "network-rolled-back", name, reason);
            return new HostException(Kind.ROLLED_BACK, reason, failures.getFirst().cause());
        }
        String undo = undoing.stream().map(Failure::text).collect(Collectors.joining("; "));
        events.publish(name, "network-half-done", name, reason + "; undoing it: " + undo);
        return new HostException(Kind.HALF_DONE, reason + "; undoing it failed too: " + undo,
            failures.getFirst().cause());
    }

    private void journalRollback(Network before, boolean known) {
        quietly("journal the rollback", () -> {
            if (known) {
                journal.want(before.spec(), before.leaving());
            } else {
                journal.forget(before.spec().network());
            }
        });
    }

    /**
     * Removes the network and all that is held for it, as far as it can; what is left is told and can be tried again.
     *
     * @return the steps taken
     */
    public List<String> remove(String name) {
        return change(() -> {
            Network now = network(name);
            journal.forget(name);
            List<Step> steps = Plan.between(now.held(), Set.of());
            NetworkSpec nothing = NetworkSpec.empty(name, now.spec().host());
            List<String> gone = Network.gone(now.spec(), nothing);
            Execution execution = new Execution(new Site(driver, name, tunnels), now.held());
            List<Failure> failures = execution.runAll(steps);
            forget(name, gone.stream().filter(guest -> !holdsGuest(execution.held(), guest)).toList());
            if (!failures.isEmpty()) {
                put(now.with(nothing, execution.held()));
                throw new HostException(Kind.HALF_DONE,
                    failures.stream().map(Failure::text).collect(Collectors.joining("; ")),
                    failures.getFirst().cause());
            }
            Map<String, Network> others = new LinkedHashMap<>(networks);
            others.remove(name);
            networks = Collections.unmodifiableMap(others);
            events.publish(name, "network-removed", name, "");
            return Plan.texts(steps, gone);
        });
    }

    /** @param network null: of all networks */
    public List<Node> nodes(String network) {
        List<Network> asked = network == null ? List.copyOf(networks.values()) : List.of(network(network));
        return asked.stream().flatMap(n -> n.spec().guests().stream().map(guest -> node(n, guest))).toList();
    }

    /** Starts a guest; it runs from now on, also after a restart of the daemon. Nothing to do when it runs. */
    public Node start(String network, String guest) {
        return change(() -> startGuest(network, guest));
    }

    /** Powers a guest off; it stays off, also after a restart of the daemon. Nothing to do when it does not run. */
    public Node stop(String network, String guest) {
        return change(() -> stopGuest(network, guest, () -> driver.stopGuest(network, guest)));
    }

    /** As {@link #stop}, but the guest is not asked. */
    public Node kill(String network, String guest) {
        return change(() -> stopGuest(network, guest, () -> driver.killGuest(network, guest)));
    }

    public Node restart(String network, String guest) {
        return change(() -> {
            network(network).guest(guest);
            network(network).requireStaying(guest);
            driver.stopGuest(network, guest);
            return startGuest(network, guest);
        });
    }

    Node startGuest(String networkName, String name) {
        Network network = network(networkName);
        GuestSpec guest = network.guest(name);
        network.requireStaying(name);
        for (GuestSpec.NicSpec nic : guest.nics()) {
            if (!network.held().contains(new Piece.Nic(name, nic.name(), nic.bridge()))) {
                throw new HostException(Kind.CONFLICT, "guest " + name + ": its port " + name + "." + nic.name()
                    + " is not open: see 'violin events', then run 'violin up' again");
            }
        }
        if (network.stopped().contains(name)) {
            journal.guest(networkName, name, true);
        }
        put(network.withStopped(name, false));
        driver.startGuest(networkName, guest);
        put(network(networkName).withGuest(guest, true));
        return node(network(networkName), guest);
    }

    private Node stopGuest(String networkName, String name, Runnable how) {
        Network network = network(networkName);
        GuestSpec guest = network.guest(name);
        if (!network.stopped().contains(name)) {
            journal.guest(networkName, name, false);
        }
        put(network.withStopped(name, true));
        how.run();
        put(network(networkName).withGuest(guest, false));
        return node(network(networkName), guest);
    }

    /** Runs a command in a guest; see {@code Guests.exec}. Does not keep others from changing anything. */
    public int exec(
            String network, String guest, List<String> argv, ExecOutput output, BooleanSupplier cancelled) {
        network(network).guest(guest);
        GuestStatus status = status(network, guest);
        if (!runs(status)) {
            throw new HostException(Kind.CONFLICT, "guest " + guest + " is not running, it is "
                + status.state().name().toLowerCase(Locale.ROOT) + ": start it with 'violin node start " + guest + "'");
        }
        return driver.exec(network, guest, argv, output, cancelled);
    }

    public Path consoleLog(String network, String guest) {
        requireStarted(network, guest);
        return driver.consoleLog(network, guest);
    }

    public void consoleInput(String network, String guest, byte[] bytes) {
        requireStarted(network, guest);
        driver.consoleInput(network, guest, bytes);
    }

    private void requireStarted(String network, String guest) {
        network(network).guest(guest);
        if (driver.guest(network, guest).isEmpty()) {
            throw new HostException(Kind.CONFLICT, "guest " + guest + " has no console yet: it was never started");
        }
    }

    /** Opens a link for measuring on the tunnel to a host of a network; nothing of it is journalled. */
    public TrialLink openTrial(String network, String peer, int linkId, FecSpec fec, Transport transport) {
        return change(() -> TrialLink.open(new Site(driver, network, tunnels),
            network(network).spec().withFec(peer, fec).withTransport(peer, transport), peer, linkId, lock));
    }

    /** For what the engine does not decide: counters and their like. */
    public HostDriver driver() {
        return driver;
    }

    public Events events() {
        return events;
    }

    /** Stops all guests, all at once; they shall still run when the daemon starts again. */
    public void stopGuests() {
        change(() -> {
            for (Network network : networks.values()) {
                List<Step> stops = network.held().stream()
                    .filter(piece -> piece instanceof Piece.Guest)
                    .<Step>map(Step.Unmake::new)
                    .toList();
                Execution execution =
                    new Execution(new Site(driver, network.spec().network(), tunnels), network.held());
                execution.runAll(stops);
                put(network.withHeld(execution.held()));
            }
            return null;
        });
    }

    /**
     * Waits for the change under way; then closes the journal and the driver. The guests keep running. Idempotent.
     *
     * <p>A change that hangs does not keep the daemon from ending: it is journalled, and the next start completes it.
     */
    @Override
    public void close() {
        boolean mine = false;
        try {
            mine = lock.tryLock(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            if (!closed) {
                closed = true;
                driver.close();
                journal.close();
            }
        } finally {
            if (mine) {
                lock.unlock();
            }
        }
    }

    /** What leaves for another host, and what comes from one. */
    public GuestMoves moves() {
        return new GuestMoves(this, driver, journal);
    }

    <T> T change(Supplier<T> changing) {
        lock.lock();
        try {
            if (closed) {
                throw new HostException(Kind.CONFLICT, "the daemon is stopping");
            }
            return changing.get();
        } finally {
            lock.unlock();
        }
    }

    private void check(NetworkSpec spec) {
        SpecCheck.alone(spec);
        SpecCheck.beside(spec, specs());
    }

    Network network(String name) {
        Network network = networks.get(name);
        if (network == null) {
            throw new HostException(Kind.NOT_FOUND, "no network " + name + " on this host");
        }
        return network;
    }

    void put(Network network) {
        Map<String, Network> now = new LinkedHashMap<>(networks);
        now.put(network.spec().network(), network);
        networks = Collections.unmodifiableMap(now);
    }

    /** What is held, without wanted guests that do not run as they should: applying a specification starts them. */
    private Set<Piece> living(Network now, NetworkSpec spec) {
        Set<String> wanted = spec.guests().stream().map(GuestSpec::name).collect(Collectors.toSet());
        Set<Piece> living = new LinkedHashSet<>(now.held());
        living.removeIf(piece -> piece instanceof Piece.Guest(GuestSpec guest, boolean runs)
            && runs && wanted.contains(guest.name())
            && !runs(status(now.spec().network(), guest.name())));
        return living;
    }

    private static boolean runs(GuestStatus status) {
        return status.state() == GuestStatus.State.BOOTING || status.state() == GuestStatus.State.READY;
    }

    private GuestStatus status(String network, String guest) {
        return driver.guest(network, guest)
            .orElseGet(() -> new GuestStatus(network, guest, GuestStatus.State.STOPPED, 0, 0, ""));
    }

    Node node(Network network, GuestSpec guest) {
        String name = network.spec().network();
        return new Node(name, guest, !network.stopped().contains(guest.name()), network.leaving().get(guest.name()),
            status(name, guest.name()));
    }

    private static boolean holdsGuest(Set<Piece> held, String name) {
        return held.stream().anyMatch(piece -> piece instanceof Piece.Guest guest && guest.spec().name().equals(name));
    }

    /** Last and past undoing: a disk that cannot be deleted does not bring its guest back. */
    private void forget(String network, List<String> guests) {
        for (String guest : guests) {
            quietly("delete the disk of guest " + guest, () -> driver.forgetGuest(network, guest));
        }
    }

    private void quietly(String what, Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            LOG.warn("{}", what, e);
            events.publish(null, "failed", what, String.valueOf(e.getMessage()));
        }
    }
}
