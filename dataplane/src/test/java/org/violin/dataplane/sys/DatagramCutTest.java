package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.wire.ReferenceFrame;
import org.violin.dataplane.wire.Segmenter;
import org.violin.dataplane.wire.TunnelCodec;

/** Super-frames that the library cuts while it sends them, through a real socket, held to a plain reference. */
class DatagramCutTest {
    private static final int SLOTS = 128;
    private static final int FRAMES = 400;
    private static final int LINK = 0xFEDC_BA98;
    private static final int INDEX = 0x8765_4321;

    private final SplittableRandom random = Seeds.random("DatagramCutTest");
    private final Segmenter segmenter = new Segmenter();
    private final FrameBatch batch = new FrameBatch();

    @Test
    void everySegmentIsTheReferencesBehindAHeaderOfItsOwn() {
        try (PollerRig rig = new PollerRig(PollerTest.Kind.EPOLL, SLOTS)) {
            try (PollerRig.Sockets sockets = rig.sockets()) {
                for (int i = 0; i < FRAMES; i++) {
                    boolean isLong = random.nextInt(10) == 0;
                    ReferenceFrame frame = ReferenceFrame.random(random, 1 + random.nextInt(isLong ? 60_000 : 3_000));
                    int gsoSize = Math.max(frame.payloadBytes() / 128 + 1, 1 + random.nextInt(frame.payloadBytes()));
                    check(rig, sockets, frame, gsoSize);
                }
            }
        }
    }

    private void check(PollerRig rig, PollerRig.Sockets sockets, ReferenceFrame frame, int gsoSize) {
        int slot = rig.pool.claim();
        rig.pool.storage().putBytes(rig.pool.offset(slot), frame.bytes());
        segmenter.wrap(rig.pool.storage(), rig.pool.offset(slot), frame.bytes().length, frame.superFrame(gsoSize));
        segmenter.segmentCount(gsoSize);
        long counter = random.nextLong(1L << 62);
        int messages = send(sockets, rig.pool, rig.pool.offset(slot), frame, gsoSize, counter);
        for (int i = 0; i < messages; i++) {
            assertThat(sockets.sender().status(i)).isZero();
        }
        List<byte[]> expected = new ArrayList<>();
        for (ReferenceFrame segment : frame.cut(gsoSize)) {
            expected.add(datagram(segment, counter + expected.size()));
        }
        List<byte[]> received = receive(rig, sockets.receiver(), expected.size());
        for (int i = 0; i < expected.size(); i++) {
            assertThat(received.get(i)).as("segment %d of %s by %d", i, frame, gsoSize).isEqualTo(expected.get(i));
        }
        rig.pool.release(slot);
    }

    /** As a tunnel's sender does; returns the number of messages. */
    private int send(PollerRig.Sockets sockets, FramePool pool, int offset, ReferenceFrame frame, int size,
        long counter) {
        DatagramChannel sender = sockets.sender();
        int prefix = TunnelCodec.HEADER_BYTES + TunnelCodec.frameRecordHeaderBytes(frame.partial());
        int most = sender.datagramsMax(prefix + frame.headerBytes() + size) * size;
        int messages = 0;
        for (int from = 0; from < frame.payloadBytes(); from += most) {
            int bytes = Math.min(most, frame.payloadBytes() - from);
            int template = sender.claimTemplate(prefix + frame.headerBytes());
            TunnelCodec.writeHeader(sender.headers(), template, TunnelCodec.TYPE_DATA, INDEX, counter + from / size);
            TunnelCodec.writeFrameRecord(sender.headers(), template + TunnelCodec.HEADER_BYTES, LINK, 0,
                frame.partial());
            sender.headers().putBytes(template + prefix, frame.bytes(), 0, frame.headerBytes());
            sender.addPayload(pool.storage(), offset + frame.headerBytes() + from, bytes);
            assertThat(sender.endCut(sockets.peer(), null, null, template, prefix, segmenter, from, size))
                .isEqualTo(messages++);
        }
        sender.flush();
        return messages;
    }

    private static byte[] datagram(ReferenceFrame segment, long counter) {
        int prefix = TunnelCodec.HEADER_BYTES + TunnelCodec.frameRecordHeaderBytes(segment.partial());
        UnsafeBuffer datagram = new UnsafeBuffer(new byte[prefix + segment.bytes().length]);
        TunnelCodec.writeHeader(datagram, 0, TunnelCodec.TYPE_DATA, INDEX, counter);
        TunnelCodec.writeFrameRecord(datagram, TunnelCodec.HEADER_BYTES, LINK, segment.bytes().length,
            segment.partial());
        datagram.putBytes(prefix, segment.bytes());
        return datagram.byteArray();
    }

    private List<byte[]> receive(PollerRig rig, DatagramChannel receiver, int datagrams) {
        List<byte[]> received = new ArrayList<>();
        long deadlineNs = System.nanoTime() + PollerRig.DEADLINE.toNanos();
        while (received.size() < datagrams && System.nanoTime() < deadlineNs) {
            rig.poller.poll(10_000_000);
            int count = receiver.receive(rig.pool, batch);
            for (int i = 0; i < count; i++) {
                int offset = batch.offsets()[i];
                int end = offset + batch.lengths()[i];
                while (offset < end) {
                    byte[] datagram = new byte[Math.min(receiver.segmentBytes(i), end - offset)];
                    rig.pool.storage().getBytes(offset, datagram);
                    received.add(datagram);
                    offset += datagram.length;
                }
            }
            batch.release(rig.pool);
        }
        assertThat(received).hasSize(datagrams);
        return received;
    }
}
