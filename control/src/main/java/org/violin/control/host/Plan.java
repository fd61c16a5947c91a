package org.violin.control.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Finds the steps from what is held to what is wanted. Decides only; touches nothing. */
final class Plan {
    private Plan() {
    }

    /**
     * Unmakes what is no longer wanted, or wanted otherwise, in descending rank, with everything that stands on it;
     * then makes and changes in ascending rank. The order does not depend on that of the sets' elements of different
     * rank; equal sets give no step.
     */
    static List<Step> between(Set<Piece> held, Set<Piece> wanted) {
        return between(held, wanted, piece -> false);
    }

    /**
     * The same, but ports that are wanted on another bridge move there, when all bridges are made. The bridges that
     * they leave go after that, with the links there, so that nothing is long between the two.
     *
     * @param movable says of which ports this is true; others are made anew
     */
    static List<Step> between(Set<Piece> held, Set<Piece> wanted, Predicate<Piece> movable) {
        Map<String, Piece> wantedByKey = new HashMap<>();
        wanted.forEach(piece -> wantedByKey.put(piece.key(), piece));

        Set<Plugged> leaving = leaving(held, wantedByKey);
        Set<Piece> unmade = new LinkedHashSet<>();
        for (Piece piece : held) {
            Piece successor = wantedByKey.get(piece.key());
            boolean stays = piece.equals(successor) || successor != null && piece.canBecome(successor);
            if (!stays || leaving.contains(piece) && !movable.test(piece)) {
                unmade.add(piece);
            }
        }
        addDependents(held, unmade, leaving, wantedByKey.keySet());

        Set<String> keptKeys = new LinkedHashSet<>();
        held.stream().filter(piece -> !unmade.contains(piece)).forEach(piece -> keptKeys.add(piece.key()));
        Set<Piece> made = new LinkedHashSet<>(wanted);
        made.removeIf(piece -> keptKeys.contains(piece.key()));
        List<Piece> kept = new ArrayList<>(sorted(held.stream().filter(piece -> !unmade.contains(piece)).toList()));
        List<Plugged> movers = leaving.stream().filter(port -> !unmade.contains(port)).toList();
        List<Plugged> moved = movers.stream().map(port -> port.on(bridge(wantedByKey.get(port.key())))).toList();
        Set<Piece> left = left(unmade, movers, moved, wantedByKey.keySet());
        unmade.removeAll(left);
        for (int i = 0; i < movers.size(); i++) {
            kept.set(kept.indexOf(movers.get(i)), moved.get(i));
        }

        List<Step> steps = new ArrayList<>();
        sorted(unmade).reversed().forEach(piece -> steps.add(new Step.Unmake(piece)));
        make(steps, made, piece -> piece instanceof Piece.Bridge);
        if (!movers.isEmpty()) {
            steps.add(new Step.Move(movers, moved));
        }
        sorted(left).reversed().forEach(piece -> steps.add(new Step.Unmake(piece)));
        make(steps, made, piece -> !(piece instanceof Piece.Bridge || piece instanceof Piece.Guest));
        kept.forEach(piece -> addChange(steps, piece, wantedByKey.get(piece.key()), made));
        make(steps, made, piece -> piece instanceof Piece.Guest);
        return steps;
    }

    private static void make(List<Step> steps, Set<Piece> made, Predicate<Piece> kind) {
        sorted(made).stream().filter(kind).forEach(piece -> steps.add(new Step.Make(piece)));
    }

    private static void addDependents(
            Set<Piece> held, Set<Piece> unmade, Set<Plugged> leaving, Set<String> wantedKeys) {
        Set<String> gone = unmade.stream().map(Piece::key).collect(Collectors.toCollection(HashSet::new));
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Piece piece : held) {
                // A port can leave a bridge that goes for good; of one that is made anew it knows nothing.
                if (!unmade.contains(piece) && piece.foundations().stream().anyMatch(key -> gone.contains(key)
                        && (wantedKeys.contains(key) || !leaving.contains(piece)))) {
                    grew |= unmade.add(piece);
                    gone.add(piece.key());
                }
            }
        }
    }

    /** The ports that are wanted on another bridge. */
    private static Set<Plugged> leaving(Set<Piece> held, Map<String, Piece> wantedByKey) {
        Set<Plugged> leaving = new LinkedHashSet<>();
        for (Piece piece : held) {
            if (piece instanceof Plugged port && wantedByKey.get(piece.key()) instanceof Plugged successor
                && !port.bridge().equals(successor.bridge())) {
                leaving.add(port);
            }
        }
        return leaving;
    }

    /**
     * Of what is unmade, what need not be out of the way of ports that move: the bridges that they leave, links there
     * that are no more, and what these stand on or stands on them. A patch that others come to has no room for a link.
     */
    private static Set<Piece> left(
            Set<Piece> unmade, List<Plugged> movers, List<Plugged> moved, Set<String> wantedKeys) {
        Set<String> abandoned = foundations(movers);
        Set<String> taken = foundations(moved);
        taken.addAll(unmade.stream().map(Piece::key).filter(wantedKeys::contains).toList());
        Set<Piece> links = unmade.stream().filter(piece -> piece instanceof Piece.Link
            && !wantedKeys.contains(piece.key()) && abandoned.stream().anyMatch(piece.foundations()::contains)
            && taken.stream().noneMatch(piece.foundations()::contains)).collect(Collectors.toSet());
        Set<String> linkKeys = links.stream().map(Piece::key).collect(Collectors.toSet());
        abandoned.addAll(foundations(links));
        Set<Piece> left = new LinkedHashSet<>(unmade);
        left.removeIf(piece -> !links.contains(piece) && !abandoned.contains(piece.key())
            && linkKeys.stream().noneMatch(piece.foundations()::contains));
        return left;
    }

    private static Set<String> foundations(Collection<? extends Piece> pieces) {
        return pieces.stream().flatMap(piece -> piece.foundations().stream())
            .collect(Collectors.toCollection(HashSet::new));
    }

    private static String bridge(Piece port) {
        return ((Plugged) port).bridge();
    }

    private static void addChange(List<Step> steps, Piece from, Piece to, Set<Piece> made) {
        if (from instanceof Piece.Guest guest && to instanceof Piece.Guest successor) {
            Set<String> opened = made.stream()
                .filter(piece -> piece instanceof Piece.Nic nic && nic.guest().equals(guest.spec().name()))
                .map(piece -> ((Piece.Nic) piece).nic())
                .collect(Collectors.toSet());
            if (!guest.equals(successor) || guest.runs() && !opened.isEmpty()) {
                steps.add(new Step.ChangeGuest(guest, successor, opened));
            }
        } else if (from instanceof Piece.Tap tap && to instanceof Piece.Tap successor && !tap.equals(successor)) {
            steps.add(new Step.ReaddressTap(tap.spec(), successor.spec()));
        } else if (from instanceof Setting && !from.equals(to)) {
            steps.add(new Step.Remake(from, to));
        }
    }

    /** By rank; within a rank in the order given. */
    private static List<Piece> sorted(Collection<Piece> pieces) {
        return pieces.stream().sorted(Comparator.comparingInt(Piece::rank)).toList();
    }

    /** @param gone guests that are no more */
    static List<String> texts(List<Step> steps, List<String> gone) {
        List<String> texts = new ArrayList<>();
        steps.forEach(step -> texts.add(step.text()));
        gone.forEach(guest -> texts.add("delete the disk of guest " + guest));
        return texts;
    }
}
