package org.violin.benchmarks.e2e;

import java.nio.file.Path;
import java.util.List;
import org.violin.benchmarks.lab.Underlay;
import org.violin.benchmarks.report.Setup;

/**
 * What to run, and how.
 *
 * @param root        Violin's folder
 * @param output      where the report goes; made if missing
 * @param question    the report's title
 * @param commandLine what the user typed
 * @param seconds     of each TCP load; other loads follow from it
 * @param mtu         inner MTU, bytes
 * @param profiled    whose cycles are looked at, when all else is done
 */
record Settings(Path root, Path output, String question, String commandLine, List<Side> sides,
                List<Measurement> measurements, int rounds, int seconds, Underlay underlay, int mtu,
                List<Side> profiled) implements Setup {
    @Override
    public String network() {
        return underlay.description();
    }
}
