package org.violin.dataplane.memory;

/**
 * What a frame's sender has left to others, in one word, so that a batch carries it beside the frame at no cost: a
 * checksum that is not computed yet, and for a super-frame how it is to be cut. The fields are those of virtio-net's
 * header (virtio 1.2, 5.1.6), which is how TAP devices tell and take them.
 *
 * <p>A frame with a word that is not {@link #NONE} has a <em>partial checksum</em>: the field at checksum start +
 * checksum offset holds the folded sum of the pseudo-header, and the sum of all bytes from checksum start on is to be
 * added. A <em>super-frame</em> has a GSO size besides: it stands for the segments that its headers and each next
 * {@code gsoSize} bytes of its payload make.
 */
public final class Offload {
    /** A frame that is complete as it is. */
    public static final long NONE = 0;

    /** GSO types, numbered as in virtio-net's header. */
    public static final int TCP4 = 1;
    public static final int TCP6 = 4;
    /** Datagrams of one flow, each as long as the next (UDP_L4). */
    public static final int UDP = 5;
    /** Beside a TCP type: only the first segment keeps CWR (RFC 3168, 6.1.2). */
    public static final int ECN = 0x80;

    private static final int START_SHIFT = 16;
    private static final int OFFSET_SHIFT = 32;
    private static final int TYPE_SHIFT = 48;
    private static final int FIELD = 0xFFFF;

    private Offload() {
    }

    /**
     * A partial checksum.
     *
     * @param checksumStart  where in the frame the bytes start that are to be summed; 14 to 65535
     * @param checksumOffset where the checksum is stored, from there
     */
    public static long checksum(int checksumStart, int checksumOffset) {
        return (long) checksumStart << START_SHIFT | (long) checksumOffset << OFFSET_SHIFT;
    }

    /**
     * A super-frame.
     *
     * @param gsoType {@link #TCP4}, {@link #TCP6}, both perhaps with {@link #ECN}, or {@link #UDP}
     * @param gsoSize bytes of payload in each segment but the last; 1 to 65535
     */
    public static long superFrame(int gsoType, int gsoSize, int checksumStart, int checksumOffset) {
        return checksum(checksumStart, checksumOffset) | (long) gsoType << TYPE_SHIFT | gsoSize;
    }

    public static boolean needsChecksum(long offload) {
        return offload != NONE;
    }

    public static boolean isSuperFrame(long offload) {
        return gsoSize(offload) != 0;
    }

    public static int checksumStart(long offload) {
        return (int) (offload >>> START_SHIFT) & FIELD;
    }

    public static int checksumOffset(long offload) {
        return (int) (offload >>> OFFSET_SHIFT) & FIELD;
    }

    public static int gsoSize(long offload) {
        return (int) offload & FIELD;
    }

    public static int gsoType(long offload) {
        return (int) (offload >>> TYPE_SHIFT);
    }

    /** The word of each segment of a super-frame: its checksum is as partial as the whole one's. */
    public static long ofSegment(long superFrame) {
        return superFrame & ((long) FIELD << START_SHIFT | (long) FIELD << OFFSET_SHIFT);
    }
}
