package org.violin.dataplane.wire;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;

/**
 * A cursor over the records of one datagram. {@link #next} steps to a record and validates it whole, so that what the
 * getters then say is in bounds and agrees with itself. At the first bad record it stops for good: the records before
 * it stand, the rest of the datagram is dropped for {@link #error}. A reader is used again by {@link #wrap}; it is of
 * one thread, allocates nothing and throws nothing, whatever the bytes are.
 *
 * <pre>{@code
 * reader.wrap(buffer, recordsOffset, recordsLength);
 * while (reader.next()) { ... }
 * if (reader.error() != null) { drops.increment(reader.error()); }
 * }</pre>
 */
public final class RecordReader {
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private final int capabilities;
    private DirectBuffer buffer;
    private int position;
    private int limit;
    private DropReason error;

    private int kind;
    private int flags;
    private int linkId;
    private int bodyOffset;
    private int bodyLength;
    private int checksumStart;
    private int checksumOffset;
    private int frameId;
    private int fragmentOffset;
    private int frameLength;
    private int gsoType;
    private int gsoHeaderLength;
    private int gsoSize;
    private long offload;

    /** @param capabilities what this side has offered to receive: {@code TunnelCodec.CAPABILITY_...} bits */
    public RecordReader(int capabilities) {
        this.capabilities = capabilities;
    }

    /** @param offset of the first record, behind the datagram's header */
    public void wrap(DirectBuffer buffer, int offset, int length) {
        this.buffer = buffer;
        position = offset;
        limit = offset + length;
        error = null;
    }

    /** Steps to the next record; false at the end of the datagram, and at a record that is not valid. */
    public boolean next() {
        int remaining = limit - position;
        if (remaining < TunnelCodec.RECORD_HEADER_BYTES) {
            return remaining != 0 && endsInPadding();
        }
        int word = buffer.getInt(position, ORDER);
        bodyLength = word >>> 16;
        kind = word >>> 8 & 0xFF;
        flags = word & 0xFF;
        linkId = buffer.getInt(position + TunnelCodec.RECORD_LINK_ID, ORDER);
        if (kind == TunnelCodec.KIND_PADDING) {
            return end((word | linkId) == 0 ? null : DropReason.BAD_RECORD_KIND);
        }
        if (kind > TunnelCodec.KIND_SUPER_FRAME) {
            return end(DropReason.BAD_RECORD_KIND);
        }
        int metadata = position + TunnelCodec.RECORD_HEADER_BYTES;
        int checksumBytes = needsChecksum() ? TunnelCodec.CHECKSUM_BYTES : 0;
        bodyOffset = metadata + checksumBytes + extensionBytes();
        if (bodyOffset + bodyLength > limit) {
            return end(DropReason.RECORD_TRUNCATED);
        }
        DropReason bad = readExtension(metadata + checksumBytes);
        if (bad == null) {
            bad = readFlags(metadata);
        }
        if (bad == null) {
            bad = readOffload();
        }
        if (bad != null) {
            return end(bad);
        }
        position = bodyOffset + bodyLength;
        return true;
    }

    /** Fewer bytes than a record's header can only be padding, which is zero. */
    private boolean endsInPadding() {
        while (position < limit) {
            if (buffer.getByte(position++) != 0) {
                return end(DropReason.RECORD_TRUNCATED);
            }
        }
        return false;
    }

    private boolean end(DropReason reason) {
        error = reason;
        position = limit;
        return false;
    }

    private int extensionBytes() {
        return switch (kind) {
            case TunnelCodec.KIND_FRAGMENT -> TunnelCodec.FRAGMENT_BYTES;
            case TunnelCodec.KIND_SUPER_FRAME -> TunnelCodec.SUPER_FRAME_BYTES;
            default -> 0;
        };
    }

    private DropReason readExtension(int offset) {
        return switch (kind) {
            case TunnelCodec.KIND_FRAGMENT -> readFragment(offset);
            case TunnelCodec.KIND_SUPER_FRAME -> readSuperFrame(offset);
            default -> {
                frameLength = bodyLength;
                yield bodyLength < Ethernet.HEADER_BYTES ? DropReason.RECORD_LENGTH : null;
            }
        };
    }

