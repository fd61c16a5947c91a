package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code violin bench violin}: the part of two other commands that is of the VIOLIN paper. */
@Command(name = "violin", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Repeats the VIOLIN paper's own measurements: TCP throughput and ICMP latency between guests, in the"
        + " clear and sealed, against their hosts', on a LAN and on a WAN; and what viewers see of a video by"
        + " multicast, beside an overlay of relays. Writes two reports.",
        "The same as 'violin bench paper' with some of its rows, and 'violin bench video' after it: both have more"
        + " options."},
    footer = {"", "Example:",
        "  violin bench violin --install-peers                            # ffmpeg first; seven minutes"})
final class ViolinCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Option(names = "--rounds", defaultValue = "2", paramLabel = "N",
        description = "How often each piece of work is given to each side (default: ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--install-peers", description = "First install ffmpeg, if it is missing, by apt-get.")
    private boolean installPeers;

    @Override
    public Integer call() {
        if (rounds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds must be at least 1");
        }
        List<String> shared = new ArrayList<>(List.of("--rounds", Integer.toString(rounds)));
        if (installPeers) {
            shared.add("--install-peers");
        }
        int guests = run(shared, "paper", "--rows", "host-client,vms,vms-sealed", "--question", "violin-guests");
        int video = run(shared, "video", "--question", "violin-video");
        return Math.max(guests, video);
    }

    private static int run(List<String> shared, String... own) {
        List<String> all = new ArrayList<>(List.of(own));
        all.addAll(shared);
        return Bench.run(all.toArray(String[]::new));
    }
}
