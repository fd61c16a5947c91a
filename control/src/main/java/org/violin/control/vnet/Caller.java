package org.violin.control.vnet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.violin.control.stream.NetworkText;
import org.violin.control.vnet.Refusal.Word;

/** A server that asks another one for a handler: says HELLO and BEGIN, each when what came before was answered. */
final class Caller extends ChannelInboundHandlerAdapter {
    private static final long TIMEOUT_S = 15;

    private final Deque<String> requests;
    private final Consumer<ChannelHandlerContext> begun;
    private final Consumer<Refusal> failed;
    private final LineBuffer line = new LineBuffer();
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;
    private boolean over;

    /**
     * @param begun  has the connection from then on, and removes this
     * @param failed the connection is closed; one of the two is called, once
     */
    Caller(Request.Handle handle, Consumer<ChannelHandlerContext> begun, Consumer<Refusal> failed) {
        requests = new ArrayDeque<>(List.of("HELLO " + handle.password() + " " + Request.VERSION,
            "BEGIN " + handle.spec().mirrored().text()));
        this.begun = begun;
        this.failed = failed;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> fail(context, "does not answer"), TIMEOUT_S, TimeUnit.SECONDS);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (context.pipeline().get(SslHandler.class) == null) {
            next(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (tls.isSuccess()) {
                next(context);
            } else {
                exceptionCaught(context, tls.cause());
            }
        }
    }

    private void next(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.copiedBuffer(requests.poll() + "\n", StandardCharsets.US_ASCII));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (bytes.isReadable() && !over) {
                String answer = line.add(bytes.readByte());
                if (answer != null) {
                    onAnswer(context, answer, bytes);
                }
            }
        } catch (Refusal e) {
            fail(context, "is no VNET server: it has sent " + e.getMessage());
        } finally {
            bytes.release();
        }
    }

    private void onAnswer(ChannelHandlerContext context, String answer, ByteBuf after) {
        if (!answer.equals("OK") && !answer.startsWith("OK ")) {
            fail(context, "says: " + answer);
        } else if (!requests.isEmpty()) {
            next(context);
        } else {
            over = true;
            rest = after.retain();
            begun.accept(context);
        }
    }

    private void fail(ChannelHandlerContext context, String why) {
        if (!over) {
            over = true;
            context.close();
            failed.accept(new Refusal(Word.REMOTE, "the other server " + why));
        }
    }

    /** There is no connection to begin with. */
    void onUnreachable(Throwable cause) {
        if (!over) {
            over = true;
            failed.accept(new Refusal(Word.REMOTE, "the other server is not reached: " + NetworkText.reason(cause)));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(context, "has closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        fail(context, "is not reached: " + NetworkText.reason(cause));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (rest.isReadable()) {
            context.fireChannelRead(rest.readRetainedSlice(rest.readableBytes()));
            context.fireChannelReadComplete();
        }
        rest.release();
        rest = Unpooled.EMPTY_BUFFER;
    }
}
