package org.violin.control.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.TimeUnit;

/**
 * Tells the other end of a connection that there is to be no other, and sees whether it has heard: then it closes the
 * connection, as it would be closed for no other reason. Who is cut off by a reset has not heard.
 */
final class Farewell extends ChannelInboundHandlerAdapter {
    private static final ByteBuf WORD = Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(FrameDecoder.LENGTH_BYTES).writeShort(FrameDecoder.FAREWELL));
    /** For the other end to hear it, and to close the connection. */
    private static final long LIMIT_S = 2;

    private boolean heard = true;

    private Farewell() {
    }

    /**
     * The loop's.
     *
     * @param unheard called when the connection is closed, if the other end may not know
     */
    static void say(Channel channel, Runnable unheard) {
        Farewell farewell = new Farewell();
        channel.pipeline().addFirst(farewell);
        // Closed at once, with bytes unread, a connection would take the farewell with it.
        var limit = channel.eventLoop().schedule(() -> {
            farewell.heard = false;
            channel.close();
        }, LIMIT_S, TimeUnit.SECONDS);
        channel.closeFuture().addListener(closed -> {
            limit.cancel(false);
            if (!farewell.heard) {
                unheard.run();
            }
        });
        channel.writeAndFlush(WORD.duplicate(), channel.voidPromise());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        heard = false;
        context.fireExceptionCaught(thrown);
    }
}
