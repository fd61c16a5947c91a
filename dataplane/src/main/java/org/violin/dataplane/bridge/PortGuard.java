package org.violin.dataplane.bridge;

import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.SenderAddresses;

/**
 * What is checked of the frames that come in by one port. {@link #admit} comes before the bridge has seen them, so that
 * nobody learns from a frame that is not let in; {@link #limitFloods} when the bridge has said where they are to go. A
 * super-frame counts as one frame.
 *
 * <p>All workers share a port's guard: what is in it does not change, but for the rates, which count for all.
 */
public final class PortGuard {
    private static final int STORM_BROADCAST = Verdict.drop(DropReason.STORM_BROADCAST);
    private static final int STORM_MULTICAST = Verdict.drop(DropReason.STORM_MULTICAST);
    private static final int STORM_UNKNOWN = Verdict.drop(DropReason.STORM_UNKNOWN);

    private final long[] macs;
    private final SenderAddresses addresses;
    private final boolean dropsBpdus;
    private final RateLimit broadcast;
    private final RateLimit unknown;
    private final RateLimit multicast;

    /**
     * @param macs       that frames may come from; null: any. Not changed any more
     * @param addresses  that they may claim; null: any
     * @param dropsBpdus whether frames of bridges to each other are dropped
     * @param broadcast  of frames to everybody; null: any number
     * @param unknown    of frames to stations that the switch does not know; null: any number
     * @param multicast  of frames to groups; null: any number
     */
    public PortGuard(long[] macs, SenderAddresses addresses, boolean dropsBpdus, RateLimit broadcast,
        RateLimit unknown, RateLimit multicast) {
        this.macs = macs;
        this.addresses = addresses;
        this.dropsBpdus = dropsBpdus;
        this.broadcast = broadcast;
        this.unknown = unknown;
        this.multicast = multicast;
    }

    /** Takes the frames that may not come in out of a batch. {@code counters}: the port's. */
    public void admit(FramePool pool, FrameBatch batch, PortCounters counters) {
        int kept = 0;
        for (int i = 0; i < batch.count(); i++) {
            DropReason fault = fault(pool.storage(), batch.offsets()[i], batch.lengths()[i]);
            if (fault != null) {
                counters.dropped(fault, 1);
                pool.release(batch.slots()[i]);
            } else {
                if (kept < i) {
                    batch.move(i, kept);
                }
                kept++;
            }
        }
        batch.keep(kept);
    }

    private DropReason fault(DirectBuffer storage, int offset, int length) {
        if (dropsBpdus && Ethernet.isLinkLocal(Ethernet.destination(storage, offset))) {
            return DropReason.BPDU_GUARD;
        }
        if (macs != null && !isDeclared(Ethernet.source(storage, offset))) {
            return DropReason.UNDECLARED_MAC;
        }
        return addresses == null ? null : addresses.fault(storage, offset, length);
    }

    private boolean isDeclared(long mac) {
        for (int i = 0; i < macs.length; i++) {
            if (macs[i] == mac) {
                return true;
            }
        }
        return false;
    }

    /**
     * Drops what goes to many and is beyond the port's rates.
     *
     * @param verdicts of the frames at {@code offsets}; changed where one is dropped
     */
    public void limitFloods(DirectBuffer storage, int[] offsets, int count, int[] verdicts, long nowNs) {
        if (broadcast == null && unknown == null && multicast == null) {
            return;
        }
        for (int i = 0; i < count; i++) {
            if (Verdict.isDrop(verdicts[i])) {
                continue;
            }
            long destination = Ethernet.destination(storage, offsets[i]);
            if (destination == Ethernet.BROADCAST) {
                verdicts[i] = limit(broadcast, verdicts[i], STORM_BROADCAST, nowNs);
            } else if (Ethernet.isGroup(destination)) {
                verdicts[i] = limit(multicast, verdicts[i], STORM_MULTICAST, nowNs);
            } else if (verdicts[i] == Verdict.FLOOD) {
                verdicts[i] = limit(unknown, verdicts[i], STORM_UNKNOWN, nowNs);
            }
        }
    }

    private static int limit(RateLimit limit, int verdict, int drop, long nowNs) {
        return limit == null || limit.pass(nowNs) ? verdict : drop;
    }
}
