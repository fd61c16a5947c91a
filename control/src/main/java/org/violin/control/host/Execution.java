package org.violin.control.host;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.guest.GuestException;
import org.violin.control.jetway.JetwayException;
import org.violin.control.os.Command.CommandException;
import org.violin.dataplane.DataplaneException;

/**
 * Runs steps and keeps account of what is there afterwards, whatever fails. Guests that are stopped one after the
 * other in a plan are stopped together, for each may take seconds.
 */
final class Execution {
    private static final Logger LOG = LoggerFactory.getLogger(Execution.class);

    /** A step that failed. */
    record Failure(Step step, RuntimeException cause) {
        String text() {
            String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            return step.text() + ": " + message;
        }
    }

    private final Site site;
    private final Set<Piece> held;
    private final Set<Piece> made = new HashSet<>();

    Execution(Site site, Set<Piece> held) {
        this.site = site;
        this.held = new LinkedHashSet<>(held);
    }

    Set<Piece> held() {
        return new LinkedHashSet<>(held);
    }

    /** Whether this has made the piece: a guest may not have been plugged into such a port. */
    boolean hasMade(Piece piece) {
        return made.contains(piece);
    }

    /** Runs the steps in order, up to the first failure. */
    List<Failure> runUntilFailure(List<Step> steps) {
        return run(steps, false);
    }

    /** Runs all the steps, whichever fail: one that needs what is missing fails by itself. */
    List<Failure> runAll(List<Step> steps) {
        return run(steps, true);
    }

    private List<Failure> run(List<Step> steps, boolean goOn) {
        List<Failure> failures = new ArrayList<>();
        int index = 0;
        while (index < steps.size() && (goOn || failures.isEmpty())) {
            int end = index + 1;
            if (stopsGuest(steps.get(index))) {
                while (end < steps.size() && stopsGuest(steps.get(end))) {
                    end++;
                }
            }
            failures.addAll(end == index + 1 ? runOne(steps.get(index)) : runTogether(steps.subList(index, end)));
            index = end;
        }
        return failures;
    }

    private static boolean stopsGuest(Step step) {
        return step instanceof Step.Unmake(Piece piece) && piece instanceof Piece.Guest;
    }

    private List<Failure> runOne(Step step) {
        LOG.info("{}: {}", site.network(), step.text());
        // A change that fails may be half done: held to be done, it is changed back as a whole.
        boolean change = !(step instanceof Step.Make) && !(step instanceof Step.Unmake);
        if (change) {
            step.note(held);
        }
        try {
            step.run(site);
        } catch (RuntimeException e) {
            return failed(step, e);
        }
        if (!change) {
            step.note(held);
        }
        if (step instanceof Step.Make(Piece piece)) {
            made.add(piece);
        }
        return List.of();
    }

    private List<Failure> runTogether(List<Step> steps) {
        List<Failure> failures = new ArrayList<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> running = steps.stream().map(s -> executor.submit(() -> s.run(site))).toList();
            for (int i = 0; i < steps.size(); i++) {
                Step step = steps.get(i);
                LOG.info("{}: {}", site.network(), step.text());
                try {
                    running.get(i).get();
                    step.note(held);
                } catch (ExecutionException e) {
                    failures.addAll(failed(step, e.getCause() instanceof RuntimeException r ? r
                        : new IllegalStateException(e.getCause())));
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    failures.addAll(failed(step, new IllegalStateException("interrupted", e)));
                }
            }
        }
        return failures;
    }

    private List<Failure> failed(Step step, RuntimeException cause) {
        Failure failure = new Failure(step, cause);
        boolean foreseen = cause instanceof DataplaneException || cause instanceof GuestException
            || cause instanceof CommandException || cause instanceof HostException || cause instanceof JetwayException;
        LOG.warn("{}: {}", site.network(), failure.text(), foreseen ? null : cause);
        return List.of(failure);
    }
}
