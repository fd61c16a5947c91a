package org.violin.dataplane.counters;

/**
 * Why a frame, a datagram or a record was dropped. Every drop is counted under exactly one reason, where it happened.
 */
public enum DropReason implements Documented {
    RUNT("runt", "A frame shorter than an Ethernet header (14 bytes)."),
    OVERSIZED("oversized", "A frame longer than the longest that the dataplane carries."),
    BAD_OFFLOAD("bad-offload",
        "A frame that contradicts what its sender says of its checksum or of how it is to be cut."),
    NO_BUFFER("no-buffer", "The frame pool was exhausted when the frame came in."),
    EGRESS_FULL("egress-full", "The device or socket had no room for the frame (EAGAIN)."),
    EGRESS_ERROR("egress-error", "The kernel refused to send, with an error other than having no room."),
    NOT_CONNECTED("not-connected", "The frame's port has no guest connected to it."),

    SOURCE_MULTICAST("source-multicast", "A frame whose source address is a group address, which no station has."),
    SOURCE_ZERO("source-zero", "A frame whose source address is 00:00:00:00:00:00, which no station has."),
    LINK_LOCAL_RESERVED("link-local-reserved",
        "A frame to 01-80-C2-00-00-01 to -0F, which bridges never forward (IEEE 802.1Q, table 8-1)."),
    HAIRPIN("hairpin", "A frame to a station on the port that it came from: the station has it already."),
    NO_EGRESS("no-egress", "The bridge has no other port that the frame could leave by."),

    TUNNEL_DOWN("tunnel-down", "A frame for, or a datagram of, a tunnel that is not established."),
    WRONG_SOURCE("wrong-source", "A datagram from an address that is no tunnel's peer."),
    RECEIVE_OVERFLOW("receive-overflow",
        "A datagram that the kernel dropped because the tunnels' socket had no room: the worker was behind. Datagrams"
            + " that it had joined into one count once."),
    DATAGRAM_SHORT("datagram-short", "A datagram shorter than its headers."),
    DATAGRAM_TRUNCATED("datagram-truncated", "A datagram longer than the receive buffer; the kernel cut it."),
    BAD_VERSION("bad-version", "A datagram of another version of the tunnel protocol."),
    BAD_TYPE("bad-type", "A datagram of a type that this version does not know."),
    BAD_RESERVED("bad-reserved", "A datagram with a bit set that must be zero."),
    BAD_HELLO("bad-hello", "A hello with a field out of range, or this side's own hello reflected."),
    UNKNOWN_SESSION("unknown-session", "A datagram that names a session which this side does not have."),
    REPLAYED("replayed", "A datagram whose counter has been seen, or is too old to tell."),

    RECORD_TRUNCATED("record-truncated", "A record that reaches beyond the end of its datagram."),
    RECORD_LENGTH("record-length", "A record whose body is shorter than its kind allows."),
    BAD_RECORD_KIND("bad-record-kind", "A record of a kind that this version does not know."),
    BAD_METADATA("bad-metadata", "A record with an unknown flag, or with metadata that contradicts its body."),
    NOT_OFFERED("not-offered", "A record that needs an offload which this side has not offered."),
    UNKNOWN_LINK("unknown-link", "A record of a link that this tunnel does not carry."),

    FRAGMENT_BOUNDS("fragment-bounds",
        "A fragment that reaches beyond its frame, or whose frame is longer than the longest accepted."),
    FRAGMENT_MISMATCH("fragment-mismatch", "A fragment that contradicts others of its frame on the frame's length."),
    FRAGMENT_OVERLAP("fragment-overlap", "A frame two of whose fragments overlapped."),
    FRAGMENT_EXCESS("fragment-excess", "A frame in more separate pieces than are kept track of."),
    FRAGMENT_EVICTED("fragment-evicted", "An incomplete frame that had to make room for a newer one."),
    FRAGMENT_TIMEOUT("fragment-timeout", "An incomplete frame whose other fragments did not come in time.");

    private static final DropReason[] REASONS = values();

    private final String label;
    private final String meaning;

    DropReason(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    /** By ordinal, without the array copy that {@code values()} makes. */
    public static DropReason of(int ordinal) {
        return REASONS[ordinal];
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
