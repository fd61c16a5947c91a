package org.violin.dataplane;

import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.violin.dataplane.worker.Tracer;
import org.violin.dataplane.worker.WorkerThread;

/** The trace of a dataplane, if there is one. Under the dataplane's lock. */
final class Traces {
    static final int FRAMES_MAX = Tracer.FRAMES_MAX;

    private final Dataplane dataplane;
    private final List<WorkerThread> workers;
    private boolean tracing;

    Traces(Dataplane dataplane, List<WorkerThread> workers) {
        this.dataplane = dataplane;
        this.workers = workers;
    }

    /** @param ingresses indices of the ports whose frames are traced */
    FrameTrace begin(BitSet ingresses, int every, int count) {
        if (every < 1 || count < 1 || count > FRAMES_MAX) {
            throw new DataplaneException(
                "trace: one frame in " + every + ", " + count + " frames: one in 1 or more, 1 to " + FRAMES_MAX);
        }
        if (tracing) {
            throw new DataplaneException("trace: another one is under way here: one at a time");
        }
        List<Tracer> tracers =
            Stream.generate(() -> new Tracer(ingresses, every, count)).limit(workers.size()).toList();
        try {
            tracing = true;
            set(tracers);
        } catch (DataplaneException e) {
            end();
            throw e;
        }
        return new RunningTrace(tracers, count, this::end);
    }

    private void set(List<Tracer> tracers) {
        for (int i = 0; i < workers.size(); i++) {
            WorkerThread thread = workers.get(i);
            Tracer tracer = tracers.get(i);
            dataplane.command(thread, "trace", () -> thread.worker().onTrace(tracer));
        }
    }

    private void end() {
        synchronized (dataplane) {
            tracing = false;
            if (dataplane.isRunning()) {
                set(Collections.nCopies(workers.size(), null));
            }
        }
    }
}
