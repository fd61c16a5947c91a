package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** A TCP connection between two hosts that carries random bytes both ways at once, written in pieces of any size. */
final class TcpStreams {
    private static final int PIECE_MAX_BYTES = 1 << 16;
    private static final int READ_TIMEOUT_MS = 30_000;
    private static final int LIMIT_S = 60;

    private TcpStreams() {
    }

    /** Carries {@code bytes} each way from {@code client} to {@code address} at {@code server}, and compares them. */
    static void exchange(Namespace client, Namespace server, String address, int bytes, long seed) throws Exception {
        InetAddress to = InetAddress.getByName(address);
        try (ExecutorService threads = Executors.newCachedThreadPool();
            ServerSocket listener = server.in(() -> new ServerSocket(0, 1, to));
            Socket near = client.in(() -> new Socket(to, listener.getLocalPort()));
            Socket far = listener.accept()) {
            List<Future<Void>> parts = List.of(
                threads.submit(write(near, bytes, seed)), threads.submit(write(far, bytes, seed + 1)),
                threads.submit(read(far, bytes, seed)), threads.submit(read(near, bytes, seed + 1)));
            for (Future<Void> part : parts) {
                part.get(LIMIT_S, TimeUnit.SECONDS);
            }
        }
    }

    private static Callable<Void> write(Socket socket, int bytes, long seed) {
        return () -> {
            SplittableRandom random = new SplittableRandom(seed);
            OutputStream out = socket.getOutputStream();
            for (int sent = 0; sent < bytes;) {
                byte[] piece = piece(random, bytes - sent);
                out.write(piece);
                sent += piece.length;
            }
            socket.shutdownOutput();
            return null;
        };
    }

    private static Callable<Void> read(Socket socket, int bytes, long seed) throws IOException {
        socket.setSoTimeout(READ_TIMEOUT_MS);
        return () -> {
            SplittableRandom random = new SplittableRandom(seed);
            InputStream in = socket.getInputStream();
            for (int received = 0; received < bytes;) {
                byte[] expected = piece(random, bytes - received);
                byte[] piece = in.readNBytes(expected.length);
                assertThat(Arrays.mismatch(piece, expected)).as("first wrong byte after %d", received).isEqualTo(-1);
                received += piece.length;
            }
            assertThat(in.read()).as("the end of the stream").isEqualTo(-1);
            return null;
        };
    }

    private static byte[] piece(SplittableRandom random, int most) {
        int length = random.nextInt(4) == 0 ? random.nextInt(1, 100) : random.nextInt(1, PIECE_MAX_BYTES);
        byte[] piece = new byte[Math.min(length, most)];
        random.nextBytes(piece);
        return piece;
    }
}
