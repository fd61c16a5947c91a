package org.violin.control.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * The beginning of every connection: TLS, if it is that, and the {@link StreamHello}. Tells its {@link Owner} what has
 * come of it, once; then it has left the connection, or closed it.
 */
final class HelloHandler extends ByteToMessageDecoder {
    /** For a proxy, TLS and the hello together. */
    static final long TIMEOUT_MS = 5_000;

    private static final int UNBOUND = StreamHello.BINDING_BYTES;

    /** Who made the connection, or accepted it. */
    interface Owner {
        /** A hello for a connection with that binding. */
        StreamHello hello(byte[] binding);

        /** @param nonce names the connection to both ends */
        void onGood(ChannelHandlerContext context, byte[] nonce);

        void onBad(ChannelHandlerContext context, StreamEvent event, String why);
    }

    private final Owner owner;
    private final boolean connects;
    private StreamHello hello;
    private boolean begun;
    private boolean last;
    private boolean told;

    /** @param connects whether this end has made the connection */
    HelloHandler(Owner owner, boolean connects) {
        this.owner = owner;
        this.connects = connects;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> fail(context, StreamEvent.HELLO_TIMEOUT, "has not said who it is in time"),
            TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        if (context.pipeline().get(SslHandler.class) == null) {
            begin(context, new byte[UNBOUND]);
        }
        super.channelActive(context);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (tls.isSuccess()) {
                begin(context, StreamTls.binding(context.pipeline().get(SslHandler.class)));
            } else {
                exceptionCaught(context, tls.cause());
            }
        }
        super.userEventTriggered(context, event);
    }

    private void begin(ChannelHandlerContext context, byte[] binding) {
        hello = owner.hello(binding);
        begun = true;
        if (connects) {
            context.writeAndFlush(Unpooled.wrappedBuffer(hello.first()));
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        int needed = last ? StreamHello.LAST_BYTES : StreamHello.FIRST_BYTES;
        if (told) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!begun || in.readableBytes() < needed) {
            return;
        }
        byte[] message = ByteBufUtil.getBytes(in, in.readerIndex(), needed);
        in.skipBytes(needed);
        try {
            onMessage(context, message);
        } catch (HelloException e) {
            fail(context, e.event(), e.getMessage());
        }
    }

    private void onMessage(ChannelHandlerContext context, byte[] message) throws HelloException {
        if (connects) {
            context.writeAndFlush(Unpooled.wrappedBuffer(hello.onAnswer(message)));
            succeed(context);
        } else if (last) {
            hello.onLast(message);
            succeed(context);
        } else {
            context.writeAndFlush(Unpooled.wrappedBuffer(hello.onFirst(message)));
            last = true;
        }
    }

    private void succeed(ChannelHandlerContext context) {
        told = true;
        owner.onGood(context, hello.nonce());
    }

    /** Closes the connection for being another's, if nothing has come of it yet. */
    void evict(ChannelHandlerContext context) {
        fail(context, StreamEvent.HELLO_EVICTED, "gave way to others who came later");
    }

    private void fail(ChannelHandlerContext context, StreamEvent event, String why) {
        if (!told) {
            told = true;
            owner.onBad(context, event, why);
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        boolean named = connects && begun;
        fail(context, named ? StreamEvent.HELLO_FORGED : StreamEvent.CONNECT_FAILED, named
            ? "closed the connection instead of saying who it is: has it the same key, mode and transport?"
            : "closed the connection");
        super.channelInactive(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        // Handlers wrap what others have thrown; the innermost tells.
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        switch (cause) {
            case ProxyConnectException proxy -> fail(context, StreamEvent.CONNECT_FAILED,
                "is not reached: the proxy says: " + firstLine(proxy));
            case NotSslRecordException foreign -> fail(context, StreamEvent.TLS_FAILED,
                "does not speak TLS: say --transport tls on both ends, or on neither");
            case SSLException tls -> fail(context, StreamEvent.TLS_FAILED, "TLS: " + firstLine(tls));
            default -> fail(context, StreamEvent.CONNECT_FAILED, firstLine(cause));
        }
    }

    /** What has happened, in a line; of an error of the kernel's, that alone. */
    static String firstLine(Throwable thrown) {
        if (thrown.getMessage() == null) {
            return thrown.getClass().getSimpleName();
        }
        // Some of it may be what the other end has said.
        String line = thrown.getMessage().lines().findFirst().orElse("").replaceAll("[^\\p{Print}]", "?");
        return line.replaceFirst("^\\w+\\(\\.\\.\\) failed.*?: ", "")
            .replaceFirst(": [^ ]*/[0-9.:\\[\\]a-f]+$", "");
    }
}
