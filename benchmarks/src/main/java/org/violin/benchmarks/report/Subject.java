package org.violin.benchmarks.report;

/** What figures are of, such as a tunnel between two hosts: a row of the tables. */
public interface Subject {
    /** For tables, JSON and file names. */
    String name();

    /** What it is, in a few words. */
    String description();

    /** 2 if it carries Ethernet frames, 3 if only IP packets. */
    int layer();

    /** What it encrypts with, or "-". */
    String encryption();
}
