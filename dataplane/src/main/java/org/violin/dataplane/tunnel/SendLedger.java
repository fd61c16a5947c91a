package org.violin.dataplane.tunnel;

import java.util.Arrays;
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
    private static final int MESSAGES_MAX = 2048;
    private static final int HEADERS_MAX = 2048;
    private static final int RUNS_MAX = 4096;
    private static final int SLOTS_MAX = 4096;

    private final int worker;
    private final IntUnaryOperator status;

    /** Of messages, by the channel's index; each has one datagram at least. */
    private final Tunnel[] messageTunnels = new Tunnel[MESSAGES_MAX];
    private final Epoch[] messageEpochs = new Epoch[MESSAGES_MAX];
    private final int[] messageDatagrams = new int[MESSAGES_MAX];
    private final int[] messageBytes = new int[MESSAGES_MAX];
    /** How many of its headers need a counter. */
    private final int[] messageHeaders = new int[MESSAGES_MAX];
    private int messageCount;

    /** Where those are, in the order of the messages, and for how many datagrams each stands. */
    private final int[] headers = new int[HEADERS_MAX];
    private final int[] headerDatagrams = new int[HEADERS_MAX];
    private int headerCount;
    /** The first one that is of no message yet. */
    private int openHeader;

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

    /** Whether one more record fits, or a row of them, in datagrams of their own. */
    boolean hasRoom() {
        return messageCount < MESSAGES_MAX && headerCount < HEADERS_MAX && runCount < RUNS_MAX
            && slotCount < SLOTS_MAX;
    }

    /** Whether no datagram has been ended since the last {@link #settle}. */
    boolean isEmpty() {
        return messageCount == 0;
    }

    /** The datagrams that are being made have their header there, and need counters in a row, that the first. */
    void addHeader(int header, int datagrams) {
        headers[headerCount] = header;
        headerDatagrams[headerCount++] = datagrams;
    }

    /**
     * Records of the datagrams that are being made.
     *
     * @param link   null: the tunnel's own
     * @param slot   to give back, or {@link #NO_SLOT}
     * @param frames that end in the records
     * @param bytes  of those frames
     */
    void add(LinkPort link, int slot, int records, int frames, int bytes) {
        if (runCount == openRun || runLinks[runCount - 1] != link) {
            runLinks[runCount] = link;
            runRecords[runCount] = 0;
            runFrames[runCount] = 0;
            runBytes[runCount] = 0;
            runCount++;
        }
        int run = runCount - 1;
        runRecords[run] += records;
        runFrames[run] += frames;
        runBytes[run] += bytes;
        if (slot != NO_SLOT) {
            slots[slotCount++] = slot;
        }
    }

    /**
     * The datagrams have been made.
     *
     * @param epoch   whose counters they need; those of a message are of one
     * @param message that they are in: the last one, or the next
     * @param bytes   of all
     */
    void end(Tunnel tunnel, Epoch epoch, int message, int datagrams, int bytes) {
        assert message == messageCount || message == messageCount - 1 : "message " + message + " of " + messageCount;
        if (message == messageCount) {
            messageTunnels[message] = tunnel;
            messageEpochs[message] = epoch;
            messageDatagrams[message] = 0;
            messageBytes[message] = 0;
            messageHeaders[message] = 0;
            messageCount++;
        }
        messageDatagrams[message] += datagrams;
        messageBytes[message] += bytes;
        messageHeaders[message] += headerCount - openHeader;
        openHeader = headerCount;
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

    /** Gives the datagrams of each session their counters, in the memory that has their headers. */
    void writeCounters(MutableDirectBuffer arena) {
        int message = 0;
        int first = 0;
        while (message < messageCount) {
            Epoch epoch = messageEpochs[message];
            int end = first;
            while (message < messageCount && messageEpochs[message] == epoch) {
                end += messageHeaders[message++];
            }
            writeCounters(arena, epoch, first, end);
            first = end;
        }
    }

    private void writeCounters(MutableDirectBuffer arena, Epoch epoch, int first, int end) {
        int datagrams = 0;
        for (int i = first; i < end; i++) {
            datagrams += headerDatagrams[i];
        }
        if (datagrams > 0) {
            long counter = epoch.takeCounters(datagrams);
            for (int i = first; i < end; i++) {
                TunnelCodec.writeCounter(arena, headers[i], counter);
                counter += headerDatagrams[i];
            }
        }
    }

    /** All has been sent: counts it, gives the slots back, forgets the epochs, and begins anew. */
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
        Arrays.fill(messageEpochs, 0, messageCount, null);
        messageCount = 0;
        headerCount = 0;
        openHeader = 0;
        runCount = 0;
        openRun = 0;
        slotCount = 0;
    }

    /** A probe for the path's MTU that does not even leave has told what it was sent for: it is none of the drops. */
    private void settleRun(int run, int error) {
        LinkPort link = runLinks[run];
        if (error == -Errno.EMSGSIZE) {
            messageTunnels[runMessages[run]].onTooLong();
        }
        if (error == -Errno.EMSGSIZE && link == null) {
            return;
        }
        if (error != 0) {
            boolean full = error == -Errno.EAGAIN || error == -Errno.ENOBUFS;
            PortCounters counters = link == null ? messageTunnels[runMessages[run]].counters(worker) : link.counters();
            counters.dropped(full ? DropReason.EGRESS_FULL : DropReason.EGRESS_ERROR, runRecords[run]);
        } else if (link != null) {
            link.counters().sent(runFrames[run], runBytes[run]);
        }
    }
}
