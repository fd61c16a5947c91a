package org.violin.control.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.CompletionException;

/**
 * A body that is written piece by piece from a thread that may block: each write waits until the socket has taken it,
 * so a slow client slows its source and nothing piles up here.
 */
final class ApiStream {
    /** The client has closed the connection. */
    static final class ClientGoneException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        ClientGoneException(Throwable cause) {
            super("the client is gone", cause);
        }
    }

    private final Context context;
    private final HttpServerResponse response;
    private final String contentType;
    private volatile boolean gone;
    private boolean begun;

    /** On the event loop of {@code response}. */
    ApiStream(Context context, HttpServerResponse response, String contentType) {
        this.context = context;
        this.response = response;
        this.contentType = contentType;
        response.closeHandler(nothing -> gone = true);
        response.exceptionHandler(failure -> gone = true);
    }

    /** True from the moment the client has closed the connection. Any thread. */
    boolean gone() {
        return gone;
    }

    /** Whether the status is out: an error can then only be told inside the stream. */
    boolean begun() {
        return begun;
    }

    /** Sends the head of the answer, for a client that shall know at once that the stream has begun. */
    void begin() {
        if (!begun) {
            begun = true;
            await(() -> {
                response.setChunked(true).putHeader("Content-Type", contentType);
                return response.writeHead();
            });
        }
    }

    /** One line of NDJSON. */
    void writeLine(Object value) {
        write(Buffer.buffer(ApiJson.bytes(value)).appendByte((byte) '\n'));
    }

    void write(Buffer bytes) {
        begin();
        await(() -> response.write(bytes));
    }

    void end() {
        begin();
        await(response::end);
    }

    private interface Writing {
        Future<Void> start();
    }

    private void await(Writing writing) {
        Promise<Void> written = Promise.promise();
        context.runOnContext(nothing -> {
            if (gone) {
                written.fail("closed");
            } else {
                writing.start().onComplete(written);
            }
        });
        try {
            written.future().toCompletionStage().toCompletableFuture().join();
        } catch (CompletionException e) {
            gone = true;
            throw new ClientGoneException(e.getCause());
        }
    }
}
