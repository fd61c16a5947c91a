package org.violin.control.cli;

import java.util.List;
import org.violin.dataplane.DataplaneConfig;
import picocli.CommandLine.Option;

/** {@code --workers} and {@code --cpu}, of the commands that move frames. */
final class WorkerOptions {
    @Option(names = "--workers", paramLabel = "N", defaultValue = "1",
        description = "Threads that move frames (default: ${DEFAULT-VALUE}). More help where one fills its core and"
            + " there are cores to spare, many flows, and several tunnels or guests: a flow, a guest and a tunnel's"
            + " incoming side each stay with one worker.")
    private int workers;

    @Option(names = "--cpu", paramLabel = "LIST", split = ",",
        description = "The CPU that each worker runs on, as many as workers: 2,3.")
    private List<Integer> cpus = List.of();

    /** @throws IllegalArgumentException when the options contradict each other */
    DataplaneConfig applyTo(DataplaneConfig config) {
        return config.withWorkers(workers, cpus);
    }
}
