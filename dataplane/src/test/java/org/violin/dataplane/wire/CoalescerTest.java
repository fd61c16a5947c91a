package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;

class CoalescerTest {
    /** Flags that the first, the last or all segments of a super-frame may have: ECE, CWR, PSH, FIN. */
    private static final int SOME_FLAGS = 0x40 | ReferenceFrame.CWR | ReferenceFrame.PSH | ReferenceFrame.FIN;

    private final SplittableRandom random = Seeds.random("CoalescerTest");
    private final UnsafeBuffer storage = new UnsafeBuffer(new byte[1 << 17]);
    private final Coalescer coalescer = new Coalescer(true);
    /** What goes out, in order: super-frames with their words, and frames that no other joined. */
    private final List<byte[]> sent = new ArrayList<>();
    private final List<Long> words = new ArrayList<>();
    private final List<ReferenceFrame> group = new ArrayList<>();
    private int end;
    private boolean isGroup;

    /** As an egress does: a frame joins the group, or ends it and begins another. */
    private void offer(ReferenceFrame frame, long word, boolean mayJoin) {
        if (end + frame.bytes().length > storage.capacity()) {
            flush();
            end = 0;
        }
        storage.putBytes(end, frame.bytes());
        boolean joined = mayJoin && isGroup && coalescer.append(end, frame.bytes().length, word);
        if (!joined) {
            flush();
            isGroup = coalescer.begin(storage, end, frame.bytes().length, word);
            if (!isGroup) {
                sent.add(frame.bytes());
                words.add(word);
            }
        }
        if (isGroup) {
            group.add(frame);
        }
        end += frame.bytes().length;
    }

    private void flush() {
        if (isGroup) {
            int headerBytes = coalescer.headerBytes();
            byte[] whole = new byte[headerBytes + coalescer.payloadBytes()];
            coalescer.writeHeaders(new UnsafeBuffer(whole), 0);
            int at = headerBytes;
            for (ReferenceFrame frame : group) {
                System.arraycopy(frame.bytes(), headerBytes, whole, at, frame.bytes().length - headerBytes);
                at += frame.bytes().length - headerBytes;
            }
            assertThat(coalescer.count()).isEqualTo(group.size());
            sent.add(whole);
            words.add(coalescer.offload());
        }
        group.clear();
        isGroup = false;
    }

    private void clear() {
        sent.clear();
        words.clear();
        end = 0;
    }

    /** A flow's frames as they come from a tunnel, and the super-frame that they are of. */
    private ReferenceFrame superFrame(int payloadBytes, int flags) {
        return ReferenceFrame.random(random, payloadBytes).withFlags(flags).sealed();
    }

    private int flags() {
        return ReferenceFrame.ACK | random.nextInt() & SOME_FLAGS;
    }

    @Test
    void joinsWhatWasCutToTheSameSuperFrame() {
        for (int i = 0; i < 5_000; i++) {
            ReferenceFrame frame = superFrame(9 + random.nextInt(800), flags());
            int gsoSize = Math.max(8 + random.nextInt(frame.payloadBytes() - 8), frame.payloadBytes() / 128 + 1);
            frame.cut(gsoSize).forEach(segment -> offer(segment, segment.partial(), true));
            flush();
            assertThat(sent).hasSize(1);
            assertThat(sent.getFirst()).isEqualTo(frame.bytes());
            assertThat(words).containsExactly(frame.superFrame(gsoSize));
            assertThat(check(sent.getFirst(), words.getFirst())).isEqualTo(words.getFirst());
            clear();
        }
    }

    private static long check(byte[] frame, long word) {
        return OffloadCheck.check(new UnsafeBuffer(frame), 0, frame.length, Offload.gsoType(word),
            Offload.gsoSize(word), Offload.checksumStart(word), Offload.checksumOffset(word));
    }

