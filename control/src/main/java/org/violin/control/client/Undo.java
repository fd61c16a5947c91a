package org.violin.control.client;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** How to take back what was done so far, newest first. One thread. */
final class Undo {
    private record Step(String what, Runnable action) {
    }

    private final Deque<Step> steps = new ArrayDeque<>();

    /** @param what completes the sentence "could not ..." */
    void push(String what, Runnable action) {
        steps.push(new Step(what, action));
    }

    /** What was done stays. */
    void forget() {
        steps.clear();
    }

    /** Takes everything back, also what comes after a failure. Returns what failed; a second call does nothing. */
    List<String> run() {
        List<String> failures = new ArrayList<>();
        while (!steps.isEmpty()) {
            Step step = steps.pop();
            try {
                step.action().run();
            } catch (RuntimeException e) {
                failures.add("could not " + step.what() + ": " + e.getMessage());
            }
        }
        return failures;
    }
}
