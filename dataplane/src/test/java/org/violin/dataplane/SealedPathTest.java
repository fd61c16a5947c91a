package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The fast path between two hosts, sealed: super-frames cut, sealed, joined by the kernel, opened and joined again. */
class SealedPathTest {
    private static final int STREAM_BYTES = 64 << 20;
    private static final int FRAMES = 40_000;
    private static final int WINDOW = 200;
    private static final int REKEYS = 20;

    private final SplittableRandom random = Seeds.random("SealedPathTest");
    private FastPath path;

    @AfterEach
    void close() {
        if (path != null) {
            path.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"EPOLL, AES_256_GCM", "EPOLL, CHACHA20_POLY1305", "IO_URING, AES_256_GCM"})
    void streamsCrossItWhole(IoEngine engine, SealCipher cipher) throws Exception {
        path = new FastPath(engine, cipher);
        Map<String, Long> before = path.drops();
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, STREAM_BYTES, random.nextLong());
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT6, STREAM_BYTES, random.nextLong());
        path.cutDatagrams();
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, STREAM_BYTES / 4, random.nextLong());
        path.awaitEveryDatagram();
        assertThat(path.dropsSince(before)).isEmpty();
    }

    /** As many frames are under way as fit everywhere, and new keys come as fast as they can be installed. */
    @ParameterizedTest
    @EnumSource
    void newKeysLoseNoFrame(SealCipher cipher) {
        path = new FastPath(IoEngine.AUTO, cipher);
        Map<String, Long> before = path.drops();
        AtomicBoolean done = new AtomicBoolean();
        AtomicInteger rekeys = new AtomicInteger();
        CompletableFuture<Void> rekeying = CompletableFuture.runAsync(() -> {
            while (!done.get()) {
                path.rekey(cipher);
                rekeys.incrementAndGet();
                // Not before the last keys are in use, as a handshake would not.
                long sent = FastPath.tunnel(path.b).rxDatagrams();
                FastPath.await("datagrams with the new keys",
                    () -> done.get() || FastPath.tunnel(path.b).rxDatagrams() >= sent + 2 * WINDOW);
            }
        });
        try (PacketSocket left = new PacketSocket(path.left, FastPath.TAP, 0, false)) {
            byte[] frame = new byte[100];
            frame[0] = 2;
            frame[6] = 4;
            frame[12] = (byte) 0x88;
            frame[13] = (byte) 0xB5;
            for (int sent = 0; sent < FRAMES || rekeys.get() < REKEYS; sent += WINDOW) {
                long written = FastPath.port(path.b, "tap").txFrames();
                for (int i = 0; i < WINDOW; i++) {
                    left.send(frame);
                }
                FastPath.await("every frame of a window",
                    () -> FastPath.port(path.b, "tap").txFrames() >= written + WINDOW);
            }
        } finally {
            done.set(true);
        }
        rekeying.join();
        path.awaitEveryDatagram();
        assertThat(path.dropsSince(before)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void sealingAllocatesNothing(SealCipher cipher) throws Exception {
        path = new FastPath(IoEngine.AUTO, cipher);
        stream();
        Allocations.assertWorkersNeedNone(this::stream);
    }

    private int stream() throws Exception {
        TcpStreams.exchange(path.left, path.right, FastPath.RIGHT4, STREAM_BYTES, random.nextLong());
        return STREAM_BYTES;
    }
}
