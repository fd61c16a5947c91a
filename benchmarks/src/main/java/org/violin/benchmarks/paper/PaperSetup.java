package org.violin.benchmarks.paper;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.violin.benchmarks.report.Setup;

/**
 * What to run, and how.
 *
 * @param root           Violin's folder
 * @param seconds        of each TCP transfer, and of pings
 * @param verdictSeconds of the transfers over the WAN that a verdict compares
 * @param seed           of the WAN's losses
 */
record PaperSetup(Path root, Path output, String question, String commandLine, List<Row> rows, List<Place> places,
                  int rounds, int seconds, int verdictSeconds, long seed) implements Setup {
    private static final int MTU = 1500;

    @Override
    public int mtu() {
        return MTU;
    }

    @Override
    public String network() {
        return places.stream().map(place -> place.title() + ": " + place.network()).collect(Collectors.joining("; "));
    }
}