    @Test
    void joinsAcrossAnySplitToTheSameStream() {
        for (int i = 0; i < 5_000; i++) {
            ReferenceFrame frame = superFrame(9 + random.nextInt(800), flags());
            int size = 8 + random.nextInt(frame.payloadBytes() - 8);
            List<ReferenceFrame> segments = frame.cut(size);
            segments.forEach(segment -> offer(segment, segment.partial(), random.nextInt(4) != 0));
            flush();
            checkThatTheSameComesOut(segments);
        }
    }

    /** Whatever was joined, cutting it gives the frames back, bit for bit and in order. */
    private void checkThatTheSameComesOut(List<ReferenceFrame> frames) {
        Iterator<ReferenceFrame> expected = frames.iterator();
        for (int i = 0; i < sent.size(); i++) {
            long word = words.get(i);
            if (!Offload.isSuperFrame(word)) {
                assertThat(sent.get(i)).isEqualTo(expected.next().bytes());
                continue;
            }
            assertThat(check(sent.get(i), word)).isEqualTo(word);
            long layers = Layers.parse(new UnsafeBuffer(sent.get(i)), 0, sent.get(i).length);
            ReferenceFrame whole = new ReferenceFrame(sent.get(i), Layers.network(layers), Layers.transport(layers),
                Layers.headerBytes(layers), Layers.isIpv6(layers), Layers.isUdp(layers));
            for (ReferenceFrame segment : whole.cut(Offload.gsoSize(word))) {
                ReferenceFrame frame = expected.next();
                int id = frame.network() + 4;
                boolean mayBeFixed = !frame.isIpv6() && (frame.bytes()[id + 2] & 0x40) != 0;
                if (mayBeFixed && frame.get(id) == whole.get(id)) {
                    // A cut numbers the segments of a flow whose identification stands still.
                    segment.set(id, whole.get(id));
                    segment.sealed();
                }
                assertThat(segment.bytes()).isEqualTo(frame.bytes());
            }
        }
        assertThat(expected.hasNext()).isFalse();
        clear();
    }

    /**
     * Several flows that differ little, their frames in any order, some with bits turned over: nothing joins but what
     * belongs together.
     */
    @Test
    void neverMixesFlows() {
        int joined = 0;
        int count = 0;
        while (count < 300_000) {
            List<List<ReferenceFrame>> flows = similarFlows();
            List<ReferenceFrame> frames = new ArrayList<>();
            while (!flows.isEmpty()) {
                int next = random.nextInt(flows.size());
                for (int run = random.nextInt(4); run >= 0 && !flows.get(next).isEmpty(); run--) {
                    frames.add(perhapsMutated(flows.get(next).removeFirst()));
                }
                flows.removeIf(List::isEmpty);
            }
            frames.removeIf(frame -> check(frame.bytes(), frame.partial()) == OffloadCheck.BAD);
            frames.forEach(frame -> offer(frame, frame.partial(), true));
            flush();
            joined += frames.size() - sent.size();
            count += frames.size();
            checkThatTheSameComesOut(frames);
        }
        assertThat(joined).isGreaterThan(count / 4);
    }

    private List<List<ReferenceFrame>> similarFlows() {
        ReferenceFrame model = superFrame(80, ReferenceFrame.ACK);
        List<List<ReferenceFrame>> flows = new ArrayList<>();
        for (int flow = 0; flow < 3; flow++) {
            ReferenceFrame frame = model.copy(model.bytes().clone());
            if (flow > 0) {
                frame.bytes()[random.nextInt(frame.bytes().length)] ^= (byte) (1 << random.nextInt(8));
            }
            flows.add(frame.sealed().cut(16 + 8 * random.nextInt(2)));
        }
        return flows;
    }

    private ReferenceFrame perhapsMutated(ReferenceFrame frame) {
        if (random.nextInt(4) == 0) {
            int at = random.nextInt(frame.bytes().length);
            frame.bytes()[at] ^= (byte) (1 << random.nextInt(8));
            if (random.nextBoolean()) {
                frame.sealed();
            }
        }
        return frame;
    }

