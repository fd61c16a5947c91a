package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.PlainCipher;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.wire.TunnelCodec;

/** The library's sealing, held to the JDK's ciphers, which are held to published vectors. */
class AeadTest {
    private static final int SLOTS = 64;
    private static final int DATAGRAMS = 300;

    private final SplittableRandom random = Seeds.random("AeadTest");
    private final byte[] key = random(32);

    /** RFC 8439, 2.8.2, and test case 16 of the GCM specification (McGrew and Viega). */
    @Test
    void theOracleKnowsThePublishedVectors() throws Exception {
        byte[] text = ("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future,"
            + " sunscreen would be it.").getBytes(StandardCharsets.US_ASCII);
        HexFormat hex = HexFormat.of();
        byte[] chacha = PlainCipher.encrypt(Aead.Cipher.CHACHA20_POLY1305,
            hex.parseHex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"),
            hex.parseHex("070000004041424344454647"), hex.parseHex("50515253c0c1c2c3c4c5c6c7"), text);
        assertThat(hex.formatHex(chacha)).startsWith("d31a8d34648e60db7b86afbc53ef7ec2")
            .endsWith("1ae10b594f09e26a7e902ecbd0600691");
        byte[] gcm = PlainCipher.encrypt(Aead.Cipher.AES_256_GCM,
            hex.parseHex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
            hex.parseHex("cafebabefacedbaddecaf888"), hex.parseHex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
            hex.parseHex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"));
        assertThat(hex.formatHex(gcm)).startsWith("522dc1f099567d07f47f37a32a84427d")
            .endsWith("76fc6ece0f4e1768cddf8853bb2d551b");
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSealedTheOracleOpens(Aead.Cipher cipher) throws Exception {
        try (PollerRig rig = new PollerRig(PollerTest.Kind.EPOLL, SLOTS);
            Aead seal = Aead.sealing(cipher, key)) {
            try (PollerRig.Sockets sockets = rig.sockets()) {
                for (int i = 0; i < DATAGRAMS; i++) {
                    checkMessage(rig, sockets, seal, cipher);
                }
            }
        }
    }

    /** Several datagrams of one size, and a shorter one, each of a header and two payloads. */
    private void checkMessage(PollerRig rig, PollerRig.Sockets sockets, Aead seal, Aead.Cipher cipher)
        throws Exception {
        DatagramChannel sender = sockets.sender();
        DatagramChannel receiver = sockets.receiver();
        int count = 1 + random.nextInt(5);
        int bytes = 1 + random.nextInt(1300);
        byte[][] datagrams = new byte[count][];
        for (int i = 0; i < count; i++) {
            int bodyBytes = i == count - 1 ? 1 + random.nextInt(bytes) : bytes;
            datagrams[i] = random(TunnelCodec.HEADER_BYTES + bodyBytes);
            int header = sender.claimHeader(TunnelCodec.HEADER_BYTES);
            sender.headers().putBytes(header, datagrams[i], 0, TunnelCodec.HEADER_BYTES);
            int offset = rig.pool.offset(SLOTS - 1) + i * 4096;
            int first = random.nextInt(bodyBytes);
            rig.pool.storage().putBytes(offset, datagrams[i], TunnelCodec.HEADER_BYTES, bodyBytes);
            if (first > 0) {
                sender.addPayload(rig.pool.storage(), offset, first);
            }
            sender.addPayload(rig.pool.storage(), offset + first, bodyBytes - first);
            sender.end(sockets.peer(), seal, null);
        }
        sender.flush();
        FrameBatch batch = new FrameBatch();
        int next = 0;
        while (next < count) {
            rig.poller.poll(PollerRig.DEADLINE.toNanos());
            int buffers = receiver.receive(rig.pool, batch);
            assertThat(buffers).isPositive();
            for (int i = 0; i < buffers; i++) {
                int end = batch.offsets()[i] + batch.lengths()[i];
                for (int at = batch.offsets()[i]; at < end; at += receiver.segmentBytes(i)) {
                    byte[] sealed = new byte[Math.min(receiver.segmentBytes(i), end - at)];
                    rig.pool.storage().getBytes(at, sealed);
                    assertThat(PlainCipher.open(cipher, key, sealed)).isEqualTo(datagrams[next++]);
                }
            }
            batch.release(rig.pool);
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatTheOracleSealsIsOpenedInPlace(Aead.Cipher cipher) throws Exception {
        try (OffHeap memory = OffHeap.map(1 << 18);
            Aead opener = Aead.opening(cipher, key); SealedBatch batch = new SealedBatch()) {
            UnsafeBuffer storage = memory.buffer();
            byte[][] plain = new byte[SealedBatch.MAX][];
            for (int i = 0; i < plain.length; i++) {
                plain[i] = random(TunnelCodec.HEADER_BYTES + random.nextInt(1400));
                byte[] sealed = PlainCipher.seal(cipher, key, plain[i]);
                storage.putBytes(i * 2000, sealed);
                batch.add(storage, i * 2000, sealed.length);
            }
            batch.open(opener);
            for (int i = 0; i < plain.length; i++) {
                assertThat(batch.isOpen(i)).isTrue();
                byte[] opened = new byte[plain[i].length];
                storage.getBytes(i * 2000, opened);
                assertThat(opened).isEqualTo(plain[i]);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void noBitMayDiffer(Aead.Cipher cipher) throws Exception {
        byte[] sealed = PlainCipher.seal(cipher, key, random(TunnelCodec.HEADER_BYTES + 100));
        try (OffHeap memory = OffHeap.map(1 << 12);
            Aead opener = Aead.opening(cipher, key); SealedBatch batch = new SealedBatch()) {
            for (int bit = 0; bit < 8 * sealed.length; bit++) {
                // The first four bytes of the header are in the associated data as well, the index too.
                byte[] changed = sealed.clone();
                changed[bit / 8] ^= (byte) (1 << bit % 8);
                memory.buffer().putBytes(0, changed);
                batch.add(memory.buffer(), 0, changed.length);
                batch.open(opener);
                assertThat(batch.isOpen(0)).as("bit %d", bit).isFalse();
                batch.clear();
            }
            for (int length = TunnelCodec.HEADER_BYTES; length < sealed.length; length++) {
                memory.buffer().putBytes(0, sealed);
                batch.add(memory.buffer(), 0, length);
                batch.open(opener);
                assertThat(batch.isOpen(0)).as("cut to %d bytes", length).isFalse();
                batch.clear();
            }
            memory.buffer().putBytes(0, sealed);
            batch.add(memory.buffer(), 0, sealed.length);
            batch.open(opener);
            assertThat(batch.isOpen(0)).as("after all refusals").isTrue();
        }
    }

    private byte[] random(int bytes) {
        byte[] array = new byte[bytes];
        random.nextBytes(array);
        return array;
    }
}
