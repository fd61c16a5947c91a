package org.violin.control.vnet;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Closes a connection so that the other end hears what was said to it last: a line, or an alert of TLS. Closed at once,
 * with bytes unread, it would be reset, and who writes then fails before reading. The first of a connection's parts.
 */
final class LastWord extends ChannelDuplexHandler {
    /** For the other end to close the connection, too. */
    private static final long LIMIT_S = 2;

    private Future<?> limit;

    @Override
    public void close(ChannelHandlerContext context, ChannelPromise promise) {
        SocketChannel channel = (SocketChannel) context.channel();
        if (!channel.isActive() || channel.isInputShutdown()) {
            context.close(promise);
            return;
        }
        channel.closeFuture().addListener(closed -> promise.trySuccess());
        if (limit == null) {
            limit = context.executor().schedule(() -> context.close(), LIMIT_S, TimeUnit.SECONDS);
            channel.closeFuture().addListener(closed -> limit.cancel(false));
            channel.shutdownOutput();
            channel.config().setAutoRead(true);
        }
    }

    /** Nobody wants it any more. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (limit == null) {
            context.fireChannelRead(message);
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (limit != null && event instanceof ChannelInputShutdownEvent) {
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        if (limit == null) {
            context.fireExceptionCaught(thrown);
        } else {
            context.close();
        }
    }
}
