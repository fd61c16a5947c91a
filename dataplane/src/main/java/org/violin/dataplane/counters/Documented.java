package org.violin.dataplane.counters;

/** A counter that users see: its label is stable from release to release, its sentence is what the manual says. */
public interface Documented {

    /** Kebab-case, stable. */
    String label();

    /** One sentence. */
    String meaning();
}
