package org.violin.dataplane.sys;

import org.violin.dataplane.memory.FramePool;

/** Nothing comes in: a channel that another worker reads. */
final class NoIntake implements FrameIntake {
    static final NoIntake INSTANCE = new NoIntake();

    private NoIntake() {
    }

    @Override
    public int receive(FramePool pool) {
        return 0;
    }

    @Override
    public int slot(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int offset(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public int length(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public boolean isTruncated(int index) {
        throw new IndexOutOfBoundsException(index);
    }

    @Override
    public void close() {
    }
}
