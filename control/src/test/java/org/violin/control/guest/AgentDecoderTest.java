package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AgentDecoderTest {
    private static final int MAX = AgentFrame.FROM_GUEST_PAYLOAD_MAX;

    @Test
    void framesAreThoseOfTheAgent() {
        // HELLO of epoch 0 as an agent sends it.
        assertThat(new AgentFrame(AgentFrame.HELLO, 0, 0, new byte[0]).encode()).isEqualTo(new byte[] {
            'V', 'g', 'A', '1', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x15, (byte) 0xc9, (byte) 0xc7, (byte) 0xb8});
    }

    @Test
    void decodesFramesHoweverTheyAreCut() {
        Random random = seeded(1);
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        List<AgentFrame> sent = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            byte[] payload = new byte[i % 50 == 0 ? MAX : random.nextInt(200)];
            random.nextBytes(payload);
            AgentFrame frame = new AgentFrame(1 + random.nextInt(9), random.nextInt(), i, payload);
            sent.add(frame);
            stream.writeBytes(frame.encode());
        }
        List<AgentFrame> received = decode(stream.toByteArray(), random);
        assertThat(received).hasSameSizeAs(sent);
        for (int i = 0; i < sent.size(); i++) {
            assertSame(received.get(i), sent.get(i));
        }
    }

    @Test
    void findsTheNextFrameBehindABrokenOne() {
        Random random = seeded(2);
        for (int round = 0; round < 200; round++) {
            byte[] payload = new byte[random.nextInt(MAX)];
            random.nextBytes(payload);
            byte[] broken = new AgentFrame(AgentFrame.STDOUT, 1, 1, payload).encode();
            AgentFrame next = new AgentFrame(AgentFrame.HELLO, 2, 0, new byte[0]);
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            stream.write(broken, 0, random.nextInt(broken.length)); // cut off
            stream.writeBytes(new byte[MAX + AgentFrame.OVERHEAD_BYTES]); // what whoever comes next sends first
            stream.writeBytes(next.encode());
            List<AgentFrame> received = decode(stream.toByteArray(), random);
            assertThat(received).isNotEmpty();
            assertSame(received.getLast(), next);
        }
    }

    @Test
    void aChangedByteIsNoFrame() {
        Random random = seeded(3);
        byte[] good = new AgentFrame(AgentFrame.EXIT, 5, 6, new byte[] {0, 0, 0, 7}).encode();
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= (byte) (1 << random.nextInt(8));
            assertThat(decode(bad, random)).as("byte %d changed", at).isEmpty();
        }
    }

    @Test
    void randomBytesNeitherThrowNorGrow() {
        Random random = seeded(4);
        byte[] magic = Arrays.copyOf(new AgentFrame(AgentFrame.STDOUT, 1, 1, new byte[0]).encode(), 4);
        for (int round = 0; round < 500; round++) {
            byte[] noise = new byte[random.nextInt(3 * MAX)];
            random.nextBytes(noise);
            for (int at = 0; at + AgentFrame.HEADER_BYTES < noise.length; at += 1 + random.nextInt(400)) {
                System.arraycopy(magic, 0, noise, at, 4);
                noise[at + 15] = AgentFrame.VERSION;
                noise[at + 12] = (byte) random.nextInt(40);
            }
            assertThat(decode(noise, random)).isEmpty();
        }
    }

    private static void assertSame(AgentFrame actual, AgentFrame expected) {
        assertThat(actual).usingRecursiveComparison().isEqualTo(expected);
    }

    private static List<AgentFrame> decode(byte[] stream, Random random) {
        AgentDecoder decoder = new AgentDecoder(MAX);
        List<AgentFrame> frames = new ArrayList<>();
        for (int at = 0; at < stream.length; ) {
            assertThat(decoder.input().hasRemaining()).isTrue();
            int count = Math.min(stream.length - at, Math.min(decoder.input().remaining(), 1 + random.nextInt(9000)));
            decoder.input().put(stream, at, count);
            at += count;
            for (AgentFrame frame = decoder.next(); frame != null; frame = decoder.next()) {
                frames.add(frame);
            }
        }
        return frames;
    }

    private static Random seeded(long seed) {
        System.out.println("AgentDecoderTest: seed " + seed);
        return new Random(seed);
    }
}
