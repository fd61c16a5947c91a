package org.violin.control.cli;

import java.util.List;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.IoEngine;
import org.violin.dataplane.WorkerPriority;
import picocli.CommandLine.Option;

/** How workers work, of the commands that move frames. */
final class WorkerOptions {
    @Option(names = "--engine", paramLabel = "ENGINE", defaultValue = "auto", converter = Engine.class,
        completionCandidates = Engine.class,
        description = "How frames are read: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}, the one that measures"
            + " better).")
    private IoEngine engine;

    @Option(names = "--workers", paramLabel = "N", defaultValue = "1",
        description = "Threads that move frames (default: ${DEFAULT-VALUE}). More help where one fills its core and"
            + " there are cores to spare, many flows, and several tunnels or guests: a flow, a guest and a tunnel's"
            + " incoming side each stay with one worker.")
    private int workers;

    @Option(names = "--cpu", paramLabel = "LIST", split = ",",
        description = "The CPU that each worker runs on, as many as workers: 2,3.")
    private List<Integer> cpus = List.of();

    @Option(names = "--priority", paramLabel = "PRIORITY", defaultValue = "normal", converter = Priority.class,
        completionCandidates = Priority.class,
        description = "How workers are scheduled: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). With realtime,"
            + " those with much to do run before the machine's ordinary threads: round trips stay short beside bulk"
            + " transfers, small frames are fewer a second.")
    private WorkerPriority priority;

    /** @throws IllegalArgumentException when the options contradict each other */
    DataplaneConfig applyTo(DataplaneConfig config) {
        return config.withEngine(engine).withWorkers(workers, cpus).withPriority(priority);
    }

    static final class Engine extends Labels<IoEngine> {
        Engine() {
            super(IoEngine.values(), IoEngine::label);
        }
    }

    static final class Priority extends Labels<WorkerPriority> {
        Priority() {
            super(WorkerPriority.values(), WorkerPriority::label);
        }
    }
}
