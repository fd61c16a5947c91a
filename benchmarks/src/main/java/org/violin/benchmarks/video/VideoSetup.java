package org.violin.benchmarks.video;

import java.nio.file.Path;
import java.util.List;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Setup;

/**
 * What to run, and how.
 *
 * @param root    Violin's folder
 * @param paths   each between all hosts
 * @param seconds of the clip
 * @param seed    of all losses
 */
record VideoSetup(Path root, Path output, String question, String commandLine, List<Side> sides, List<WanPath> paths,
                  int rounds, int seconds, long seed) implements Setup {
    private static final int MTU = 1500;

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public String network() {
        return "emulated paths of single packets, as plain NICs have them";
    }
}
