package org.violin.dataplane.sys;

import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;

/**
 * Datagrams that the kernel has received by itself. In front of each it writes what recvmsg would return: four lengths
 * and flags ({@code io_uring_recvmsg_out}), the source, control data, each of the room that was asked for.
 */
final class UringDatagramIntake extends DatagramIntake {
    private static final int SOURCE_BYTES = 28;
    private static final int CONTROL_BYTES = 24;
    private static final int CONTROL_LENGTH = 4;
    private static final int FLAGS = 12;
    private static final int SOURCE = 16;
    private static final int CONTROL = SOURCE + SOURCE_BYTES;
    private static final int HEADER_BYTES = CONTROL + CONTROL_BYTES;
    private static final int MSG_TRUNC = 0x20;

    /** A control message: its length, the protocol level and type, and the data. */
    private static final int CONTROL_LEVEL = 8;
    private static final int CONTROL_DATA = 16;
    private static final long LEVEL_UDP_TYPE_GRO = 17 | 104L << 32;

    private static final int AF_INET = 2;
    /** The third word of a v4-mapped address, in memory order. */
    private static final int V4_MAPPED = 0xFFFF_0000;

    /** Of struct msghdr. */
    private static final int MESSAGE_BYTES = 56;
    private static final int MESSAGE_SOURCE_BYTES = 8;
    private static final int MESSAGE_CONTROL_BYTES = 40;

    static {
        assert HEADER_BYTES == FramePool.RECEIVE_HEADER_BYTES;
    }

    private final OffHeap messageMemory = OffHeap.map(MESSAGE_BYTES);
    private final UringIntake intake;

    UringDatagramIntake(UringPoller poller, int fd, Ready ready) {
        UnsafeBuffer message = messageMemory.buffer();
        message.putInt(MESSAGE_SOURCE_BYTES, SOURCE_BYTES);
        message.putLong(MESSAGE_CONTROL_BYTES, CONTROL_BYTES);
        intake = new UringIntake(poller, fd,
            new UringIntake.Operation(Uring.OP_RECVMSG, Uring.RECEIVE_MULTISHOT, messageMemory.address(), 1),
            HEADER_BYTES + FramePool.FRAME_BYTES, ready);
    }

    @Override
    int receive(FramePool pool, FrameBatch batch) {
        int first = intake.head();
        int count = intake.take(DatagramChannel.RECEIVE_MAX);
        for (int i = 0; i < count; i++) {
            int offset = intake.offset(first + i);
            int length = Math.max(intake.length(first + i) - HEADER_BYTES, 0);
            read(pool.storage(), offset, length, i);
            batch.add(intake.slot(first + i), offset + HEADER_BYTES, length, Offload.NONE);
        }
        if (count > 0) {
            return count;
        }
        if (intake.isEnded()) {
            note(intake.endResult());
            intake.resume();
        }
        return intake.isStarved() ? -1 : 0;
    }

    /** Enters what the kernel says of a buffer into the {@code index}-th place. */
    private void read(DirectBuffer storage, int offset, int length, int index) {
        boolean truncated = (storage.getInt(offset + FLAGS) & MSG_TRUNC) != 0;
        received.putInt(slice(index) + Layout.SLICE_LENGTH, length);
        received.putInt(slice(index) + Layout.SLICE_STATUS, truncated ? Layout.TRUNCATED : 0);
        int control = offset + CONTROL;
        boolean joined = storage.getInt(offset + CONTROL_LENGTH) >= CONTROL_DATA + Integer.BYTES
            && storage.getLong(control + CONTROL_LEVEL) == LEVEL_UDP_TYPE_GRO;
        received.putInt(at(index) + Layout.RECEIVED_SEGMENT_BYTES,
            joined ? Math.max(storage.getInt(control + CONTROL_DATA), 0) : 0);
        readSource(storage, offset + SOURCE, sourceAt(index));
    }

    /** A sockaddr_in or sockaddr_in6 as an endpoint. */
    private void readSource(DirectBuffer storage, int from, int to) {
        int address = to + Layout.ENDPOINT_ADDRESS;
        int scope = 0;
        if (storage.getShort(from) == AF_INET) {
            received.putLong(address, 0);
            received.putInt(address + 8, V4_MAPPED);
            received.putInt(address + 12, storage.getInt(from + 4));
        } else {
            received.putLong(address, storage.getLong(from + 8));
            received.putLong(address + 8, storage.getLong(from + 16));
            scope = storage.getInt(from + 24);
        }
        int port = storage.getShort(from + 2, ByteOrder.BIG_ENDIAN) & 0xFFFF;
        received.putInt(to + Layout.ENDPOINT_PORT, port);
        received.putInt(to + Layout.ENDPOINT_SCOPE, scope);
    }

    @Override
    public void close() {
        intake.close();
        messageMemory.close();
        memory.close();
    }
}
