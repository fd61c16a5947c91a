package org.violin.dataplane;

import java.util.List;

/**
 * Times one frame in so many, until it has as many as were asked for or is closed. Any thread, one at a time.
 */
public interface FrameTrace extends AutoCloseable {

    /** The frames that were traced since the last call; it does not wait for any. */
    List<TracedFrame> take();

    /** Whether there will be no more. */
    boolean isDone();

    /** Ends the trace. Idempotent. */
    @Override
    void close();
}
