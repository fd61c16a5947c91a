package org.violin.dataplane;

import java.util.ArrayList;
import java.util.List;
import org.violin.dataplane.worker.Tracer;

/** A trace of all workers, each with a tracer of its own. */
final class RunningTrace implements FrameTrace {
    private final List<Tracer> tracers;
    private final Runnable onClose;
    private int left;
    private boolean closed;

    /**
     * @param count   frames wanted of all workers together
     * @param onClose takes the tracers from the workers
     */
    RunningTrace(List<Tracer> tracers, int count, Runnable onClose) {
        this.tracers = tracers;
        this.left = count;
        this.onClose = onClose;
    }

    @Override
    public List<TracedFrame> take() {
        List<TracedFrame> frames = new ArrayList<>();
        for (Tracer tracer : tracers) {
            frames.addAll(tracer.take(left - frames.size(), TracedFrame::new));
        }
        left -= frames.size();
        return frames;
    }

    @Override
    public boolean isDone() {
        return left == 0;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            onClose.run();
        }
    }
}
