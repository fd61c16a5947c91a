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
import java.security.cert.CertificateException;
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

        /** The other end has named a tunnel; throws to send it away. */
        void onNamed(ChannelHandlerContext context, TunnelName name) throws HelloException;

        void onGood(ChannelHandlerContext context, StreamHello hello);

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
        if (connects && context.pipeline().get(SslHandler.class) == null) {
            begin(context);
        }
        super.channelActive(context);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (!tls.isSuccess()) {
                exceptionCaught(context, tls.cause());
            } else if (connects) {
                begin(context);
            }
        }
        super.userEventTriggered(context, event);
    }

    private void begin(ChannelHandlerContext context) throws SSLException {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        hello = owner.hello(tls == null ? new byte[UNBOUND] : StreamTls.binding(tls));
        begun = true;
        if (connects) {
            context.writeAndFlush(Unpooled.wrappedBuffer(hello.first()));
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws SSLException {
        int needed = connects ? StreamHello.ANSWER_BYTES : last ? StreamHello.LAST_BYTES : StreamHello.FIRST_BYTES;
        if (told) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (!begun) {
            begin(context);
        }
        try {
            if (!last && in.readableBytes() >= StreamHello.HEADER_BYTES) {
                // At once: what is to follow is as long as its version says.
                hello.checkHeader(ByteBufUtil.getBytes(in, in.readerIndex(), StreamHello.HEADER_BYTES));
            }
            if (in.readableBytes() >= needed) {
                byte[] message = ByteBufUtil.getBytes(in, in.readerIndex(), needed);
                in.skipBytes(needed);
                onMessage(context, message);
            }
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
            hello.onFirst(message);
            owner.onNamed(context, hello.name());
            context.writeAndFlush(Unpooled.wrappedBuffer(hello.answer()));
            last = true;
        }
    }

    private void succeed(ChannelHandlerContext context) {
        told = true;
        owner.onGood(context, hello);
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
            ? "closed the connection instead of saying who it is: has it the same key, mode and transport, and this"
                + " tunnel?"
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
                "is not reached: the proxy says: " + NetworkText.reason(proxy));
            case NotSslRecordException foreign -> fail(context, StreamEvent.TLS_FAILED,
                "does not speak TLS: say --transport tls on both ends, or on neither");
            case CertificateException stranger -> fail(context, StreamEvent.TLS_FAILED, NetworkText.reason(stranger));
            case SSLException tls -> fail(context, StreamEvent.TLS_FAILED, "TLS: " + NetworkText.reason(tls));
            default -> fail(context, StreamEvent.CONNECT_FAILED, NetworkText.reason(cause));
        }
    }
}
