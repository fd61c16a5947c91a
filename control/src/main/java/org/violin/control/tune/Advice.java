package org.violin.control.tune;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Which transport is best for what. Of those that are as good as the best, give or take what one measurement differs
 * from the next, it is the simplest.
 *
 * @param reason in words
 * @param line   that makes it so, in a list under {@code tunnels} in a topology file
 */
public record Advice(Goal goal, Variant transport, String reason, String line) {
    /** Of the best rate. */
    private static final double RATE_GOOD = 0.9;
    private static final double ROUND_TRIP_GOOD = 1.5;
    private static final long ROUND_TRIP_GOOD_NANOS = 5_000_000;
    /** Of all questions. */
    private static final double UNANSWERED_GOOD = 0.005;
    /** Of all datagrams. */
    private static final double LOSS_GOOD = 0.002;
    /** More on the wire than this is told. */
    private static final double WIRE_TOLD = 0.02;

    /** One for each goal; none if nothing could be measured. */
    public static List<Advice> of(List<Measurement> measurements, String from, String to) {
        List<Measurement> candidates = measurements.stream().filter(each -> each.failure() == null)
            .sorted(Comparator.comparing(Measurement::transport)).toList();
        List<Advice> advice = new ArrayList<>();
        for (Goal goal : Goal.values()) {
            choose(goal, candidates).ifPresent(chosen -> advice.add(new Advice(goal, chosen.transport(),
                reason(goal, chosen, candidates), chosen.transport().line(from, to))));
        }
        return advice;
    }

    private static Optional<Measurement> choose(Goal goal, List<Measurement> candidates) {
        return candidates.stream().min(Comparator.comparing(Measurement::figures, order(goal))).map(best ->
            candidates.stream().filter(each -> isAsGood(goal, each.figures(), best.figures())).findFirst()
                .orElseThrow());
    }

    /** The best first. */
    private static Comparator<Figures> order(Goal goal) {
        return switch (goal) {
            case BULK -> Comparator.comparingDouble(figures -> -figures.bitsPerSecond());
            case INTERACTIVE -> Comparator.comparing((Figures figures) -> figures.loaded().p99Nanos() < 0)
                .thenComparing(figures -> figures.loaded().p99Nanos())
                .thenComparing(Advice::unanswered);
            case VIDEO -> Comparator.comparingDouble(Advice::missing);
        };
    }

    private static boolean isAsGood(Goal goal, Figures figures, Figures best) {
        return switch (goal) {
            case BULK -> figures.bitsPerSecond() >= RATE_GOOD * best.bitsPerSecond();
            case INTERACTIVE -> best.loaded().p99Nanos() < 0
                ? unanswered(figures) <= unanswered(best) + UNANSWERED_GOOD
                : figures.loaded().p99Nanos() >= 0 && figures.loaded().p99Nanos()
                    <= ROUND_TRIP_GOOD * best.loaded().p99Nanos() + ROUND_TRIP_GOOD_NANOS;
            case VIDEO -> missing(figures) <= missing(best) + LOSS_GOOD;
        };
    }

    private static double unanswered(Figures figures) {
        return 1 - figures.loaded().answered() / (double) figures.loaded().asked();
    }

    private static double missing(Figures figures) {
        return figures.lost() + figures.late();
    }

    /** Compared with the simplest of the others, which is what there would be without thinking about it. */
    private static String reason(Goal goal, Measurement chosen, List<Measurement> candidates) {
        String text = text(goal, chosen.figures());
        Optional<Measurement> other = candidates.stream().filter(each -> each != chosen).findFirst();
        if (other.isEmpty()) {
            return text;
        }
        Figures theirs = other.get().figures();
        if (!isAsGood(goal, theirs, chosen.figures())) {
            double wire = chosen.figures().wireRatio() / theirs.wireRatio() - 1;
            return text + " instead of " + text(goal, theirs) + " with " + other.get().transport().label()
                + (wire < WIRE_TOLD ? "" : String.format(Locale.ROOT, ", at %.0f %% more on the wire", 100 * wire));
        }
        return text + "; the others are no better";
    }

    private static String text(Goal goal, Figures figures) {
        return switch (goal) {
            case BULK -> Figures.text(figures.bitsPerSecond() / 1e6) + " Mbit/s";
            case INTERACTIVE -> figures.loaded().p99Nanos() >= 0
                ? "99 of 100 answered within " + Figures.text(figures.loaded().p99Nanos() / 1e6) + " ms"
                : Figures.text(100 * unanswered(figures)) + " % without an answer";
            case VIDEO -> Figures.text(100 * missing(figures)) + " % lost or late";
        };
    }
}
