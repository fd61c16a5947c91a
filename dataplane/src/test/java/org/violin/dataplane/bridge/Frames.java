package org.violin.dataplane.bridge;

import java.nio.ByteOrder;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.wire.Ethernet;

/** A batch of frames for tests: 64-byte slots, of which the addresses and the type are filled in. */
final class Frames {
    private static final int SLOT_BYTES = 64;

    final UnsafeBuffer storage;
    final int[] offsets;
    final int[] lengths;
    final int[] verdicts;
    int count;

    Frames(int capacity) {
        storage = new UnsafeBuffer(new byte[capacity * SLOT_BYTES]);
        offsets = new int[capacity];
        lengths = new int[capacity];
        verdicts = new int[capacity];
    }

    Frames clear() {
        count = 0;
        return this;
    }

    Frames add(long destination, long source) {
        return add(destination, source, 0x0800);
    }

    Frames add(long destination, long source, int type) {
        // The shortest frame, at the slot's end: a read beyond it is one beyond the slot.
        int offset = (count + 1) * SLOT_BYTES - Ethernet.HEADER_BYTES;
        offsets[count] = offset;
        lengths[count++] = Ethernet.HEADER_BYTES;
        storage.putShort(offset, (short) (destination >>> 32), ByteOrder.BIG_ENDIAN);
        storage.putInt(offset + 2, (int) destination, ByteOrder.BIG_ENDIAN);
        storage.putShort(offset + 6, (short) (source >>> 32), ByteOrder.BIG_ENDIAN);
        storage.putInt(offset + 8, (int) source, ByteOrder.BIG_ENDIAN);
        storage.putShort(offset + 12, (short) type, ByteOrder.BIG_ENDIAN);
        return this;
    }

    Frames decide(Bridge bridge, int ingressPort) {
        bridge.decide(ingressPort, storage, offsets, lengths, count, verdicts);
        return this;
    }

    int decideOne(Bridge bridge, int ingressPort, long destination, long source) {
        return clear().add(destination, source).decide(bridge, ingressPort).verdicts[0];
    }
}
