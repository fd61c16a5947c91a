package org.violin.control.host;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Predicate;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.NetworkSpec;

/**
 * A network as the engine sees it at one moment.
 *
 * @param spec    what is wanted
 * @param stopped guests that the operator has stopped
 * @param held    what is there; differs from what is wanted only after a failure
 */
record Network(NetworkSpec spec, Set<String> stopped, Set<Piece> held) {
    Network {
        stopped = Set.copyOf(stopped);
        held = Collections.unmodifiableSet(new LinkedHashSet<>(held));
    }

    /** What there is of a network that nobody has asked for yet. */
    static Network unknown(NetworkSpec spec) {
        return new Network(NetworkSpec.empty(spec.network(), spec.host()), Set.of(), Set.of());
    }

    /** Tells of what is held as it is wanted: no failure is to be mended there. */
    Predicate<Piece> settled() {
        return Piece.of(spec, stopped)::contains;
    }

    Network withHeld(Set<Piece> now) {
        return new Network(spec, stopped, now);
    }

    Network withStopped(String guest, boolean isStopped) {
        Set<String> now = new HashSet<>(stopped);
        if (isStopped) {
            now.add(guest);
        } else {
            now.remove(guest);
        }
        return new Network(spec, now, held);
    }

    /** With this guest held, running or stopped. */
    Network withGuest(GuestSpec guest, boolean runs) {
        Set<Piece> now = new LinkedHashSet<>(held);
        now.removeIf(piece -> piece instanceof Piece.Guest before && before.spec().name().equals(guest.name()));
        now.add(new Piece.Guest(guest, runs));
        return withHeld(now);
    }

    GuestSpec guest(String name) {
        return spec.guests().stream().filter(guest -> guest.name().equals(name)).findFirst()
            .orElseThrow(() -> new HostException(HostException.Kind.NOT_FOUND,
                "network " + spec.network() + " has no guest " + name + " on this host"));
    }
}
