package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;

/** A UDP socket's descriptor under epoll: recvmmsg and sendmmsg, with scatter-gather, UDP_SEGMENT and UDP_GRO. */
final class UdpChannel implements DatagramChannel {
    /** Datagrams of one message, and bytes of all (UDP_MAX_SEGMENTS of kernels before 6.9; IPv4's longest payload). */
    private static final int SEGMENTS_MAX = 64;
    private static final int MESSAGE_PAYLOAD_MAX = 65_507;

    /** Buffers of joined datagrams to take at once, so that they are still in cache when they are passed on. */
    private static final int LARGE_BUFFERS = 4;
    private static final int SMALL_BUFFER_BYTES = 8192;

    private final Poller poller;
    private final int fd;
    private final OffHeap receivedMemory = OffHeap.map((long) Layout.BATCH_MAX * Layout.RECEIVED_BYTES);
    private final UnsafeBuffer received = receivedMemory.buffer();
    private final Gather gather = new Gather();
    private final boolean joins;
    private boolean segments;
    private int wanted = RECEIVE_MAX;
    private long overflows;
    private boolean closed;

    /** Of the datagram that is being made. */
    private int datagramBytes;
    /** Of the last message: where it goes (null: it is closed), its datagrams' size, their number, bytes of all. */
    private Endpoint destination;
    private int segmentBytes;
    private int segmentCount;
    private int messageBytes;

    UdpChannel(Poller poller, int fd) {
        this.poller = poller;
        this.fd = fd;
        int offload = Native.udpOffload(fd);
        segments = (offload & Layout.UDP_SEGMENT) != 0;
        joins = (offload & Layout.UDP_GRO) != 0;
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        int room = claim(pool, batch);
        if (room == 0) {
            return -1;
        }
        int count = Math.max(Native.udpReceive(fd, receivedMemory.address(), room), 0);
        int[] slots = batch.slots();
        int bytes = 0;
        batch.clear();
        for (int i = 0; i < count; i++) {
            int length = received.getInt(slice(i) + Layout.SLICE_LENGTH);
            batch.add(slots[i], pool.offset(slots[i]), length, Offload.NONE);
            bytes += length;
        }
        for (int i = room - 1; i >= count; i--) {
            pool.release(slots[i]);
        }
        wanted = bytes > count * SMALL_BUFFER_BYTES ? LARGE_BUFFERS : RECEIVE_MAX;
        return count;
    }

    /** Fills the batch with free slots and the native array with where they are; returns how many. */
    private int claim(FramePool pool, FrameBatch batch) {
        long storage = pool.storage().addressOffset();
        for (int i = 0; i < wanted; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                return i;
            }
            batch.slots()[i] = slot;
            received.putLong(slice(i) + Layout.SLICE_ADDRESS, storage + pool.offset(slot));
            received.putInt(slice(i) + Layout.SLICE_LENGTH, pool.slotBytes());
        }
        return wanted;
    }

    private static int slice(int index) {
        return index * Layout.RECEIVED_BYTES + Layout.RECEIVED_SLICE;
    }

    private static int source(int index) {
        return index * Layout.RECEIVED_BYTES + Layout.RECEIVED_SOURCE;
    }

    @Override
    public int segmentBytes(int index) {
        int bytes = received.getInt(index * Layout.RECEIVED_BYTES + Layout.RECEIVED_SEGMENT_BYTES);
        return bytes > 0 ? bytes : received.getInt(slice(index) + Layout.SLICE_LENGTH);
    }

    @Override
    public boolean isTruncated(int index) {
        return received.getInt(slice(index) + Layout.SLICE_STATUS) == Layout.TRUNCATED;
    }

    @Override
    public boolean isFrom(int index, Endpoint endpoint) {
        return endpoint.isAt(received, source(index));
    }

    @Override
    public long sourceKey(int index) {
        return Endpoint.keyAt(received, source(index));
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
    public int end(Endpoint to) {
        int bytes = datagramBytes;
        datagramBytes = 0;
        boolean joined = destination == to && bytes <= segmentBytes && segmentCount < SEGMENTS_MAX
            && messageBytes + bytes <= MESSAGE_PAYLOAD_MAX
            && gather.messageParts(gather.messageCount() - 1) + gather.openParts() <= Layout.PARTS_MAX;
        if (!joined) {
            destination = segments ? to : null;
            segmentBytes = bytes;
            segmentCount = 1;
            messageBytes = bytes;
            return gather.endMessage(to);
        }
        segmentCount++;
        messageBytes += bytes;
        if (bytes < segmentBytes) {
            destination = null;
        }
        return gather.joinMessage(segmentBytes);
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
    public void close() {
        if (!closed) {
            closed = true;
            poller.unwatch(fd);
            Native.close(fd);
            gather.close();
            receivedMemory.close();
        }
    }
}
