package org.violin.control.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.spec.GuestSpec;

/**
 * All guests of one daemon. Thread-safe. Guests do not depend on it: after {@link #close()}, or the death of the
 * daemon, they run on, and {@link #adopt()} of the next daemon takes them over.
 *
 * <p>Errors: {@link GuestException}, for people to read.
 */
public final class Guests implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Guests.class);
    private static final int WATCH_MILLIS = 500;

    private final Path directory;
    private final GuestPlatform platform;
    private final GuestListener listener;
    private final GuestDisks disks;
    private final Map<String, Guest> guests = new ConcurrentSkipListMap<>();
    private final ScheduledExecutorService runtime = Executors.newSingleThreadScheduledExecutor(
        task -> Thread.ofPlatform().name("guests").daemon().unstarted(task));

    /** @param directory where each guest gets {@code <network>/<guest>/}; made when missing */
    public Guests(Path directory, GuestPlatform platform, GuestListener listener) {
        try {
            Files.createDirectories(directory);
            this.directory = directory.toRealPath(); // as /proc/PID/cwd has it
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.platform = platform;
        this.listener = listener;
        disks = new GuestDisks(this.directory, platform);
        runtime.scheduleWithFixedDelay(this::watch, WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether a guest with one spec can become the other while it runs; if not, it takes a restart. */
    public static boolean canChange(GuestSpec from, GuestSpec to) {
        return from.memoryMiB() == to.memoryMiB() && from.vmm() == to.vmm();
    }

    /** Where the dataplane must listen for a vNIC before the guest starts or is adopted; its directory is made. */
    public Path nicSocket(String network, String guest, String nic) {
        Path home = GuestDirectory.of(directory, network, guest).path();
        try {
            Files.createDirectories(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return home.resolve(GuestDirectory.socketName(nic));
    }

    /**
     * Starts a guest; returns when its process runs. When its agent answers it is configured and becomes READY, which
     * the listener is told.
     */
    public void start(String network, GuestSpec spec) {
        guests.computeIfAbsent(key(network, spec.name()), key -> newGuest(network, spec.name())).start(spec);
    }

    /**
     * Brings a running guest into line with {@code spec}: its vNICs, their addresses, routes, forwarding and routing
     * suite. What is right already is not touched. Throws with the output of the commands that fail. A guest that still
     * boots is configured when its agent answers.
     */
    public void configure(String network, GuestSpec spec) {
        find(network, spec.name()).configure(spec);
    }

    /**
     * Has vNICs of a running guest connect anew, as they must after the dataplane has closed and opened their ports.
     * Throws with the output of the commands that fail.
     */
    public void reconnect(String network, String guest, Set<String> nics) {
        find(network, guest).reconnect(nics);
    }

    /**
     * Takes over what an earlier daemon left: guests that still run become READY once their agent has answered, their
     * vNICs have connected anew (so the dataplane must listen already) and their configuration is applied. Those that
     * died are returned as DEAD, those that were stopped as STOPPED; of both, leftover processes are killed.
     */
    public List<GuestStatus> adopt() {
        List<GuestStatus> found = new ArrayList<>();
        for (Path network : list(directory)) {
            for (Path home : list(network)) {
                String name = home.getFileName().toString();
                if (new GuestDirectory(home).exists()) {
                    Guest guest = newGuest(network.getFileName().toString(), name);
                    if (guests.putIfAbsent(guest.label(), guest) == null) {
                        guest.adopt();
                        found.add(guest.status());
                    }
                }
            }
        }
        return found;
    }

    /** Has a running guest run on that was to go to another host while it runs, and does not. */
    public void resume(String network, String guest) {
        find(network, guest).resume();
    }

    /** Their disks, as they go to other hosts and come from them. */
    public GuestDisks disks() {
        return disks;
    }

    /** Powers a guest off by its agent, within {@code grace}; then SIGTERM, then SIGKILL. Returns when it is gone. */
    public void stop(String network, String guest, Duration grace) {
        find(network, guest).stop(grace);
    }

    /** SIGKILL. Returns when the guest is gone; it is DEAD then. */
    public void kill(String network, String guest) {
        find(network, guest).kill();
    }

    /** Forgets a guest that does not run and deletes its directory, disk included. An unknown guest is no error. */
    public void remove(String network, String guest) {
        Guest found = guests.get(key(network, guest));
        if (found == null) {
            newGuest(network, guest).remove();
            return;
        }
        found.remove();
        guests.remove(key(network, guest));
    }

    /**
     * Runs a command in a guest and waits for its end.
     *
     * @param cancelled asked several times a second; once true the command gets SIGTERM, two seconds later SIGKILL
     * @return exit status; 128 + signal
     */
    public int exec(String network, String guest, List<String> argv, ExecOutput output, BooleanSupplier cancelled) {
        return find(network, guest).exec(argv, output, cancelled);
    }

    /** What a guest was started or last configured with; empty: it was never started. */
    public Optional<GuestSpec> spec(String network, String guest) {
        return Optional.ofNullable(guests.get(key(network, guest))).flatMap(Guest::spec);
    }

    public GuestStatus status(String network, String guest) {
        return find(network, guest).status();
    }

    /** Sorted by network and name. */
    public List<GuestStatus> statuses() {
        return guests.values().stream().map(Guest::status).toList();
    }

    /** The log of the console; cut (copied to {@code console.log.1} and truncated) when it grows beyond 1 MiB. */
    public Path consoleLog(String network, String guest) {
        return find(network, guest).console().log();
    }

    /** Types at the console's keyboard, at 25 kB/s at most. Does not wait for the guest to read. */
    public void consoleInput(String network, String guest, byte[] bytes) {
        Guest found = find(network, guest);
        found.console().type(found.label(), bytes);
    }

    /** Lets go of the guests, which run on. Idempotent. */
    @Override
    public void close() {
        guests.values().forEach(Guest::release);
        runtime.shutdownNow();
    }

    private void watch() {
        for (Guest guest : guests.values()) {
            try {
                guest.watch();
            } catch (RuntimeException e) {
                LOG.warn("{}: {}", guest.label(), e.toString());
            }
        }
    }

    private Guest newGuest(String network, String name) {
        return new Guest(network, name, GuestDirectory.of(directory, network, name), platform, this::changed);
    }

    private void changed(GuestStatus status) {
        try {
            runtime.execute(() -> listener.onGuestChanged(status));
        } catch (RejectedExecutionException e) {
            LOG.debug("closed: {} not told", status);
        }
    }

    private Guest find(String network, String guest) {
        Guest found = guests.get(key(network, guest));
        if (found == null) {
            throw new GuestException(key(network, guest) + ": no such guest here");
        }
        return found;
    }

    private static String key(String network, String guest) {
        return network + "/" + guest;
    }

    private static List<Path> list(Path parent) {
        List<Path> children = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent, Files::isDirectory)) {
            stream.forEach(children::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        children.sort(null);
        return children;
    }
}
