package org.violin.dataplane.tunnel;

import java.util.function.IntUnaryOperator;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Errno;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * What is on its way out in a worker's cycle, until it is known what became of it. The kernel takes or refuses whole
 * messages of many datagrams, so that is how it is kept: of each message its tunnel and datagrams, and of each link the
 * records in a row in one message. A super-frame of 44 segments is one of both.
 *
 * <p>Datagrams get their counters when all have been made: the workers share a tunnel's sequence, and what one has
 * taken should not lie about while others send. Worker's thread.
 */
final class SendLedger {
    /** Of a record that holds no slot. */
    static final int NO_SLOT = -1;
    private static final int DATAGRAMS_MAX = 2048;
    private static final int RUNS_MAX = 4096;
    private static final int SLOTS_MAX = 4096;

    private final int worker;
    private final IntUnaryOperator status;

    /** Of messages, by the channel's index; each has one datagram at least. */
    private final Tunnel[] messageTunnels = new Tunnel[DATAGRAMS_MAX];
    private final int[] messageDatagrams = new int[DATAGRAMS_MAX];
    private final int[] messageBytes = new int[DATAGRAMS_MAX];
    /** How many of its datagrams need a counter. */
    private final int[] messageUncounted = new int[DATAGRAMS_MAX];
    private int messageCount;
    private int datagramCount;

    /** Where those have their headers, in the order of the messages. */
    private final int[] uncountedHeaders = new int[DATAGRAMS_MAX];
    private int uncountedCount;
    /** The first one of the datagram that is being made. */
    private int openUncounted;

    /** Records in a row: how many, the frames that end in them, and those frames' bytes. */
    private final LinkPort[] runLinks = new LinkPort[RUNS_MAX];
    private final int[] runMessages = new int[RUNS_MAX];
    private final int[] runRecords = new int[RUNS_MAX];
    private final int[] runFrames = new int[RUNS_MAX];
    private final int[] runBytes = new int[RUNS_MAX];
    private int runCount;
    /** The first one of the datagram that is being made. */
    private int openRun;

    private final int[] slots = new int[SLOTS_MAX];
    private int slotCount;

    /** @param status what became of a message, by its index: 0, or a negative errno */
    SendLedger(int worker, IntUnaryOperator status) {
        this.worker = worker;
        this.status = status;
    }

    /** Whether one more record fits, in a datagram of its own. */
    boolean hasRoom() {
        return datagramCount < DATAGRAMS_MAX && runCount < RUNS_MAX && slotCount < SLOTS_MAX;
    }

    /** Whether no datagram has been ended since the last {@link #settle}. */
    boolean isEmpty() {
        return datagramCount == 0;
    }

    /** The datagram that is being made has its header there, and needs a counter. */
    void addHeader(int header) {
        uncountedHeaders[uncountedCount++] = header;
    }

    /**
     * A record of the datagram that is being made.
     *
     * @param link       null: the tunnel's own
     * @param slot       to give back, or {@link #NO_SLOT}
     * @param frameBytes of the frame that ends with it; 0: none does
     */
    void add(LinkPort link, int slot, int frameBytes) {
        if (runCount == openRun || runLinks[runCount - 1] != link) {
            runLinks[runCount] = link;
            runRecords[runCount] = 0;
            runFrames[runCount] = 0;
            runBytes[runCount] = 0;
            runCount++;
        }
        int run = runCount - 1;
        runRecords[run]++;
        runFrames[run] += frameBytes > 0 ? 1 : 0;
        runBytes[run] += frameBytes;
        if (slot != NO_SLOT) {
            slots[slotCount++] = slot;
        }
    }

    /**
     * The datagram has been made.
     *
     * @param message that it is in: the last one, or the next
     * @param bytes   of the datagram
     */
    void endDatagram(Tunnel tunnel, int message, int bytes) {
        assert message == messageCount || message == messageCount - 1 : "message " + message + " of " + messageCount;
        if (message == messageCount) {
            messageTunnels[message] = tunnel;
            messageDatagrams[message] = 0;
            messageBytes[message] = 0;
            messageUncounted[message] = 0;
            messageCount++;
        }
        messageDatagrams[message]++;
        messageBytes[message] += bytes;
        messageUncounted[message] += uncountedCount - openUncounted;
        datagramCount++;
        openUncounted = uncountedCount;
        endRuns(message);
    }

    /** A single run may go on with the last one of the datagram before. */
    private void endRuns(int message) {
        int first = openRun;
        int before = first - 1;
        if (runCount - first == 1 && before >= 0 && runLinks[first] == runLinks[before]
            && runMessages[before] == message) {
            runRecords[before] += runRecords[first];
            runFrames[before] += runFrames[first];
            runBytes[before] += runBytes[first];
            runCount--;
        } else {
            for (int run = first; run < runCount; run++) {
                runMessages[run] = message;
            }
        }
        openRun = runCount;
    }

    /** Gives the datagrams of each tunnel their counters, in the memory that has their headers. */
    void writeCounters(MutableDirectBuffer headers) {
        int message = 0;
        int header = 0;
        while (message < messageCount) {
            Tunnel tunnel = messageTunnels[message];
            int uncounted = 0;
            while (message < messageCount && messageTunnels[message] == tunnel) {
                uncounted += messageUncounted[message++];
            }
            if (uncounted > 0) {
                long counter = tunnel.session().takeCounters(uncounted);
                for (int end = header + uncounted; header < end; header++) {
                    TunnelCodec.writeCounter(headers, uncountedHeaders[header], counter++);
                }
            }
        }
    }

    /** All has been sent: counts it, gives the slots back, and begins anew. */
    void settle(FramePool pool) {
        for (int message = 0; message < messageCount; message++) {
            if (status.applyAsInt(message) == 0) {
                messageTunnels[message].counters(worker).sent(messageDatagrams[message], messageBytes[message]);
            }
        }
        for (int run = 0; run < runCount; run++) {
            settleRun(run, status.applyAsInt(runMessages[run]));
        }
        for (int i = 0; i < slotCount; i++) {
            pool.release(slots[i]);
        }
        messageCount = 0;
        datagramCount = 0;
        uncountedCount = 0;
        openUncounted = 0;
        runCount = 0;
        openRun = 0;
        slotCount = 0;
    }

    private void settleRun(int run, int error) {
        LinkPort link = runLinks[run];
        if (error != 0) {
            boolean full = error == -Errno.EAGAIN || error == -Errno.ENOBUFS;
            PortCounters counters = link == null ? messageTunnels[runMessages[run]].counters(worker) : link.counters();
            counters.dropped(full ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR, runRecords[run]);
        } else if (link != null) {
            link.counters().sent(runFrames[run], runBytes[run]);
        }
    }
}
