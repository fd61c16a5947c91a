package org.violin.control.api;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request's body as it comes, for a thread that may block: only so many pieces are taken from the socket as have been
 * read before, and a few, so that a fast client waits and nothing piles up here.
 */
final class ApiBody extends InputStream {
    private static final int PIECES_MAX = 16;
    /** A client that sends nothing for this long is stopped, or its own source is. */
    private static final long SILENCE_SECONDS = 60;
    private static final Buffer END = Buffer.buffer();
    private static final Buffer CUT = Buffer.buffer();

    private final Context context;
    private final HttpServerRequest request;
    /** At most {@link #PIECES_MAX} and an end. */
    private final BlockingQueue<Buffer> pieces = new LinkedBlockingQueue<>();
    private final AtomicBoolean abandoned = new AtomicBoolean();
    private Buffer piece = Buffer.buffer();
    private int position;

    /** On the event loop of {@code request}, before anything of it has been read. */
    ApiBody(Context context, HttpServerRequest request) {
        this.context = context;
        this.request = request;
        request.pause();
        request.handler(this::take);
        request.endHandler(nothing -> pieces.add(END));
        request.exceptionHandler(failure -> pieces.add(CUT));
        request.fetch(PIECES_MAX);
    }

    private void take(Buffer bytes) {
        if (!abandoned.get()) {
            pieces.add(bytes);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        while (position == piece.length()) {
            if (piece == END) {
                return -1;
            }
            next();
        }
        int count = Math.min(length, piece.length() - position);
        piece.getBytes(position, position + count, bytes, offset);
        position += count;
        return count;
    }

    private void next() throws IOException {
        Buffer taken;
        try {
            taken = pieces.poll(SILENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        }
        if (taken == null || taken == CUT) {
            throw new IOException(taken == null ? "nothing has come for " + SILENCE_SECONDS + " s"
                : "the client broke off");
        }
        piece = taken;
        position = 0;
        if (taken != END) {
            context.runOnContext(nothing -> request.fetch(1));
        }
    }

    /** What has not been read is thrown away as it comes: a client that is still sending can then hear the answer. */
    @Override
    public void close() {
        if (abandoned.compareAndSet(false, true)) {
            context.runOnContext(nothing -> request.resume());
        }
    }
}
