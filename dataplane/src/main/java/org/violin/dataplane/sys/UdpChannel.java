package org.violin.dataplane.sys;

import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/** A UDP socket's descriptor under epoll: recvmmsg and sendmmsg, with scatter-gather. */
final class UdpChannel implements DatagramChannel {
    /** Headers of a full batch: each datagram's own and one for each of its records. */
    private static final int HEADER_ARENA_BYTES = Layout.PARTS_MAX * 32;

    private final Poller poller;
    private final int fd;
    private final OffHeap receivedMemory = OffHeap.map((long) Layout.BATCH_MAX * Layout.RECEIVED_BYTES);
    private final OffHeap datagramMemory = OffHeap.map((long) Layout.BATCH_MAX * Layout.DATAGRAM_BYTES);
    private final OffHeap partMemory = OffHeap.map((long) Layout.PARTS_MAX * Layout.PART_BYTES);
    private final OffHeap headerMemory = OffHeap.map(HEADER_ARENA_BYTES);
    private final UnsafeBuffer received = receivedMemory.buffer();
    private final UnsafeBuffer datagrams = datagramMemory.buffer();
    private final UnsafeBuffer parts = partMemory.buffer();
    private int datagramCount;
    private int partCount;
    private int firstPart;
    private int headerBytes;
    private long overflows;
    private boolean closed;

    UdpChannel(Poller poller, int fd) {
        this.poller = poller;
        this.fd = fd;
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        int room = claim(pool, batch);
        if (room == 0) {
            return -1;
        }
        int count = Math.max(Native.udpReceive(fd, receivedMemory.address(), room), 0);
        int[] slots = batch.slots();
        batch.clear();
        for (int i = 0; i < count; i++) {
            int length = received.getInt(slice(i) + Layout.SLICE_LENGTH);
            batch.add(slots[i], pool.offset(slots[i]), length);
        }
        for (int i = count; i < room; i++) {
            pool.release(slots[i]);
        }
        return count;
    }

    /** Fills the batch with free slots and the native array with where they are; returns how many. */
    private int claim(FramePool pool, FrameBatch batch) {
        long storage = pool.storage().addressOffset();
        for (int i = 0; i < FrameBatch.CAPACITY; i++) {
            int slot = pool.claim();
            if (slot == FramePool.NONE) {
                return i;
            }
            batch.slots()[i] = slot;
            received.putLong(slice(i) + Layout.SLICE_ADDRESS, storage + pool.offset(slot));
            received.putInt(slice(i) + Layout.SLICE_LENGTH, pool.slotBytes());
        }
        return FrameBatch.CAPACITY;
    }

    private static int slice(int index) {
        return index * Layout.RECEIVED_BYTES + Layout.RECEIVED_SLICE;
    }

    private static int source(int index) {
        return index * Layout.RECEIVED_BYTES + Layout.RECEIVED_SOURCE;
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
        return datagramCount < Layout.BATCH_MAX
            && partCount + newParts <= Layout.PARTS_MAX
            && headerBytes + newHeaderBytes <= HEADER_ARENA_BYTES;
    }

    @Override
    public MutableDirectBuffer headers() {
        return headerMemory.buffer();
    }

    @Override
    public int claimHeader(int bytes) {
        int offset = headerBytes;
        headerBytes += bytes;
        addPart(headerMemory.address() + offset, bytes);
        return offset;
    }

    @Override
    public void addPayload(MutableDirectBuffer storage, int offset, int length) {
        addPart(storage.addressOffset() + offset, length);
    }

    private void addPart(long address, int length) {
        int part = partCount++ * Layout.PART_BYTES;
        parts.putLong(part + Layout.PART_ADDRESS, address);
        parts.putLong(part + Layout.PART_LENGTH, length);
    }

    @Override
    public void end(Endpoint destination) {
        int datagram = datagramCount++ * Layout.DATAGRAM_BYTES;
        destination.put(datagrams, datagram + Layout.DATAGRAM_DESTINATION);
        datagrams.putInt(datagram + Layout.DATAGRAM_PART_COUNT, partCount - firstPart);
        firstPart = partCount;
    }

    @Override
    public int pending() {
        return datagramCount;
    }

    @Override
    public void flush() {
        Native.udpSend(fd, partMemory.address(), datagramMemory.address(), datagramCount);
        datagramCount = 0;
        partCount = 0;
        firstPart = 0;
        headerBytes = 0;
    }

    @Override
    public int status(int index) {
        return datagrams.getInt(index * Layout.DATAGRAM_BYTES + Layout.DATAGRAM_STATUS);
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
            headerMemory.close();
            partMemory.close();
            datagramMemory.close();
            receivedMemory.close();
        }
    }
}
