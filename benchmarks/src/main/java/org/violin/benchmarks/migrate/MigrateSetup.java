package org.violin.benchmarks.migrate;

import java.nio.file.Path;
import org.violin.benchmarks.report.Setup;

/**
 * What to run, and how.
 *
 * @param seconds in which nothing moves, before each move
 * @param ports   of the switch
 */
record MigrateSetup(Path output, String question, String commandLine, int rounds, int seconds, int ports)
    implements Setup {
    private static final int MTU = 1500;

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public String network() {
        return "three namespaces on a bridge";
    }
}