    private ReferenceFrame[] twoSegments(int kind) {
        ReferenceFrame frame;
        do {
            frame = superFrame(200, ReferenceFrame.ACK);
        } while (frame.isUdp() != ((kind & 1) != 0) || frame.isIpv6() != ((kind & 2) != 0));
        return frame.cut(100).toArray(ReferenceFrame[]::new);
    }

    private boolean joins(ReferenceFrame first, ReferenceFrame second) {
        clear();
        offer(first, first.partial(), true);
        offer(second, second.partial(), true);
        flush();
        return sent.size() == 1;
    }

    /** Each single bit of the headers keeps two segments apart, with checksums made for it as well as without. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void everyBitOfTheHeadersCounts(int kind) {
        ReferenceFrame[] pair = twoSegments(kind);
        if ((kind & 2) == 0) {
            change(pair, frame -> frame.set(frame.network() + 6, 0));
        }
        assertThat(joins(pair[0], pair[1])).isTrue();
        for (int bit = 0; bit < 8 * pair[1].headerBytes(); bit++) {
            ReferenceFrame other = pair[1].copy(pair[1].bytes().clone());
            other.bytes()[bit / 8] ^= (byte) (1 << bit % 8);
            boolean endsGroup = !other.isUdp() && bit / 8 == other.transport() + 13
                && (1 << bit % 8 & (ReferenceFrame.FIN | ReferenceFrame.PSH)) != 0;
            assertThat(joins(pair[0], other)).as("bit %d", bit).isEqualTo(endsGroup);
            other.sealed();
            boolean isRepaired = Arrays.equals(other.bytes(), pair[1].bytes());
            assertThat(joins(pair[0], other)).as("bit %d", bit).isEqualTo(isRepaired || endsGroup);
        }
    }

    @Test
    void joinsNoDatagramsForWhoTakesNone() {
        for (int kind = 0; kind < 4; kind++) {
            ReferenceFrame first = twoSegments(kind)[0];
            storage.putBytes(0, first.bytes());
            assertThat(new Coalescer(false).begin(storage, 0, first.bytes().length, first.partial()))
                .as("kind %d", kind).isEqualTo(!first.isUdp());
        }
    }

    private void change(ReferenceFrame[] pair, Consumer<ReferenceFrame> change) {
        for (ReferenceFrame frame : pair) {
            change.accept(frame);
            frame.sealed();
        }
    }

    @Test
    void aFixedIdentificationJoinsWithDoNotFragmentOnly() {
        ReferenceFrame[] pair = twoSegments(0);
        change(pair, frame -> frame.set(frame.network() + 4, 0));
        change(pair, frame -> frame.set(frame.network() + 6, 0x4000));
        assertThat(joins(pair[0], pair[1])).isTrue();
        change(pair, frame -> frame.set(frame.network() + 6, 0));
        assertThat(joins(pair[0], pair[1])).isFalse();
    }

    @Test
    void anIdentificationCountsOnOrStaysThroughoutAGroup() {
        ReferenceFrame frame;
        do {
            frame = superFrame(300, ReferenceFrame.ACK);
        } while (frame.isIpv6());
        frame.set(frame.network() + 6, 0x4000);
        frame.set(frame.network() + 4, 0xFFFF);
        List<ReferenceFrame> segments = frame.sealed().cut(100);
        segments.forEach(segment -> offer(segment, segment.partial(), true));
        flush();
        assertThat(sent).hasSize(1);
        for (int[] ids : List.of(new int[] {7, 7, 8}, new int[] {7, 8, 8}, new int[] {7, 7, 9}, new int[] {7, 8, 7})) {
            clear();
            for (int i = 0; i < 3; i++) {
                segments.get(i).set(frame.network() + 4, ids[i]);
                offer(segments.get(i).sealed(), frame.partial(), true);
            }
            flush();
            assertThat(sent).as("%d %d %d", ids[0], ids[1], ids[2]).hasSize(2);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0x02, 0x04, 0x08, 0x01, 0x20})
    void noGroupBeginsWithAFlagThatEndsOrForbidsIt(int flag) {
        ReferenceFrame[] pair = twoSegments(0);
        change(pair, frame -> frame.withFlags(ReferenceFrame.ACK | flag));
        assertThat(joins(pair[0], pair[1])).isFalse();
    }

    @Test
    void onlyTheFirstMayHaveCwr() {
        ReferenceFrame[] pair = twoSegments(0);
        pair[0].withFlags(ReferenceFrame.ACK | ReferenceFrame.CWR).sealed();
        assertThat(joins(pair[0], pair[1])).isTrue();
        assertThat(Offload.gsoType(words.getFirst())).isEqualTo(Offload.TCP4 | Offload.ECN);
        pair[1].withFlags(ReferenceFrame.ACK | ReferenceFrame.CWR).sealed();
        assertThat(joins(pair[0], pair[1])).isFalse();
        pair[0].withFlags(ReferenceFrame.ACK).sealed();
        assertThat(joins(pair[0], pair[1])).isFalse();
    }

    @Test
    void joinsNothingButPartialChecksumsOfTheTransport() {
        ReferenceFrame[] pair = twoSegments(2);
        for (long word : new long[] {Offload.NONE, Offload.checksum(pair[0].transport(), 14),
            Offload.checksum(pair[0].transport() - 2, 18), pair[0].superFrame(50)}) {
            clear();
            offer(pair[0], word, true);
            offer(pair[1], word, true);
            assertThat(sent).hasSize(2);
            assertThat(words).containsExactly(word, word);
            assertThat(coalescer.count()).isOne();
            assertThat(coalescer.offload()).isEqualTo(word);
        }
        clear();
        offer(pair[0], pair[0].partial(), true);
        offer(pair[1], Offload.NONE, true);
        flush();
        assertThat(sent).hasSize(2);
    }

    @Test
    void aGroupIsAsLongAsAPacketMayBe() {
        ReferenceFrame head = superFrame(0, ReferenceFrame.ACK);
        ReferenceFrame frame = head.copy(new byte[65_535 + head.network()]);
        System.arraycopy(head.bytes(), 0, frame.bytes(), 0, head.headerBytes());
        frame.sealed().cut(1400).forEach(segment -> offer(segment, segment.partial(), true));
        flush();
        assertThat(sent).hasSize(1);
        assertThat(sent.getFirst()).isEqualTo(frame.bytes());
        clear();
        ReferenceFrame small = superFrame(300 * 8, ReferenceFrame.ACK);
        small.cut(8).forEach(segment -> offer(segment, segment.partial(), true));
        flush();
        assertThat(sent).hasSize(3);
        assertThat(sent.getFirst()).hasSize(small.headerBytes() + Coalescer.MAX_FRAMES * 8);
    }

    @Test
    void allocatesNothing() {
        ReferenceFrame frame = superFrame(4000, ReferenceFrame.ACK);
        List<ReferenceFrame> segments = frame.cut(100);
        int length = segments.getFirst().bytes().length;
        for (int i = 0; i < segments.size(); i++) {
            storage.putBytes(i * length, segments.get(i).bytes());
        }
        UnsafeBuffer arena = new UnsafeBuffer(new byte[Layers.MAX_HEADER_BYTES]);
        UnsafeBuffer whole = frame.buffer();
        Segmenter segmenter = new Segmenter();
        long word = frame.partial();
        long superWord = frame.superFrame(100);
        assertThat(Allocations.of(2000, () -> {
            coalescer.begin(storage, 0, length, word);
            for (int i = 1; i < 40; i++) {
                coalescer.append(i * length, length, word);
            }
            coalescer.writeHeaders(arena, 0);
            segmenter.wrap(whole, 0, whole.capacity(), superWord);
            int headerBytes = segmenter.headerBytes();
            for (int i = segmenter.segmentCount(100) - 1; i >= 0; i--) {
                segmenter.writeHeaders(i * 100, 100, arena, 0);
                Checksum.complete(arena, 0, headerBytes, whole, headerBytes + i * 100, 100, word);
            }
        })).isZero();
        assertThat(coalescer.count()).isEqualTo(40);
    }
}
