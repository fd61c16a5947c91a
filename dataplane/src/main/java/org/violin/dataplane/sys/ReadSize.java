package org.violin.dataplane.sys;

/**
 * How many slots the next read is given: twice what the last one took. Each costs some cache lines here and in the
 * native call, used or not.
 */
final class ReadSize {
    private static final int MIN = 4;

    private ReadSize() {
    }

    /**
     * @param count what the last read took; an error is nothing
     * @param room  what it was given: with all of it taken, more is waiting
     * @param limit at least 4
     */
    static int after(int count, int room, int limit) {
        return count == room ? limit : Math.clamp(2L * count, MIN, limit);
    }
}
