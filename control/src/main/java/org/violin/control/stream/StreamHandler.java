package org.violin.control.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * A connection to the peer that has proved to be that: reads its datagrams, and gives a sign of life when there is
 * nothing else to send. Silent for {@value #SILENCE_S} s, it is closed.
 */
final class StreamHandler extends ChannelInboundHandlerAdapter {
    static final long SILENCE_S = 5;
    private static final long TICK_S = 1;
    private static final ByteBuf SIGN_OF_LIFE = Unpooled.unreleasableBuffer(
        Unpooled.directBuffer(FrameDecoder.LENGTH_BYTES).writeZero(FrameDecoder.LENGTH_BYTES));

    private final Junction junction;
    private final String peer;
    private final boolean connects;
    private final byte[] nonce;
    private final long sinceNs = System.nanoTime();
    private Channel channel;
    private FrameDecoder decoder;
    private Future<?> ticks;
    private long readNs = sinceNs;
    private boolean hasWritten;
    private boolean dismissed;
    private boolean farewell;
    private String why = "the other end closed it";

    /**
     * @param peer     who is at the other end, for people
     * @param connects whether this end made the connection
     * @param nonce    names the connection to both ends
     */
    StreamHandler(Junction junction, String peer, boolean connects, byte[] nonce) {
        this.junction = junction;
        this.peer = peer;
        this.connects = connects;
        this.nonce = nonce;
    }

    Channel channel() {
        return channel;
    }

    String peer() {
        return peer;
    }

    boolean connects() {
        return connects;
    }

    byte[] nonce() {
        return nonce;
    }

    /** Why it has ended, for people. */
    String why() {
        return why;
    }

    /** Whether the other end has ended it, and wants no other connection. */
    boolean isFarewell() {
        return farewell;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        channel = context.channel();
        decoder = new FrameDecoder(context.alloc(), junction::toDataplane);
        ticks = context.executor().scheduleAtFixedRate(this::tick, TICK_S, TICK_S, TimeUnit.SECONDS);
    }

    private void tick() {
        if (System.nanoTime() - readNs > TimeUnit.SECONDS.toNanos(SILENCE_S)) {
            close("nothing has come for " + SILENCE_S + " s");
        } else if (!hasWritten && channel.isWritable()) {
            channel.writeAndFlush(SIGN_OF_LIFE.duplicate(), channel.voidPromise());
        }
        hasWritten = false;
    }

    /** Without a flush; takes the frame. */
    void write(ByteBuf frame) {
        hasWritten = true;
        channel.write(frame, channel.voidPromise());
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        readNs = System.nanoTime();
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!dismissed && context.channel().isActive() && !decoder.read(bytes)) {
                onBadLength();
            }
        } finally {
            bytes.release();
        }
    }

    private void onBadLength() {
        farewell = decoder.isFarewell() && junction.takesFarewells();
        if (farewell) {
            close("the other end has ended it");
        } else {
            junction.count(StreamEvent.BAD_FRAME);
            close("a length came that no datagram has");
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        junction.flushToDataplane();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        junction.drain();
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        junction.onEnd(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        ticks.cancel(false);
        decoder.close();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        close(NetworkText.reason(thrown));
    }

    /** Says that there is to be no other connection; this one is closed by the other end, or in a while. */
    void dismiss(Runnable unheard) {
        dismissed = true;
        ticks.cancel(false);
        Farewell.say(channel, unheard);
    }

    void close(String reason) {
        if (channel.isOpen()) {
            why = reason;
            channel.close();
        }
    }
}
