package org.violin.dataplane.counters;

import java.util.LinkedHashMap;
import java.util.Map;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * A block of 64-bit counters, one for each constant of an enum. One thread adds, or many do by {@link #addShared}; any
 * thread reads, and never sees a counter go back. Blocks of different writers share no cache line.
 */
public final class Counters<E extends Enum<E> & Documented> {
    private final E[] counters;
    private final UnsafeBuffer values;

    public Counters(Class<E> type) {
        counters = type.getEnumConstants();
        int bytes = BitUtil.align(counters.length * Long.BYTES, BitUtil.CACHE_LINE_LENGTH);
        values = new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, BitUtil.CACHE_LINE_LENGTH));
    }

    /** Writer only. */
    public void increment(E counter) {
        add(counter, 1);
    }

    /** Writer only. The new value is published in order, which costs no fence on the worker. */
    public void add(E counter, long delta) {
        int index = counter.ordinal() * Long.BYTES;
        values.putLongRelease(index, values.getLong(index) + delta);
    }

    /** Any thread, of a block that only this method adds to. */
    public void addShared(E counter, long delta) {
        values.getAndAddLong(counter.ordinal() * Long.BYTES, delta);
    }

    /** Writer only: adds what another block has counted. */
    public void addAll(Counters<E> other) {
        for (E counter : counters) {
            add(counter, other.get(counter));
        }
    }

    public long get(E counter) {
        return values.getLongAcquire(counter.ordinal() * Long.BYTES);
    }

    /** The counters that are not zero, by label, in the order of the enum. */
    public Map<String, Long> toMap() {
        Map<String, Long> map = new LinkedHashMap<>();
        for (E counter : counters) {
            long value = get(counter);
            if (value != 0) {
                map.put(counter.label(), value);
            }
        }
        return map;
    }
}
