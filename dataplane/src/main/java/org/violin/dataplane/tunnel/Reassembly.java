package org.violin.dataplane.tunnel;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;

/**
 * Puts frames together from their fragments, in memory of fixed size.
 *
 * <p>Theory of operation. A slot holds one frame that is being put together, found by its link and frame id. What has
 * come is kept as a short sorted list of ranges; ranges that touch become one, and a frame is complete when one range
 * covers it. A fragment that touches a byte which is there already kills the frame, as in IPv6 (RFC 5722): honest
 * senders make none, and duplicate datagrams do not get here. When all slots are taken, the link with most of them
 * gives up its oldest; a link that holds as many as any other gives up its own.
 *
 * <p>Slot memory belongs to the caller, who may take a whole frame where it lies and give other memory in its place.
 * Owned by one worker; allocates nothing after construction.
 */
public final class Reassembly {
    /** The frame is not complete, or was dropped (and counted). */
    public static final int NONE = -1;
    public static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(1);

    /** Ranges kept of a frame: enough for any order of the fragments of a 64 KiB frame on the smallest path MTU. */
    private static final int MAX_RANGES = 64;

    private final MutableDirectBuffer storage;
    private final int[] slotOffsets;
    private final int slotBytes;
    private final Counters<DropReason> drops;

    private final boolean[] taken;
    private final int[] linkIds;
    private final int[] frameIds;
    private final int[] lengths;
    private final long[] offloads;
    private final long[] startedNs;
    private final int[] rangeCounts;
    /** Range r of slot s is from starts[s * MAX_RANGES + r] up to, not with, ends[s * MAX_RANGES + r]. */
    private final int[] starts;
    private final int[] ends;
    private int inUse;

    /**
     * @param storage     holds all slots
     * @param slotOffsets where in it each slot lies; copied
     * @param slotBytes   of each slot: the longest frame accepted
     * @param drops       the tunnel's
     */
    public Reassembly(MutableDirectBuffer storage, int[] slotOffsets, int slotBytes, Counters<DropReason> drops) {
        this.storage = storage;
        this.slotOffsets = slotOffsets.clone();
        this.slotBytes = slotBytes;
        this.drops = drops;
        int slots = slotOffsets.length;
        taken = new boolean[slots];
        linkIds = new int[slots];
        frameIds = new int[slots];
        lengths = new int[slots];
        offloads = new long[slots];
        startedNs = new long[slots];
        rangeCounts = new int[slots];
        starts = new int[slots * MAX_RANGES];
        ends = new int[slots * MAX_RANGES];
    }

    /**
     * Takes in a fragment whose bounds a {@link org.violin.dataplane.wire.RecordReader} has checked.
     *
     * @param offload the frame's, if this is its first fragment
     *
     * @return the slot of the frame if this completes it, to be ended by {@link #take}; else {@link #NONE}
     */
    public int onFragment(int linkId, int frameId, int fragmentOffset, int frameLength, DirectBuffer source,
        int bodyOffset, int bodyLength, long offload, long nowNs) {
        if (frameLength > slotBytes) {
            drops.increment(DropReason.FRAGMENT_BOUNDS);
            return NONE;
        }
        int slot = find(linkId, frameId);
        if (slot == NONE) {
            slot = open(linkId, frameId, frameLength, nowNs);
        }
        if (lengths[slot] != frameLength) {
            return drop(slot, DropReason.FRAGMENT_MISMATCH);
        }
        DropReason bad = addRange(slot, fragmentOffset, fragmentOffset + bodyLength);
        if (bad != null) {
            return drop(slot, bad);
        }
        if (fragmentOffset == 0) {
            offloads[slot] = offload;
        }
        storage.putBytes(slotOffsets[slot] + fragmentOffset, source, bodyOffset, bodyLength);
        int first = slot * MAX_RANGES;
        return starts[first] == 0 && ends[first] == frameLength ? slot : NONE;
    }

    private int find(int linkId, int frameId) {
        for (int slot = 0; slot < taken.length; slot++) {
            if (frameIds[slot] == frameId && linkIds[slot] == linkId && taken[slot]) {
                return slot;
            }
        }
        return NONE;
    }

