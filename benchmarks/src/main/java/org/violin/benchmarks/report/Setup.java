package org.violin.benchmarks.report;

import java.nio.file.Path;

/** What a run was told, for its report. */
public interface Setup {
    /** Where the report goes; the folder is there when it is written. */
    Path output();

    /** The report's title. */
    String question();

    /** What the user typed. */
    String commandLine();

    int rounds();

    /** Of each TCP load or video. */
    int seconds();

    /** Inside tunnels, bytes. */
    int mtu();

    /** What joins the hosts; the end of a sentence. */
    String network();
}
