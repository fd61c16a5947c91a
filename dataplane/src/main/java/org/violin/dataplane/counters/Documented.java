package org.violin.dataplane.counters;

import java.util.Locale;

/** An enum's constants as counters that users see, stable from release to release. */
public interface Documented {

    /** The constant's. */
    String name();

    /** Kebab-case, made of the name: {@code no-buffer}. */
    default String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** One sentence. */
    String meaning();
}
