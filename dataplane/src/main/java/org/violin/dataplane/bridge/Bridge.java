package org.violin.dataplane.bridge;

import java.util.Arrays;
import org.agrona.DirectBuffer;

/**
 * Joins ports and decides, batch by batch, by which of them frames leave. A port is an index from 0 to
 * {@link MacTable#MAX_PORT}. Each worker has a bridge of its own, which it alone calls; those of one network have the
 * same members, and share what they learn. {@link #addPort} and {@link #removePort} may allocate, the rest does not.
 */
public abstract class Bridge {
    /** In the order in which they were added. */
    private int[] members = new int[8];
    private int memberCount;

    /**
     * Decides for a batch of frames that came in by one port.
     *
     * @param ingressPort a member
     * @param storage     holds all frames; frame i is {@code lengths[i]} bytes at {@code offsets[i]}, at least
     *                    {@link org.violin.dataplane.wire.Ethernet#HEADER_BYTES} (its port has dropped the runts)
     * @param verdicts    receives one {@link Verdict} a frame
     */
    public abstract void decide(
        int ingressPort, DirectBuffer storage, int[] offsets, int[] lengths, int count, int[] verdicts);

    /**
     * Where {@link Verdict#CHOSEN} sends a frame of the batch that was decided last: indices of ports, the one that it
     * came in by perhaps among them. Some may be no members any more. The caller does not change it.
     */
    public int[] chosen(int frame) {
        throw new IllegalStateException("chooses no ports");
    }

    /**
     * Adds a member that is not one yet.
     *
     * @return false, and nothing changed, if the bridge takes no more ports
     */
    public boolean addPort(int port) {
        if (port < 0 || port > MacTable.MAX_PORT) {
            throw new IllegalArgumentException("port " + port + ": 0 to " + MacTable.MAX_PORT);
        }
        if (isMember(port)) {
            throw new IllegalArgumentException("port " + port + " is a member already");
        }
        if (memberCount == members.length) {
            members = Arrays.copyOf(members, 2 * memberCount);
        }
        members[memberCount++] = port;
        return true;
    }

    /** Removes a member. Nothing happens if it is none. */
    public final void removePort(int port) {
        for (int i = 0; i < memberCount; i++) {
            if (members[i] == port) {
                System.arraycopy(members, i + 1, members, i, --memberCount - i);
                return;
            }
        }
    }

    final boolean isMember(int port) {
        for (int i = 0; i < memberCount; i++) {
            if (members[i] == port) {
                return true;
            }
        }
        return false;
    }

    /** The members, the first {@link #memberCount()} elements; the caller does not change it nor keep it. */
    public final int[] members() {
        return members;
    }

    public final int memberCount() {
        return memberCount;
    }

    /** Forgets what was learned about a port, when it is no worker's member any more. Any thread. */
    public abstract void forgetPort(int port);

    /** Has no more than so many stations learned from a member at a time; 0: as many as any port may. Any thread. */
    public abstract void limitPort(int port, int stations);

    /** Takes the frames that a bridge itself has to say. */
    @FunctionalInterface
    public interface Speaker {
        /**
         * Sends a copy of a frame.
         *
         * @param ports the first {@code count} elements: members of {@code from}; others are left out
         * @return false: there is no room for it now
         */
        boolean say(Bridge from, int[] ports, int count, DirectBuffer frame, int length);
    }

    /**
     * Ages what was learned, in bounded steps, and says what is due; to be called some times a second, by one of those
     * who share it.
     *
     * @param nowNs a monotonic clock's time, {@link System#nanoTime()}
     */
    public abstract void onTick(long nowNs, Speaker speaker);
}
