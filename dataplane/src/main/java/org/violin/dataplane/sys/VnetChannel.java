package org.violin.dataplane.sys;

import java.util.function.IntSupplier;
import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.Coalescer;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.Layers;
import org.violin.dataplane.wire.OffloadCheck;

/**
 * The descriptor of a TAP device or a packet socket. Behind each frame's virtio-net header the kernel leaves checksums
 * and the cutting of super-frames to others, and takes the same from here: consecutive frames of a flow go out as one
 * super-frame. A kernel that does not know super-frames of UDP, as before Linux 6.2, gets their datagrams instead.
 */
final class VnetChannel extends IntakeChannel {
    private static final int HEADER_ROOM_BYTES = OffloadCheck.HEADER_BYTES + Layers.MAX_HEADER_BYTES;
    /** More than any frame has. */
    private static final int NO_LIMIT = 1 << 20;

    private final Coalescer coalescer;
    private final boolean takesUdp;
    private final IntSupplier mtu;

    private VnetChannel(int fd, boolean takesUdp, IntSupplier mtu, FrameIntake intake) {
        super(fd, intake);
        this.mtu = mtu;
        this.takesUdp = takesUdp;
        coalescer = new Coalescer(takesUdp);
    }

    /** @param offload what the device does, as {@link Layout#TAP_CHECKSUM} and its neighbours say */
    static VnetChannel ofTap(int fd, int offload, FrameIntake intake) {
        return new VnetChannel(fd, (offload & Layout.TAP_UDP) != 0, () -> NO_LIMIT, intake);
    }

    /**
     * Before Linux 6.2 a packet socket takes no super-frames of UDP, and does not tell: it gets none.
     *
     * @param mtu of the interface; no frame that it would have to send may be longer
     */
    static VnetChannel ofPacket(int fd, IntSupplier mtu, FrameIntake intake) {
        return new VnetChannel(fd, false, mtu, intake);
    }

    @Override
    int headerBytes() {
        return OffloadCheck.HEADER_BYTES;
    }

    @Override
    DropReason take(FramePool pool, FrameBatch batch, int slot, int offset, int length) {
        int frame = offset + OffloadCheck.HEADER_BYTES;
        int frameLength = length - OffloadCheck.HEADER_BYTES;
        if (frameLength < Ethernet.HEADER_BYTES) {
            return DropReason.RUNT;
        }
        long offload = OffloadCheck.read(pool.storage(), offset, frameLength);
        if (offload == OffloadCheck.BAD) {
            return DropReason.BAD_OFFLOAD;
        }
        if (frameLength > Ethernet.MAX_FRAME_BYTES && !Offload.isSuperFrame(offload)) {
            return DropReason.OVERSIZED;
        }
        batch.add(slot, frame, frameLength, offload);
        return null;
    }

    @Override
    void gather(FramePool pool, FrameBatch batch, PortCounters counters) {
        int longest = Ethernet.HEADER_BYTES + mtu.getAsInt();
        int count = batch.count();
        int index = 0;
        while (index < count) {
            int first = index++;
            if (batch.lengths()[first] > longest && isTooLong(pool.storage(), batch, first, longest)) {
                counters.dropped(DropReason.OVER_MTU, 1);
                continue;
            }
            if (!takesUdp && Offload.gsoType(batch.offloads()[first]) == Offload.UDP) {
                gatherPlain(pool.storage(), batch.offsets()[first], batch.lengths()[first], batch.offloads()[first],
                    counters);
                continue;
            }
            boolean begun = coalescer.begin(
                pool.storage(), batch.offsets()[first], batch.lengths()[first], batch.offloads()[first]);
            if (begun) {
                while (index < count && coalescer.append(
                    batch.offsets()[index], batch.lengths()[index], batch.offloads()[index])) {
                    index++;
                }
            }
            if (!gather.hasRoom(index - first + 1, HEADER_ROOM_BYTES)) {
                flush(counters);
            }
            if (index - first == 1) {
                gatherFrame(pool, batch, first);
            } else {
                gatherRun(pool, batch, first, index);
            }
        }
    }

    /** Of a super-frame it is the segments that count, which the kernel would hand to the driver however long. */
    private static boolean isTooLong(DirectBuffer storage, FrameBatch batch, int index, int longest) {
        int offset = batch.offsets()[index];
        int length = batch.lengths()[index];
        long offload = batch.offloads()[index];
        int bytes = Offload.isSuperFrame(offload)
            ? Layers.headerBytes(Layers.parse(storage, offset, length)) + Offload.gsoSize(offload) : length;
        return bytes > longest + (Ethernet.hasVlanTag(storage, offset) ? Ethernet.VLAN_TAG_BYTES : 0);
    }

    private void gatherFrame(FramePool pool, FrameBatch batch, int index) {
        int length = batch.lengths()[index];
        int header = gather.claimHeader(OffloadCheck.HEADER_BYTES);
        OffloadCheck.writeHeader(gather.headers(), header, batch.offloads()[index], 0);
        gather.addPart(pool.storage().addressOffset() + batch.offsets()[index], length);
        end(1, length);
    }

    /** Frames {@code from} up to, not with, {@code to} as one: their payload follows one set of headers. */
    private void gatherRun(FramePool pool, FrameBatch batch, int from, int to) {
        int headerBytes = coalescer.headerBytes();
        int header = gather.claimHeader(OffloadCheck.HEADER_BYTES + headerBytes);
        OffloadCheck.writeHeader(gather.headers(), header, coalescer.offload(), headerBytes);
        coalescer.writeHeaders(gather.headers(), header + OffloadCheck.HEADER_BYTES);
        long storage = pool.storage().addressOffset();
        int bytes = 0;
        for (int i = from; i < to; i++) {
            gather.addPart(storage + batch.offsets()[i] + headerBytes, batch.lengths()[i] - headerBytes);
            bytes += batch.lengths()[i];
        }
        end(to - from, bytes);
    }

    @Override
    void write(long parts, long messages, int count) {
        Native.tapWrite(fd, parts, messages, count);
    }
}
