package org.violin.control.host;

import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.NetworkSpec;

/**
 * A network as the engine sees it at one moment.
 *
 * @param spec    what is wanted
 * @param stopped guests that the operator has stopped
 * @param leaving guests that are on their way to another host, and to which: their disks are not to be touched
 * @param held    what is there; differs from what is wanted only after a failure
 */
record Network(NetworkSpec spec, Set<String> stopped, Map<String, String> leaving, Set<Piece> held) {
    Network {
        stopped = Set.copyOf(stopped);
        leaving = Map.copyOf(leaving);
        held = Collections.unmodifiableSet(new LinkedHashSet<>(held));
    }

    /** What there is of a network that nobody has asked for yet. */
    static Network unknown(NetworkSpec spec) {
        return new Network(NetworkSpec.empty(spec.network(), spec.host()), Set.of(), Map.of(), Set.of());
    }

    /** Tells of what is held as it is wanted: no failure is to be mended there. */
    Predicate<Piece> settled() {
        return wanted(spec)::contains;
    }

    /** What is wanted of this network once {@code then} is its specification. */
    Set<Piece> wanted(NetworkSpec then) {
        Set<String> off = new HashSet<>(stopped);
        off.addAll(leaving.keySet());
        return Piece.of(then, off);
    }

    /** Of guests that it has no more, nothing is remembered. */
    Network with(NetworkSpec then, Set<Piece> now) {
        Set<String> guests = then.guests().stream().map(GuestSpec::name).collect(Collectors.toSet());
        Set<String> stillStopped = new HashSet<>(stopped);
        stillStopped.retainAll(guests);
        Map<String, String> stillLeaving = new HashMap<>(leaving);
        stillLeaving.keySet().retainAll(guests);
        return new Network(then, stillStopped, stillLeaving, now);
    }

    Network withHeld(Set<Piece> now) {
        return new Network(spec, stopped, leaving, now);
    }

    /** @param to null: it stays */
    Network withLeaving(String guest, String to) {
        Map<String, String> now = new HashMap<>(leaving);
        now.remove(guest);
        if (to != null) {
            now.put(guest, to);
        }
        return new Network(spec, stopped, now, held);
    }

    Network withStopped(String guest, boolean isStopped) {
        Set<String> now = new HashSet<>(stopped);
        if (isStopped) {
            now.add(guest);
        } else {
            now.remove(guest);
        }
        return new Network(spec, now, leaving, held);
    }

    /** With this guest held, running or stopped. */
    Network withGuest(GuestSpec guest, boolean runs) {
        Set<Piece> now = new LinkedHashSet<>(held);
        now.removeIf(piece -> piece instanceof Piece.Guest before && before.spec().name().equals(guest.name()));
        now.add(new Piece.Guest(guest, runs));
        return withHeld(now);
    }

    /** Whether a guest goes to another host while it runs: here it is held as one that is off, and let alone. */
    boolean goesLive(GuestSpec guest) {
        return guest.vmm() == GuestSpec.Vmm.QEMU && leaving.containsKey(guest.name());
    }

    boolean has(String guest) {
        return spec.guests().stream().anyMatch(each -> each.name().equals(guest));
    }

    /** Throws if a guest is on its way to another host. */
    void requireStaying(String guest) {
        if (leaving.containsKey(guest)) {
            throw new HostException(HostException.Kind.CONFLICT, "guest " + guest + " is on its way to host "
                + leaving.get(guest) + ": wait for its end; if nobody moves it any more, run 'violin up' again");
        }
    }

    GuestSpec guest(String name) {
        return spec.guests().stream().filter(guest -> guest.name().equals(name)).findFirst()
            .orElseThrow(() -> new HostException(HostException.Kind.NOT_FOUND,
                "network " + spec.network() + " has no guest " + name + " on this host"));
    }

    /** Guests that {@code then} has no more: their disks go when all else is done. */
    static List<String> gone(NetworkSpec now, NetworkSpec then) {
        Set<String> kept = then.guests().stream().map(GuestSpec::name).collect(Collectors.toSet());
        return now.guests().stream().map(GuestSpec::name).filter(guest -> !kept.contains(guest)).toList();
    }
}