    private DropReason readFragment(int offset) {
        frameId = buffer.getInt(offset, ORDER);
        int word = buffer.getInt(offset + 4, ORDER);
        fragmentOffset = word >>> 16;
        frameLength = word & 0xFFFF;
        if (bodyLength == 0) {
            return DropReason.RECORD_LENGTH;
        }
        boolean inside = fragmentOffset + bodyLength <= frameLength && frameLength >= Ethernet.HEADER_BYTES;
        return inside ? null : DropReason.FRAGMENT_BOUNDS;
    }

    private DropReason readSuperFrame(int offset) {
        int word = buffer.getInt(offset, ORDER);
        gsoType = word >>> 24;
        gsoHeaderLength = word & 0xFFFF;
        int sizeWord = buffer.getInt(offset + 4, ORDER);
        gsoSize = sizeWord >>> 16;
        frameLength = bodyLength;
        if ((capabilities & TunnelCodec.CAPABILITY_SUPER_FRAME) == 0) {
            return DropReason.NOT_OFFERED;
        }
        if (bodyLength < Ethernet.HEADER_BYTES) {
            return DropReason.RECORD_LENGTH;
        }
        boolean reservedSet = (word & 0xFF_0000) != 0 || (sizeWord & 0xFFFF) != 0;
        return !reservedSet && gsoType != 0 && needsChecksum() ? null : DropReason.BAD_METADATA;
    }

    /** A checksum is of the whole frame: of a frame in fragments, the one at offset 0 carries it, and no other. */
    private DropReason readFlags(int offset) {
        if ((flags & ~TunnelCodec.FLAG_NEEDS_CHECKSUM) != 0) {
            return DropReason.BAD_METADATA;
        }
        if (!needsChecksum()) {
            return null;
        }
        if ((capabilities & TunnelCodec.CAPABILITY_CHECKSUM) == 0) {
            return DropReason.NOT_OFFERED;
        }
        int word = buffer.getInt(offset, ORDER);
        checksumStart = word >>> 16;
        checksumOffset = word & 0xFFFF;
        boolean inFrame = checksumStart >= Ethernet.HEADER_BYTES
            && checksumStart + checksumOffset + 2 <= Math.min(frameLength, Layers.MAX_HEADER_BYTES);
        boolean atStart = kind != TunnelCodec.KIND_FRAGMENT || fragmentOffset == 0;
        return inFrame && atStart ? null : DropReason.BAD_METADATA;
    }

    /** Holds a super-frame to its own headers, so that whoever gets it can cut it with no further check. */
    private DropReason readOffload() {
        offload = needsChecksum() ? Offload.checksum(checksumStart, checksumOffset) : Offload.NONE;
        if (kind != TunnelCodec.KIND_SUPER_FRAME) {
            return null;
        }
        long layers = Layers.parse(buffer, bodyOffset, bodyLength);
        if (layers == Layers.NONE || Layers.headerBytes(layers) != gsoHeaderLength) {
            return DropReason.BAD_METADATA;
        }
        offload = OffloadCheck.check(buffer, bodyOffset, bodyLength, gsoType, gsoSize, checksumStart, checksumOffset);
        return offload == OffloadCheck.BAD ? DropReason.BAD_METADATA : null;
    }

    /** Why {@link #next} stopped before the datagram's end; null if it did not. */
    public DropReason error() {
        return error;
    }

    public int kind() {
        return kind;
    }

    public int linkId() {
        return linkId;
    }

    public boolean needsChecksum() {
        return (flags & TunnelCodec.FLAG_NEEDS_CHECKSUM) != 0;
    }

    public int bodyOffset() {
        return bodyOffset;
    }

    public int bodyLength() {
        return bodyLength;
    }

    /** The whole frame's length; for a frame or super-frame, the body's. */
    public int frameLength() {
        return frameLength;
    }

    /**
     * What the frame's sender has left undone, of a frame, a first fragment or a super-frame. One that has a single
     * segment is told as the frame that it is.
     */
    public long offload() {
        return offload;
    }

    /** Where in the frame the checksum starts to sum. Only if {@link #needsChecksum}. */
    public int checksumStart() {
        return checksumStart;
    }

    /** Where the checksum is stored, from its start. Only if {@link #needsChecksum}. */
    public int checksumOffset() {
        return checksumOffset;
    }

    /** Fragments only. */
    public int frameId() {
        return frameId;
    }

    /** Fragments only: where in the frame the body goes. */
    public int fragmentOffset() {
        return fragmentOffset;
    }
}
