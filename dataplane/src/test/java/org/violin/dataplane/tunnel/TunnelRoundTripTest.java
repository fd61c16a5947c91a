package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.RecordReader;
import org.violin.dataplane.wire.TunnelCodec;

/** What one side writes, the other reads: every frame length over paths of many sizes, in one piece or in many. */
class TunnelRoundTripTest {
    private static final int IP_UDP_BYTES = 28;
    private static final int MAX_FRAME_BYTES = 9022;
    private static final int LINK = 0xFEDC_BA98;

    private final SplittableRandom random = Seeds.random("Tunnel round trip");
    private final byte[] frame = new byte[MAX_FRAME_BYTES];
    private final UnsafeBuffer frames = new UnsafeBuffer(frame);
    private final byte[][] datagrams = new byte[32][65_535];
    private final int[] lengths = new int[32];
    private final UnsafeBuffer writer = new UnsafeBuffer(datagrams[0]);
    private final UnsafeBuffer datagram = new UnsafeBuffer(datagrams[0]);
    private final byte[] received = new byte[8 * MAX_FRAME_BYTES];
    private final UnsafeBuffer storage = new UnsafeBuffer(received);
    private final Counters<DropReason> drops = new Counters<>(DropReason.class);
    private final Reassembly reassembly = new Reassembly(storage, new int[] {0, MAX_FRAME_BYTES}, MAX_FRAME_BYTES,
        drops);
    private final RecordReader reader = new RecordReader(0);
    private int count;
    private int frameId;
    private long counter;

    private void encode(int frameLength, int pathMtu) {
        int room = pathMtu - IP_UDP_BYTES - TunnelCodec.HEADER_BYTES;
        if (frameLength + TunnelCodec.RECORD_HEADER_BYTES <= room) {
            int body = begin(0, LINK) + TunnelCodec.HEADER_BYTES;
            TunnelCodec.writeFrameRecord(writer, body, LINK, frameLength, Offload.NONE);
            body += TunnelCodec.RECORD_HEADER_BYTES;
            finish(0, body, 0, frameLength);
            count = 1;
            return;
        }
        count = Fragments.count(frameLength, room - TunnelCodec.fragmentRecordHeaderBytes(Offload.NONE));
        for (int i = 0; i < count; i++) {
            int start = Fragments.offset(frameLength, count, i);
            int length = Fragments.offset(frameLength, count, i + 1) - start;
            int body = begin(i, LINK) + TunnelCodec.HEADER_BYTES;
            TunnelCodec.writeFragmentRecord(writer, body, LINK, frameId, start, frameLength, length, Offload.NONE);
            body += TunnelCodec.fragmentRecordHeaderBytes(Offload.NONE);
            finish(i, body, start, length);
            if (lengths[i] > pathMtu - IP_UDP_BYTES) {
                throw new AssertionError("datagram of " + lengths[i] + " on a path of " + pathMtu);
            }
        }
        frameId++;
    }

    private int begin(int index, int receiverIndex) {
        writer.wrap(datagrams[index]);
        TunnelCodec.writeHeader(writer, 0, TunnelCodec.TYPE_DATA, receiverIndex, counter++);
        return 0;
    }

    private void finish(int index, int bodyOffset, int start, int length) {
        writer.putBytes(bodyOffset, frames, start, length);
        lengths[index] = bodyOffset + length;
    }

    private boolean arrivesWhole(int index, int frameLength) {
        datagram.wrap(datagrams[index], 0, lengths[index]);
        if (TunnelCodec.check(datagram, 0, lengths[index]) != null) {
            return false;
        }
        reader.wrap(datagram, TunnelCodec.HEADER_BYTES, lengths[index] - TunnelCodec.HEADER_BYTES);
        boolean whole = false;
        while (reader.next()) {
            if (reader.kind() == TunnelCodec.KIND_FRAME) {
                int from = reader.bodyOffset();
                whole = reader.bodyLength() == frameLength
                    && Arrays.equals(datagrams[index], from, from + frameLength, frame, 0, frameLength);
                continue;
            }
            int slot = reassembly.onFragment(reader.linkId(), reader.frameId(), reader.fragmentOffset(),
                reader.frameLength(), datagram, reader.bodyOffset(), reader.bodyLength(), reader.offload(), 0);
            if (slot != Reassembly.NONE) {
                int at = reassembly.frameOffset(slot);
                whole = reassembly.frameLength(slot) == frameLength
                    && Arrays.equals(received, at, at + frameLength, frame, 0, frameLength);
                reassembly.take(slot, at);
            }
        }
        return whole && reader.error() == null && reader.linkId() == LINK;
    }

    @ParameterizedTest
    @ValueSource(ints = {576, 577, 1280, 1420, 1492, 1500, 4000, 9000, 9100})
    void everyFrameLengthArrives(int pathMtu) {
        for (int length = 14; length <= MAX_FRAME_BYTES; length++) {
            random.nextBytes(frame);
            encode(length, pathMtu);
            shuffle();
            for (int i = 0; i < count; i++) {
                assertThat(arrivesWhole(i, length)).as("length %d, part %d", length, i).isEqualTo(i == count - 1);
            }
        }
        assertThat(drops.toMap()).isEmpty();
        assertThat(reassembly.inUse()).isZero();
    }

    private void shuffle() {
        for (int i = count - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            byte[] bytes = datagrams[i];
            datagrams[i] = datagrams[j];
            datagrams[j] = bytes;
            int length = lengths[i];
            lengths[i] = lengths[j];
            lengths[j] = length;
        }
    }

    @Test
    void manyFramesShareADatagram() {
        writer.wrap(datagrams[0]);
        int at = begin(0, 1) + TunnelCodec.HEADER_BYTES;
        int[] starts = new int[20];
        for (int i = 0; i < starts.length; i++) {
            TunnelCodec.writeFrameRecord(writer, at, 100 + i, 60 + i, Offload.NONE);
            at += TunnelCodec.RECORD_HEADER_BYTES;
            starts[i] = at;
            at += 60 + i;
        }
        datagram.wrap(datagrams[0], 0, at);
        reader.wrap(datagram, TunnelCodec.HEADER_BYTES, at - TunnelCodec.HEADER_BYTES);
        for (int i = 0; i < starts.length; i++) {
            assertThat(reader.next()).isTrue();
            assertThat(reader.linkId()).isEqualTo(100 + i);
            assertThat(reader.bodyOffset()).isEqualTo(starts[i]);
            assertThat(reader.bodyLength()).isEqualTo(60 + i);
        }
        assertThat(reader.next()).isFalse();
        assertThat(reader.error()).isNull();
    }

    @Test
    void writesAndReadsWithoutAllocating() {
        Runnable work = () -> {
            for (int length = 14; length <= MAX_FRAME_BYTES; length += 7) {
                encode(length, 1500);
                for (int i = 0; i < count; i++) {
                    arrivesWhole(i, length);
                }
            }
        };
        assertThat(Allocations.of(30, work)).isZero();
    }
}
