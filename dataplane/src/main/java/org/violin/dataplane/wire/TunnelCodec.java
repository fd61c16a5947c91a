package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;

/**
 * Datagram headers, hellos and record headers of the tunnel protocol version 1, big-endian; {@code
 * docs/tunnel-protocol.md} is the specification. Headers are written apart from the frames that follow them, as
 * datagrams are sent scatter-gather and a flooded frame is shared by many.
 */
public final class TunnelCodec {
    public static final int VERSION = 1;

    public static final int TYPE_DATA = 1;
    public static final int TYPE_HELLO = 2;
    /** A row of parity: {@link ParityCodec}. */
    public static final int TYPE_PARITY = 3;
    /** The first message of a handshake, and its answer. */
    public static final int TYPE_HANDSHAKE = 4;
    public static final int TYPE_HANDSHAKE_ANSWER = 5;

    public static final int VERSION_TYPE = 0;
    public static final int RECEIVER_INDEX = 4;
    public static final int COUNTER = 8;
    public static final int HEADER_BYTES = 16;
    /** What sealing adds to a datagram, at its end. */
    public static final int TAG_BYTES = 16;

    /** Offsets from the start of the datagram. */
    public static final int HELLO_SENDER_INDEX = 16;
    public static final int HELLO_STATE = 20;
    public static final int HELLO_PARTS = 21;
    public static final int HELLO_RECEIVE_LIMIT = 22;
    public static final int HELLO_TIMESTAMP = 24;
    public static final int HELLO_ECHO = 32;
    public static final int HELLO_HOLD_MICROS = 40;
    public static final int HELLO_CAPABILITIES = 44;
    public static final int HELLO_BYTES = 48;
    /** In {@link #HELLO_PARTS}: a report follows. */
    public static final int HELLO_HAS_REPORT = 1;
    /** In {@link #HELLO_PARTS}: the sender would have it answered at once. */
    public static final int HELLO_ASKS = 2;
    public static final int HELLO_PARTS_KNOWN = HELLO_HAS_REPORT | HELLO_ASKS;
    public static final int HELLO_REPORT_EXPECTED = 48;
    public static final int HELLO_REPORT_RECEIVED = 56;
    public static final int HELLO_REPORT_GAPS = 64;
    public static final int HELLO_REPORT_LATE = 72;
    public static final int HELLO_WITH_REPORT_BYTES = 80;

    /** Every side takes datagrams of this size: what is left of IPv4's 576 bytes after IP and UDP headers. */
    public static final int MIN_RECEIVE_LIMIT = 548;

    public static final int KIND_PADDING = 0;
    public static final int KIND_FRAME = 1;
    public static final int KIND_FRAGMENT = 2;
    public static final int KIND_SUPER_FRAME = 3;

    public static final int RECORD_LINK_ID = 4;
    public static final int RECORD_HEADER_BYTES = 8;

    /** The frame's checksum is partial; {@link #CHECKSUM_BYTES} bytes of metadata follow the record's header. */
    public static final int FLAG_NEEDS_CHECKSUM = 1;
    public static final int CHECKSUM_BYTES = 4;
    public static final int FRAGMENT_BYTES = 8;
    public static final int SUPER_FRAME_BYTES = 8;
    public static final int SUPER_FRAME_RECORD_HEADER_BYTES = RECORD_HEADER_BYTES + CHECKSUM_BYTES + SUPER_FRAME_BYTES;
    /** The longest header of a record that is sent here. */
    public static final int RECORD_HEADERS_MAX_BYTES = RECORD_HEADER_BYTES + CHECKSUM_BYTES + FRAGMENT_BYTES;

    /** What a side can receive, as it tells in its hellos. */
    public static final int CAPABILITY_CHECKSUM = 1;
    public static final int CAPABILITY_SUPER_FRAME = 2;
    public static final int CAPABILITY_PARITY = 4;
    /** Said of what is sent: in the order of its counters, so that what comes late was overtaken on the way. */
    public static final int CAPABILITY_IN_ORDER = 8;

    /** Bodies and frames: a record's length is 16 bits. */
    public static final int MAX_FRAME_BYTES = 65_535;

    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private TunnelCodec() {
    }

