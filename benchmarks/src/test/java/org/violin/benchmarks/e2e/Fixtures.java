package org.violin.benchmarks.e2e;

import java.util.List;

/** Sides that are only names. */
final class Fixtures {
    private Fixtures() {
    }

    static Side side(String name) {
        return new Side(name, "the side " + name, 2, "-", List.of(), List.of(), List.of(), "over0", pair -> { });
    }
}
