package org.violin.dataplane.worker;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.violin.dataplane.bridge.Verdict;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.port.Port;

/**
 * Times the stages of one frame in so many, at one worker. Its memory is made beforehand; when that is full, or
 * somebody takes it from the worker, it is over.
 *
 * <p>The worker writes, and shows the frames of a cycle when all of them have gone; another thread, one at a time,
 * takes what is shown.
 */
public final class Tracer {
    /** Frames that one has room for at most. */
    public static final int FRAMES_MAX = 10_000;

    private final BitSet ingresses;
    private final int every;
    private final Entry[] entries;
    private final AtomicInteger shown = new AtomicInteger();
    private int next;
    /** Frames that are to pass before the next one is traced. */
    private int skip;
    private int taken;

    private static final class Entry {
        private Port ingress;
        private Port egress;
        private DropReason drop;
        private int bytes;
        private boolean superFrame;
        private boolean underWay;
        private long polledNs;
        private long readNs;
        private long decidedNs;
        private long queuedNs;
        private long sentNs;
    }

    /** What a traced frame is made into; times are in nanoseconds from stage to stage. */
    @FunctionalInterface
    public interface Reader<T> {
        /**
         * @param egress null: it was flooded, or dropped
         * @param drop   the reason's label; null: it was not
         * @param sendNs 0 when it was dropped
         */
        T frame(String ingress, String egress, String drop, int bytes, boolean superFrame,
            long readNs, long decideNs, long queueNs, long sendNs);
    }

    /**
     * @param ingresses indices of the ports whose frames are traced; not changed any more
     * @param every     one frame in so many is traced, the first of them first
     * @param count     room for so many
     */
    public Tracer(BitSet ingresses, int every, int count) {
        this.ingresses = ingresses;
        this.every = every;
        this.entries = Stream.generate(Entry::new).limit(count).toArray(Entry[]::new);
    }

    /** Worker: whether there is a frame to trace in a batch of {@code count}; if so, {@link #onQueued} follows. */
    boolean wants(int ingress, int count) {
        if (next == entries.length || !ingresses.get(ingress)) {
            return false;
        }
        if (skip >= count) {
            skip -= count;
            return false;
        }
        return true;
    }

    /**
     * Worker: what was decided for a batch, at which times.
     *
     * @param ports by index; null for one that the worker does not have
     */
    void onQueued(PortSlot ingress, FrameBatch batch, int[] verdicts, PortSlot[] ports,
        long polledNs, long readNs, long decidedNs, long queuedNs) {
        int index = skip;
        for (; index < batch.count() && next < entries.length; index += every) {
            Entry entry = entries[next++];
            int verdict = verdicts[index];
            PortSlot egress = verdict >= 0 && verdict < ports.length ? ports[verdict] : null;
            entry.ingress = ingress.port;
            entry.egress = egress == null ? null : egress.port;
            entry.drop = Verdict.isDrop(verdict) ? Verdict.reason(verdict)
                : verdict >= 0 && egress == null ? DropReason.NO_EGRESS : null;
            entry.bytes = batch.lengths()[index];
            entry.superFrame = Offload.isSuperFrame(batch.offloads()[index]);
            entry.polledNs = polledNs;
            entry.readNs = readNs;
            entry.decidedNs = decidedNs;
            entry.queuedNs = queuedNs;
            entry.sentNs = queuedNs;
            entry.underWay = entry.drop == null;
        }
        skip = index - batch.count();
    }

    /** Worker: the system call for what stood in line at a port has returned. */
    void onSent(Port egress, long nowNs) {
        for (int i = shown.getPlain(); i < next; i++) {
            if (entries[i].underWay && entries[i].egress == egress) {
                end(entries[i], nowNs);
            }
        }
    }

    private static void end(Entry entry, long nowNs) {
        entry.sentNs = nowNs;
        entry.underWay = false;
    }

    /** Worker: all system calls of a cycle have returned. True when the trace is over. */
    boolean onCycleEnd(long nowNs) {
        for (int i = shown.getPlain(); i < next; i++) {
            if (entries[i].underWay) {
                end(entries[i], nowNs);
            }
        }
        shown.setRelease(next);
        return next == entries.length;
    }

    /** Any thread, one at a time: the frames shown since the last call, at most {@code max}. */
    public <T> List<T> take(int max, Reader<T> reader) {
        int end = Math.min(shown.getAcquire(), taken + max);
        List<T> frames = new ArrayList<>();
        for (; taken < end; taken++) {
            Entry entry = entries[taken];
            frames.add(reader.frame(entry.ingress.name(), entry.egress == null ? null : entry.egress.name(),
                entry.drop == null ? null : entry.drop.label(), entry.bytes, entry.superFrame,
                entry.readNs - entry.polledNs, entry.decidedNs - entry.readNs, entry.queuedNs - entry.decidedNs,
                entry.sentNs - entry.queuedNs));
        }
        return frames;
    }
}
