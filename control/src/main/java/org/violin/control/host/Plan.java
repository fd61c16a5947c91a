package org.violin.control.host;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        Map<String, Piece> wantedByKey = new HashMap<>();
        wanted.forEach(piece -> wantedByKey.put(piece.key(), piece));

        Set<Piece> unmade = new LinkedHashSet<>();
        for (Piece piece : held) {
            Piece successor = wantedByKey.get(piece.key());
            if (successor == null || !piece.equals(successor) && !piece.canBecome(successor)) {
                unmade.add(piece);
            }
        }
        addDependents(held, unmade);

        Set<String> keptKeys = new LinkedHashSet<>();
        held.stream().filter(piece -> !unmade.contains(piece)).forEach(piece -> keptKeys.add(piece.key()));
        Set<Piece> made = new LinkedHashSet<>(wanted);
        made.removeIf(piece -> keptKeys.contains(piece.key()));

        List<Step> steps = new ArrayList<>();
        sorted(unmade).reversed().forEach(piece -> steps.add(new Step.Unmake(piece)));
        List<Piece> kept = sorted(held.stream().filter(piece -> !unmade.contains(piece)).toList());
        sorted(made).stream().filter(piece -> !(piece instanceof Piece.Guest))
            .forEach(piece -> steps.add(new Step.Make(piece)));
        kept.forEach(piece -> addChange(steps, piece, wantedByKey.get(piece.key()), made));
        sorted(made).stream().filter(piece -> piece instanceof Piece.Guest)
            .forEach(piece -> steps.add(new Step.Make(piece)));
        return steps;
    }

    private static void addDependents(Set<Piece> held, Set<Piece> unmade) {
        boolean grew = true;
        while (grew) {
            grew = false;
            for (Piece piece : held) {
                if (!unmade.contains(piece) && unmade.stream().anyMatch(piece::standsOn)) {
                    grew |= unmade.add(piece);
                }
            }
        }
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
}
