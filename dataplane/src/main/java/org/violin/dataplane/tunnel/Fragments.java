package org.violin.dataplane.tunnel;

/**
 * How a frame that does not fit a datagram is cut: into as few parts as will do, of sizes that differ by at most one
 * byte, so that all take the same path through queues that favour small packets.
 */
public final class Fragments {

    private Fragments() {
    }

    /** @param maxBody bytes of frame that a fragment's datagram has room for */
    public static int count(int frameLength, int maxBody) {
        return Math.ceilDiv(frameLength, maxBody);
    }

    /** Where part {@code index} of {@code count} starts; part {@code count} starts at the frame's end. */
    public static int offset(int frameLength, int count, int index) {
        return index * (frameLength / count) + Math.min(index, frameLength % count);
    }
}