    private int open(int linkId, int frameId, int frameLength, long nowNs) {
        if (inUse == taken.length) {
            drop(victimFor(linkId), DropReason.FRAGMENT_EVICTED);
        }
        int slot = 0;
        while (taken[slot]) {
            slot++;
        }
        taken[slot] = true;
        inUse++;
        linkIds[slot] = linkId;
        frameIds[slot] = frameId;
        lengths[slot] = frameLength;
        startedNs[slot] = nowNs;
        rangeCounts[slot] = 0;
        return slot;
    }

    /** The oldest frame of the link that holds most slots, or of the given link if none holds more than it. */
    private int victimFor(int linkId) {
        int own = held(linkId);
        int victim = NONE;
        int most = own;
        for (int slot = 0; slot < taken.length; slot++) {
            int held = held(linkIds[slot]);
            boolean older = victim == NONE || startedNs[slot] - startedNs[victim] < 0;
            boolean candidate = held > own || linkIds[slot] == linkId;
            if (candidate && (held > most || (held == most && older))) {
                victim = slot;
                most = held;
            }
        }
        return victim;
    }

    private int held(int linkId) {
        int held = 0;
        for (int slot = 0; slot < taken.length; slot++) {
            if (taken[slot] && linkIds[slot] == linkId) {
                held++;
            }
        }
        return held;
    }

    private DropReason addRange(int slot, int start, int end) {
        int base = slot * MAX_RANGES;
        int count = rangeCounts[slot];
        int at = base;
        while (at < base + count && ends[at] < start) {
            at++;
        }
        // ends[at] >= start now, if there is such a range; all before it end short of the new one.
        boolean joinsBefore = at < base + count && ends[at] == start;
        int next = joinsBefore ? at + 1 : at;
        boolean hasNext = next < base + count;
        if (hasNext && starts[next] < end) {
            return DropReason.FRAGMENT_OVERLAP;
        }
        boolean joinsAfter = hasNext && starts[next] == end;
        if (joinsBefore && joinsAfter) {
            ends[at] = ends[next];
            remove(next, base + count);
            rangeCounts[slot]--;
        } else if (joinsBefore) {
            ends[at] = end;
        } else if (joinsAfter) {
            starts[next] = start;
        } else if (count == MAX_RANGES) {
            return DropReason.FRAGMENT_EXCESS;
        } else {
            insert(at, base + count, start, end);
            rangeCounts[slot]++;
        }
        return null;
    }

    private void insert(int at, int limit, int start, int end) {
        System.arraycopy(starts, at, starts, at + 1, limit - at);
        System.arraycopy(ends, at, ends, at + 1, limit - at);
        starts[at] = start;
        ends[at] = end;
    }

    private void remove(int at, int limit) {
        System.arraycopy(starts, at + 1, starts, at, limit - at - 1);
        System.arraycopy(ends, at + 1, ends, at, limit - at - 1);
    }

    private int drop(int slot, DropReason reason) {
        drops.increment(reason);
        release(slot);
        return NONE;
    }

    private void release(int slot) {
        taken[slot] = false;
        inUse--;
    }

    /** Where the complete frame in a slot lies. */
    public int frameOffset(int slot) {
        return slotOffsets[slot];
    }

    public int frameLength(int slot) {
        return lengths[slot];
    }

    /** What the complete frame's sender has left undone. */
    public long frameOffload(int slot) {
        return offloads[slot];
    }

    /**
     * Ends a complete frame's use of its slot.
     *
     * @param replacementOffset the slot's memory from now on: its own {@link #frameOffset} if the caller has done with
     *                          the frame, other memory of the same size if the caller keeps it where it lies
     */
    public void take(int slot, int replacementOffset) {
        slotOffsets[slot] = replacementOffset;
        release(slot);
    }

    /** Drops frames that wait in vain. To be called some times a second. */
    public void onTick(long nowNs) {
        for (int slot = 0; slot < taken.length && inUse > 0; slot++) {
            if (taken[slot] && nowNs - startedNs[slot] >= TIMEOUT_NS) {
                drop(slot, DropReason.FRAGMENT_TIMEOUT);
            }
        }
    }

    /** Forgets all frames without counting them: they were of a session that has ended. */
    public void clear() {
        Arrays.fill(taken, false);
        inUse = 0;
    }

    /** Where each slot's memory lies now, for its owner to take back. */
    public int[] slotOffsets() {
        return slotOffsets.clone();
    }

    /** Slots taken. */
    public int inUse() {
        return inUse;
    }
}