    /**
     * Checks the header of a datagram of any origin.
     *
     * @return null if the datagram has a valid header, of a type that this version accepts
     */
    public static DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < HEADER_BYTES) {
            return DropReason.DATAGRAM_SHORT;
        }
        int word = buffer.getInt(offset, ORDER);
        if (word >>> 28 != VERSION) {
            return DropReason.BAD_VERSION;
        }
        int type = word >>> 24 & 0xF;
        if (type < TYPE_DATA || type > TYPE_HANDSHAKE_ANSWER) {
            return DropReason.BAD_TYPE;
        }
        if ((word & 0xFF_FFFF) != 0 || counter(buffer, offset) < 0) {
            return DropReason.BAD_RESERVED;
        }
        return type == TYPE_HELLO && length < HELLO_BYTES ? DropReason.DATAGRAM_SHORT : null;
    }

    public static boolean isHandshake(int type) {
        return type == TYPE_HANDSHAKE || type == TYPE_HANDSHAKE_ANSWER;
    }

    public static int type(DirectBuffer buffer, int offset) {
        return buffer.getByte(offset + VERSION_TYPE) & 0xF;
    }

    public static int receiverIndex(DirectBuffer buffer, int offset) {
        return buffer.getInt(offset + RECEIVER_INDEX, ORDER);
    }

    public static long counter(DirectBuffer buffer, int offset) {
        return buffer.getLong(offset + COUNTER, ORDER);
    }

    /**
     * Whether a frame has a datagram that names a session, over UDP and untagged IPv4, or IPv6 without extensions, as
     * IP stacks send it.
     */
    public static boolean isInFrame(DirectBuffer frame, int offset, int length, int receiverIndex) {
        int header = Layers.udpPayload(frame, offset, length);
        return header != 0 && length >= header + HEADER_BYTES
            && (frame.getByte(offset + header + VERSION_TYPE) & 0xF0) >>> 4 == VERSION
            && receiverIndex(frame, offset + header) == receiverIndex;
    }

    /** Writes {@link #HEADER_BYTES} bytes. */
    public static void writeHeader(MutableDirectBuffer buffer, int offset, int type, int receiverIndex,
        long counter) {
        buffer.putInt(offset, (VERSION << 4 | type) << 24, ORDER);
        buffer.putInt(offset + RECEIVER_INDEX, receiverIndex, ORDER);
        buffer.putLong(offset + COUNTER, counter, ORDER);
    }

    /** Writes the counter of a header that is there. */
    public static void writeCounter(MutableDirectBuffer buffer, int offset, long counter) {
        buffer.putLong(offset + COUNTER, counter, ORDER);
    }

    /** Bytes of header of a record whose body is a whole frame. */
    public static int frameRecordHeaderBytes(long offload) {
        return RECORD_HEADER_BYTES + (Offload.needsChecksum(offload) ? CHECKSUM_BYTES : 0);
    }

    /** Bytes of header of a record whose body is a part of a frame. */
    public static int fragmentRecordHeaderBytes(long offload) {
        return frameRecordHeaderBytes(offload) + FRAGMENT_BYTES;
    }

    /**
     * Writes the header of a record whose body is a whole frame, {@link #frameRecordHeaderBytes} long.
     *
     * @param offload the frame's; no super-frame's
     */
    public static void writeFrameRecord(MutableDirectBuffer buffer, int offset, int linkId, int bodyLength,
        long offload) {
        writeRecord(buffer, offset, linkId, KIND_FRAME, bodyLength, offload);
    }

    /**
     * Writes the header of a record whose body is a part of a frame, {@link #fragmentRecordHeaderBytes} long.
     *
     * @param frameId        the same for all parts of the frame, another for the tunnel's next frame in parts
     * @param fragmentOffset where in the frame the body goes
     * @param frameLength    of the whole frame
     * @param offload        the frame's, if this is its first part
     */
    public static void writeFragmentRecord(MutableDirectBuffer buffer, int offset, int linkId, int frameId,
        int fragmentOffset, int frameLength, int bodyLength, long offload) {
        int extension = writeRecord(buffer, offset, linkId, KIND_FRAGMENT, bodyLength, offload);
        buffer.putInt(extension, frameId, ORDER);
        buffer.putInt(extension + 4, fragmentOffset << 16 | frameLength, ORDER);
    }

    /**
     * Writes the header of a record whose body is a super-frame, {@link #SUPER_FRAME_RECORD_HEADER_BYTES} long.
     *
     * @param headerBytes of the frame: all of its headers
     */
    public static void writeSuperFrameRecord(MutableDirectBuffer buffer, int offset, int linkId, int bodyLength,
        int headerBytes, long offload) {
        int extension = writeRecord(buffer, offset, linkId, KIND_SUPER_FRAME, bodyLength, offload);
        buffer.putInt(extension, Offload.gsoType(offload) << 24 | headerBytes, ORDER);
        buffer.putInt(extension + 4, Offload.gsoSize(offload) << 16, ORDER);
    }

    /** Returns where the record's extension begins. */
    private static int writeRecord(MutableDirectBuffer buffer, int offset, int linkId, int kind, int bodyLength,
        long offload) {
        int metadata = offset + RECORD_HEADER_BYTES;
        boolean partial = Offload.needsChecksum(offload);
        buffer.putInt(offset, bodyLength << 16 | kind << 8 | (partial ? FLAG_NEEDS_CHECKSUM : 0), ORDER);
        buffer.putInt(offset + RECORD_LINK_ID, linkId, ORDER);
        if (!partial) {
            return metadata;
        }
        buffer.putInt(metadata, Offload.checksumStart(offload) << 16 | Offload.checksumOffset(offload), ORDER);
        return metadata + CHECKSUM_BYTES;
    }
}
