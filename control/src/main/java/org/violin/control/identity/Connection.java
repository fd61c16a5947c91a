package org.violin.control.identity;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.violin.control.keys.SharedKey;

/**
 * One control connection, at either end, behind its {@link SslHandler}. When TLS is done, the server takes the key that
 * comes of it and says so by one byte; with that, the client takes it as well. Then both close: the connection has no
 * other purpose, and no connection is ever idle. On the port's thread.
 */
final class Connection extends SimpleChannelInboundHandler<ByteBuf> {
    /** What a server says: it has the key. */
    static final byte READY = 1;
    /** For all of it, from the TCP connection on. */
    static final long TIME_MS = 5_000;

    /** Told of exactly one of the two. */
    interface Outcome {
        /**
         * Both ends have proved who they are.
         *
         * @param tls of this connection, for who the other end is
         * @param key the outcome's from now on
         * @return whether it is of use
         */
        boolean onKey(SslHandler tls, SharedKey key) throws SSLException;

        /** The other end wants a stream, and has proved to be a peer; whoever takes it adds its handlers. */
        default boolean onStream(Channel channel) {
            return false;
        }

        void onFault(Fault fault);
    }

    private final Identity self;
    private final boolean client;
    private final Outcome outcome;
    private Future<?> timer;
    private boolean done;

    Connection(Identity self, boolean client, Outcome outcome) {
        this.self = self;
        this.client = client;
        this.outcome = outcome;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        if (!client) {
            limit(context);
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (client) {
            limit(context);
        }
        context.fireChannelActive();
    }

    private void limit(ChannelHandlerContext context) {
        timer = context.executor().schedule(() -> fail(context, new Fault(ControlEvent.TIMED_OUT,
            "nothing more came within " + TIME_MS / 1000 + " s of connecting")), TIME_MS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws SSLException {
        if (event instanceof SslHandshakeCompletionEvent completion) {
            if (!completion.isSuccess()) {
                fail(context, Fault.of(completion.cause(), self));
            } else if (!client && Tls.STREAM_ALPN.equals(tls(context).engine().getApplicationProtocol())) {
                stream(context);
            } else if (!Tls.ALPN.equals(tls(context).engine().getApplicationProtocol())) {
                fail(context, new Fault(ControlEvent.NOT_OURS,
                    "the other end speaks TLS, but not " + Tls.ALPN + ": is it Violin?"));
            } else if (!client && take(context)) {
                context.writeAndFlush(context.alloc().buffer(1).writeByte(READY))
                    .addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    private void stream(ChannelHandlerContext context) {
        if (outcome.onStream(context.channel())) {
            done = true;
            context.pipeline().remove(this);
        } else {
            fail(context, new Fault(ControlEvent.NOT_OURS, "the other end wants a stream, and no tunnel goes by one"
                + " here (yet): say --transport tls or auto on both ends"));
        }
    }

    private static SslHandler tls(ChannelHandlerContext context) {
        return context.pipeline().get(SslHandler.class);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf data) throws SSLException {
        if (done) {
            return;
        }
        if (!client || data.readableBytes() != 1 || data.readByte() != READY) {
            fail(context, new Fault(ControlEvent.NOT_OURS, "the other end says what " + Tls.ALPN + " does not know"));
        } else if (take(context)) {
            context.close();
        }
    }

    private boolean take(ChannelHandlerContext context) throws SSLException {
        if (done) {
            return false;
        }
        SharedKey key = Tls.sharedKey(tls(context).engine());
        done = true;
        boolean taken = outcome.onKey(tls(context), key);
        if (!taken) {
            context.close();
        }
        return taken;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(context, Fault.of(cause, self));
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(context, Fault.of(new ClosedChannelException(), self));
    }

    /** Ends it, unless it has done what it is for. */
    void fail(ChannelHandlerContext context, Fault fault) {
        if (!done) {
            done = true;
            outcome.onFault(fault);
        }
        context.close();
    }
}
