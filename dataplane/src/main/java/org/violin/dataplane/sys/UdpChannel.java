package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.wire.Segmenter;
import org.violin.dataplane.wire.TunnelCodec;

/** A UDP socket: datagrams taken from an intake, and sent from parts, cut by UDP_SEGMENT. */
final class UdpChannel implements DatagramChannel {
    /** Datagrams of one message, and bytes of all (UDP_MAX_SEGMENTS of kernels before 6.9; IPv4's longest payload). */
    private static final int SEGMENTS_MAX = 64;
    private static final int MESSAGE_PAYLOAD_MAX = 65_507;

    private final int fd;
    private final DatagramIntake intake;
    private final Gather gather = new Gather();
    private final boolean joins;
    /** Until the kernel refuses. */
    private volatile boolean segments;
    private long overflows;
    private boolean closed;

    /** Of the datagram that is being made. */
    private int datagramBytes;
    /** Of the last message: where it goes (null: it is closed), its datagrams' size, their number, bytes of all. */
    private Endpoint destination;
    private Aead seal;
    private FecEncoder fec;
    private int segmentBytes;
    private int segmentCount;
    private int messageBytes;

    UdpChannel(int fd, DatagramIntake intake) {
        this.fd = fd;
        this.intake = intake;
        int offload = Native.udpOffload(fd);
        segments = (offload & Layout.UDP_SEGMENT) != 0;
        joins = (offload & Layout.UDP_GRO) != 0;
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        return intake.receive(pool, batch);
    }

    @Override
    public int segmentBytes(int index) {
        return intake.segmentBytes(index);
    }

    @Override
    public boolean isTruncated(int index) {
        return intake.isTruncated(index);
    }

    @Override
    public boolean isFrom(int index, Endpoint endpoint) {
        return intake.isFrom(index, endpoint);
    }

    @Override
    public boolean isFromHost(int index, Endpoint endpoint) {
        return intake.isFromHost(index, endpoint);
    }

    @Override
    public Endpoint source(int index) {
        return intake.source(index);
    }

    @Override
    public long sourceKey(int index) {
        return intake.sourceKey(index);
    }

    @Override
    public boolean hasRoom(int newParts, int newHeaderBytes) {
        return gather.hasRoom(newParts, newHeaderBytes);
    }

    @Override
    public MutableDirectBuffer headers() {
        return gather.headers();
    }

    @Override
    public int claimHeader(int bytes) {
        datagramBytes += bytes;
        return gather.claimHeader(bytes);
    }

    @Override
    public void addPayload(MutableDirectBuffer storage, int offset, int length) {
        datagramBytes += length;
        gather.addPart(storage.addressOffset() + offset, length);
    }

    @Override
    public int end(Endpoint to, Aead with, FecEncoder by) {
        int bytes = datagramBytes;
        int sentBytes = bytes + (with == null ? 0 : TunnelCodec.TAG_BYTES);
        datagramBytes = 0;
        boolean joined = destination == to && seal == with && fec == by
            && bytes <= segmentBytes && segmentCount < SEGMENTS_MAX && messageBytes + sentBytes <= MESSAGE_PAYLOAD_MAX
            && gather.messageParts(gather.messageCount() - 1) + gather.openParts() <= Layout.PARTS_MAX;
        if (!joined) {
            destination = segments ? to : null;
            seal = with;
            fec = by;
            segmentBytes = bytes;
            segmentCount = 1;
            messageBytes = sentBytes;
            return gather.endMessage(to, with, by);
        }
        segmentCount++;
        messageBytes += sentBytes;
        if (bytes < segmentBytes) {
            destination = null;
        }
        return gather.joinMessage(segmentBytes);
    }

    @Override
    public boolean cuts() {
        return segments;
    }

    @Override
    public int datagramsMax(int bytes) {
        return Math.clamp(MESSAGE_PAYLOAD_MAX / bytes, 1, SEGMENTS_MAX);
    }

    @Override
    public int claimTemplate(int bytes) {
        return gather.claimTemplate(bytes);
    }

    @Override
    public int endCut(Endpoint to, Aead with, FecEncoder by, int template, int frame, Segmenter segmenter,
        int payloadFrom, int cutBytes) {
        int payloadBytes = datagramBytes;
        datagramBytes = 0;
        destination = null;
        Cut.write(gather.headers(), template - Layout.CUT_BYTES, frame, segmenter, payloadFrom, payloadBytes, cutBytes);
        return gather.endCut(to, with, by, frame + segmenter.headerBytes() + cutBytes);
    }

    @Override
    public void flush() {
        int count = gather.messageCount();
        Native.udpSend(fd, gather.partsAddress(), gather.messagesAddress(), count);
        for (int i = 0; i < count; i++) {
            if (gather.status(i) == Layout.UNSEGMENTED) {
                segments = false;
            }
        }
        gather.reset();
        destination = null;
    }

    @Override
    public int status(int message) {
        return Math.min(gather.status(message), 0);
    }

    @Override
    public String offloads() {
        return segments ? joins ? "gso gro" : "gso" : joins ? "gro" : "";
    }

    @Override
    public long takeOverflows() {
        long total = Native.udpOverflows(fd);
        long fresh = (total - overflows) & 0xFFFF_FFFFL;
        overflows = total;
        return fresh;
    }

    @Override
    public long takeRefusals() {
        return intake.takeRefusals();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            intake.close();
            Native.close(fd);
            gather.close();
        }
    }
}
