package org.violin.dataplane.sys;

import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/** Nothing comes in: a socket that another worker reads. */
final class NoDatagramIntake extends DatagramIntake {

    @Override
    int receive(FramePool pool, FrameBatch batch) {
        return 0;
    }

    @Override
    public void close() {
        memory.close();
    }
}
