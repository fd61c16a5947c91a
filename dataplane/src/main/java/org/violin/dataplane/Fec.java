package org.violin.dataplane;

/**
 * Forward error correction of what is sent through a tunnel: {@code rows} datagrams of parity for every {@code members}
 * datagrams, any {@code members} of which bring back the others (a Cauchy Reed-Solomon code). Parity of a block that
 * does not fill follows after some milliseconds.
 *
 * @param members 1 to 64
 * @param rows    1 to 16
 * @param depth   blocks that are filled in turn, so that so many datagrams lost in a row are one of each: 1, 2, 3, 4, 6
 *                or 8
 * @param ordered whether the other end holds what is behind a lost datagram until that is brought back, for half a
 *                round trip at most (5 to 40 ms), and so hands everything over in order
 */
public record Fec(int members, int rows, int depth, boolean ordered) {
    /** None. */
    public static final Fec NONE = new Fec(0, 0, 0, false);
    /** As much as the losses on the way there want: none below 0.2 %, at most six rows for ten members. */
    public static final Fec AUTO = new Fec(-1, -1, -1, false);

    public Fec {
        boolean none = members == rows && rows == depth && (depth == 0 || depth == -1);
        if (!none && (members < 1 || members > 64)) {
            throw new IllegalArgumentException("members: " + members + ": 1 to 64 datagrams a block");
        }
        if (!none && (rows < 1 || rows > 16)) {
            throw new IllegalArgumentException("rows: " + rows + ": 1 to 16 datagrams of parity a block");
        }
        if (!none && (depth < 1 || depth > 8 || 48 % depth != 0)) {
            throw new IllegalArgumentException("depth: " + depth + ": 1, 2, 3, 4, 6 or 8 blocks in turn");
        }
        if (!none && members * depth > 1024) {
            throw new IllegalArgumentException("members * depth: " + members * depth + ": at most 1024");
        }
        if (members == 0 && ordered) {
            throw new IllegalArgumentException("ordered: without parity nothing is brought back");
        }
    }

    /** Of what is handed over as it comes. */
    public Fec(int members, int rows, int depth) {
        this(members, rows, depth, false);
    }

    /** Whether the losses decide how much it is. */
    public boolean adapts() {
        return members < 0;
    }
}
