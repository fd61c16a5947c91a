package org.violin.benchmarks.lab;

/** What joins two hosts. */
public interface Underlay {

    /** Gives either end its device {@link End#UNDERLAY}, of MTU 1500. */
    void join(End a, End b);

    /** What it is, for a report; the end of a sentence. */
    String description();
}
