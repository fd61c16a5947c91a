package org.violin.benchmarks;

import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.sys.SealedBatch;
import org.violin.dataplane.wire.TunnelCodec;

/** What a datagram costs that is sealed at one end and opened at the other: nanoseconds for both. */
public class Sealing extends MicroBenchmark {
    private static final int DATAGRAMS = 44;
    private static final int STRIDE = 2048;

    @Param({"AES_256_GCM", "AES_256_GCM_LIBCRYPTO", "CHACHA20_POLY1305"})
    private Aead.Cipher cipher;

    /** With header, without tag: a full one on Ethernet, and one of a small frame. */
    @Param({"1456", "104"})
    private int bytes;

    private final UnsafeBuffer datagrams =
        new UnsafeBuffer(BufferUtil.allocateDirectAligned(DATAGRAMS * STRIDE, 64));
    private final UnsafeBuffer copy = new UnsafeBuffer(BufferUtil.allocateDirectAligned(DATAGRAMS * STRIDE, 64));
    private SealedBatch toSeal;
    private SealedBatch toOpen;
    private Aead seal;
    private Aead opener;
    private long counter;

    @Setup
    public void makeKeys() {
        byte[] key = new byte[32];
        seal = Aead.sealing(cipher, key);
        opener = Aead.opening(cipher, key);
        toSeal = new SealedBatch();
        toOpen = new SealedBatch();
    }

    @TearDown
    public void close() {
        toSeal.close();
        toOpen.close();
        seal.close();
        opener.close();
    }

    @Benchmark
    @OperationsPerInvocation(DATAGRAMS)
    public boolean sealAndOpen() {
        toSeal.clear();
        toOpen.clear();
        for (int i = 0; i < DATAGRAMS; i++) {
            TunnelCodec.writeHeader(datagrams, i * STRIDE, TunnelCodec.TYPE_DATA, 1, counter++);
            toSeal.add(datagrams, i * STRIDE, bytes);
            toOpen.add(datagrams, i * STRIDE, bytes + TunnelCodec.TAG_BYTES);
        }
        toSeal.seal(seal);
        toOpen.open(opener);
        return toOpen.isOpen(DATAGRAMS - 1);
    }

    /** Copying the datagram twice: what touching every byte at both ends costs without any arithmetic. */
    @Override
    protected long limit() {
        for (int i = 0; i < DATAGRAMS; i++) {
            copy.putBytes(i * STRIDE, datagrams, i * STRIDE, bytes);
            datagrams.putBytes(i * STRIDE, copy, i * STRIDE, bytes);
        }
        return datagrams.getByte(0);
    }
}
