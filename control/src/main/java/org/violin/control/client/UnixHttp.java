package org.violin.control.client;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One HTTP/1.1 exchange on a unix socket: a connection, a request, an answer whose body may be a stream without end.
 * It exists because a command has to answer at once: a JVM that loads an HTTP library's classes takes up to a second
 * longer, even from a class archive.
 *
 * <p>Used by one thread; {@link #close} may come from any thread and ends a read with an {@link IOException}, and so
 * does interrupting the reader ({@link InterruptedIOException}, the thread's interrupt status stays set).
 */
final class UnixHttp implements AutoCloseable {
    private static final int MAX_HEAD_BYTES = 64 * 1024;
    private static final int PIECE_BYTES = 16 * 1024;
    private static final byte[] LINE_END = {'\r', '\n'};

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer in = ByteBuffer.allocate(16 * 1024).flip();
    private final long timeoutMillis;
    private final Map<String, String> headers = new HashMap<>();
    private int status;
    private InputStream body;

    private UnixHttp(SocketChannel channel, Selector selector, Duration timeout) {
        this.channel = channel;
        this.selector = selector;
        this.timeoutMillis = timeout.toMillis();
    }

    /**
     * Connects.
     *
     * @param timeout how long the peer may stay silent; zero: as long as it likes
     */
    static UnixHttp connect(Path socket, Duration timeout) throws IOException {
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
        try {
            channel.configureBlocking(false);
            Selector selector = Selector.open();
            channel.register(selector, SelectionKey.OP_READ);
            return new UnixHttp(channel, selector, timeout);
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Sends the request and reads the answer up to its body. Called once. */
    void exchange(String method, String target, String contentType, byte[] content) throws IOException {
        StringBuilder head = new StringBuilder()
            .append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: violin\r\nConnection: close\r\n");
        if (content.length > 0) {
            head.append("Content-Type: ").append(contentType).append("\r\n");
        }
        if (content.length > 0 || !method.equals("GET")) {
            head.append("Content-Length: ").append(content.length).append("\r\n");
        }
        write(ByteBuffer.wrap(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII)));
        write(ByteBuffer.wrap(content));
        readHead();
    }

    /**
     * Sends a request whose content is as long as its stream, and reads the answer up to its body. Called once. What
     * the stream throws breaks the request off, so that the peer sees that it is not whole.
     */
    void upload(String method, String target, String contentType, InputStream content) throws IOException {
        String head = method + ' ' + target + " HTTP/1.1\r\nHost: violin\r\nConnection: close\r\nContent-Type: "
            + contentType + "\r\nTransfer-Encoding: chunked\r\n\r\n";
        boolean isWanted = offer(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
        byte[] bytes = new byte[PIECE_BYTES];
        ByteBuffer chunk = ByteBuffer.allocate(PIECE_BYTES + 32);
        for (int count = content.read(bytes); isWanted && count >= 0; count = content.read(bytes)) {
            chunk.clear().put((Integer.toHexString(count) + "\r\n").getBytes(StandardCharsets.US_ASCII))
                .put(bytes, 0, count).put(LINE_END).flip();
            isWanted = offer(chunk);
        }
        if (isWanted) {
            offer(ByteBuffer.wrap("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
        }
        readHead();
    }

    /** False: the peer takes no more, and may have said why. */
    private boolean offer(ByteBuffer bytes) throws IOException {
        try {
            write(bytes);
            return true;
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            return false;
        }
    }

    int status() {
        return status;
    }

    /** The answer's body; ends where HTTP says it ends, and throws {@link EOFException} when it is cut off. */
    InputStream body() {
        return body;
    }

    private void write(ByteBuffer bytes) throws IOException {
        SelectionKey key = channel.keyFor(selector);
        while (bytes.hasRemaining()) {
            if (channel.write(bytes) == 0) {
                key.interestOps(SelectionKey.OP_WRITE);
                await();
                key.interestOps(SelectionKey.OP_READ);
            }
        }
    }

    private void readHead() throws IOException {
        String line = readLine();
        if (!line.matches("HTTP/1\\.1 [1-5]\\d\\d( .*)?")) {
            throw new IOException("not an HTTP/1.1 answer: " + line);
        }
        status = Integer.parseInt(line.substring(9, 12));
        for (line = readLine(); !line.isEmpty(); line = readLine()) {
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("not an HTTP header: " + line);
            }
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        String length = headers.get("content-length");
        if ("chunked".equalsIgnoreCase(headers.get("transfer-encoding"))) {
            body = new Body(0, true);
        } else if (status == 204 || length != null && length.equals("0")) {
            body = InputStream.nullInputStream();
        } else if (length != null && length.matches("\\d{1,18}")) {
            body = new Body(Long.parseLong(length), false);
        } else {
            body = new Body(Long.MAX_VALUE, false);
        }
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            if (!in.hasRemaining() && !fill()) {
                throw new EOFException("the daemon closed the connection");
            }
            char c = (char) (in.get() & 0xff);
            if (c == '\n') {
                int length = line.length();
                return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
            }
            if (line.append(c).length() > MAX_HEAD_BYTES) {
                throw new IOException("a header line of more than " + MAX_HEAD_BYTES + " bytes");
            }
        }
    }

    /** Reads what is there, at least one byte; false at the end of the connection. */
    private boolean fill() throws IOException {
        while (true) {
            in.clear();
            int count = channel.read(in);
            in.flip();
            if (count != 0) {
                return count > 0;
            }
            await();
        }
    }

    private void await() throws IOException {
        if (!selector.isOpen()) {
            throw new IOException("closed");
        }
        int ready = selector.select(timeoutMillis);
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted");
        }
        if (!selector.isOpen()) {
            throw new IOException("closed");
        }
        selector.selectedKeys().clear();
        if (ready == 0 && timeoutMillis > 0) {
            throw new SocketTimeoutException("no answer for " + timeoutMillis / 1000 + " s");
        }
    }

    @Override
    public void close() {
        try {
            selector.close();
            channel.close();
        } catch (IOException e) {
            // The kernel has taken the descriptors back all the same; nobody could do anything about it.
            return;
        }
    }

    private final class Body extends InputStream {
        private final boolean chunked;
        private long remaining;
        private boolean ended;

        Body(long remaining, boolean chunked) {
            this.remaining = remaining;
            this.chunked = chunked;
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
            if (chunked && remaining == 0 && !ended) {
                nextChunk();
            }
            if (ended || remaining == 0) {
                return -1;
            }
            if (!in.hasRemaining() && !fill()) {
                if (remaining == Long.MAX_VALUE) {
                    ended = true;
                    return -1;
                }
                throw new EOFException("the daemon closed the connection in the middle of its answer");
            }
            int count = (int) Math.min(Math.min(length, in.remaining()), remaining);
            in.get(bytes, offset, count);
            if (remaining != Long.MAX_VALUE) {
                remaining -= count;
                if (chunked && remaining == 0) {
                    readLine();
                }
            }
            return count;
        }

        private void nextChunk() throws IOException {
            String line = readLine();
            int semicolon = line.indexOf(';');
            String size = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
            if (!size.matches("[0-9a-fA-F]{1,8}")) {
                throw new IOException("not a chunk size: " + line);
            }
            remaining = Long.parseLong(size, 16);
            if (remaining == 0) {
                ended = true;
                while (!readLine().isEmpty()) {
                    continue;
                }
            }
        }
    }
}
