package org.violin.dataplane.counters;

/**
 * Why a frame, a datagram or a record was dropped. Every drop is counted under exactly one reason, where it happened.
 */
public enum DropReason implements Documented {
    RUNT("A frame shorter than an Ethernet header (14 bytes)."),
    OVERSIZED("A frame longer than the longest that the dataplane carries."),
    BAD_OFFLOAD("A frame that contradicts what its sender says of its checksum or of how it is to be cut."),
    NO_BUFFER("The frame pool was exhausted when the frame came in."),
    EGRESS_FULL("The device or socket had no room for the frame (EAGAIN)."),
    EGRESS_ERROR("The kernel refused to send, with an error other than having no room."),
    OVER_MTU("A frame, or a segment of a super-frame, longer than the MTU of the interface it was to leave by."),
    NOT_CONNECTED("The frame's port has no guest connected to it, or no device behind it."),

    SOURCE_MULTICAST("A frame whose source address is a group address, which no station has."),
    SOURCE_ZERO("A frame whose source address is 00:00:00:00:00:00, which no station has."),
    LINK_LOCAL_RESERVED("A frame to 01-80-C2-00-00-01 to -0F, which bridges never forward (IEEE 802.1Q, table 8-1)."),
    HAIRPIN("A frame to a station on the port that it came from: the station has it already."),
    NO_EGRESS("The bridge has no other port that the frame could leave by."),
    NO_MEMBER("A frame to a group that nobody behind another port has joined."),
    REPORT_KEPT("A report of memberships that the switch has read, and no other port with a multicast router wants."),
    BAD_REPORT("A message of IGMP or MLD that breaks its RFC: checksum, lengths, hop limit or source."),

    BPDU_GUARD("A frame to 01-80-C2-00-00-00 to -0F, as bridges send them, from a port where none is to be."),
    UNDECLARED_MAC("A frame from a MAC address that its port may not use."),
    UNDECLARED_IP("A packet from an IP address that its port may not use, or one whose source cannot be told."),
    UNDECLARED_NEIGHBOUR("A message of ARP or neighbour discovery that claims an address which its port may not use."),
    STORM_BROADCAST("A broadcast frame beyond the rate that its port has for them."),
    STORM_MULTICAST("A multicast frame beyond the rate that its port has for them."),
    STORM_UNKNOWN("A frame to a station that is not known, beyond the rate that its port has for them."),

    IMPAIR_LOSS("A frame that link emulation has lost, as it was told to."),
    IMPAIR_QUEUE("A frame that found the queue of an emulated line full, or the memory for frames under way."),
    IMPAIR_DOWN("A frame for a line that link emulation keeps down."),

    TOO_BIG("A packet that is not to be fragmented and too long for the link's tunnel; its sender is told, so many"
        + " times a second."),
    TUNNEL_DOWN("A frame for, or a datagram of, a tunnel that is not established."),
    OWN_DATAGRAM("A frame with a datagram of the tunnel that it was to go through: the route to the peer leads into the"
        + " network that the tunnel carries."),
    WRONG_SOURCE("A datagram from an address that is no tunnel's peer, or not that of the port."),
    RECEIVE_OVERFLOW("A datagram or frame that the kernel dropped because the socket it came to had no room: the worker"
        + " was behind. Those that it had joined into one count once."),
    BAD_ENCAPSULATION("A datagram for a VXLAN or L2TPv3 port without the flag or version that it must have, or with a"
        + " control message of L2TP's."),
    OTHER_SESSION("A datagram for a VXLAN or L2TPv3 port with another VNI or session id than the port's."),
    WRONG_COOKIE("A datagram for an L2TPv3 port with another cookie than the port's."),
    PEER_REFUSED("A frame that was sent to a VXLAN or L2TPv3 peer whose host says that nobody listens there, or that"
        + " was to be sent when the answer came."),

    DATAGRAM_SHORT("A datagram shorter than its headers."),
    DATAGRAM_TRUNCATED("A datagram longer than the receive buffer; the kernel cut it."),
    BAD_VERSION("A datagram of another version of the tunnel protocol."),
    BAD_TYPE("A datagram of a type that this version does not know."),
    BAD_RESERVED("A datagram with a bit set that must be zero."),
    BAD_HELLO("A hello with a field out of range, or this side's own hello reflected."),
    UNKNOWN_SESSION("A datagram that names a session which this side does not have."),
    REPLAYED("A datagram whose counter has been seen, or is too old to tell."),
    NOT_AUTHENTIC("A datagram that was not sealed with the session's key, or has been changed on its way."),
    HANDSHAKE_OVERFLOW("A handshake that came while as many as are kept were waiting to be looked at."),

    BAD_PARITY("A datagram of parity whose header contradicts itself or what it protects."),
    LOST("A datagram that did not come, and that forward error correction had too little parity to bring back."),

    RECORD_TRUNCATED("A record that reaches beyond the end of its datagram."),
    RECORD_LENGTH("A record whose body is shorter than its kind allows."),
    BAD_RECORD_KIND("A record of a kind that this version does not know."),
    BAD_METADATA("A record with an unknown flag, or with metadata that contradicts its body."),
    NOT_OFFERED("A record that needs an offload which this side has not offered."),
    UNKNOWN_LINK("A record of a link that this tunnel does not carry."),

    FRAGMENT_BOUNDS("A fragment that reaches beyond its frame, or whose frame is longer than the longest accepted."),
    FRAGMENT_MISMATCH("A fragment that contradicts others of its frame on the frame's length."),
    FRAGMENT_OVERLAP("A frame two of whose fragments overlapped."),
    FRAGMENT_EXCESS("A frame in more separate pieces than are kept track of."),
    FRAGMENT_EVICTED("An incomplete frame that had to make room for a newer one."),
    FRAGMENT_TIMEOUT("An incomplete frame whose other fragments did not come in time.");

    private static final DropReason[] REASONS = values();

    private final String meaning;

    DropReason(String meaning) {
        this.meaning = meaning;
    }

    /** By ordinal, without the array copy that {@code values()} makes. */
    public static DropReason of(int ordinal) {
        return REASONS[ordinal];
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
