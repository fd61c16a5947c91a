package org.violin.control.stream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.DatagramPacket;
import java.util.Arrays;

/**
 * Where the dataplane's datagrams and the stream meet. There is one connection to the peer at most; a newer one takes
 * its place. What the dataplane sends waits in a {@link CodelQueue} in front of it, and next to nothing behind that:
 * the connection is given more when it has passed on what it had.
 */
final class Junction extends ChannelInboundHandlerAdapter {
    private final StreamCounters counters;
    private final Notices notices;
    private final CodelQueue queue;
    private Channel udp;
    private StreamHandler stream;
    private Runnable whenLost = () -> { };
    private Runnable whenEnded;
    private boolean draining;
    private boolean hears;
    private volatile String connection = "";
    private volatile long heardNs = System.nanoTime();

    Junction(StreamCounters counters, Notices notices) {
        this.counters = counters;
        this.notices = notices;
        queue = new CodelQueue(counters);
    }

    /** Called when there is no connection any more. */
    void whenLost(Runnable action) {
        whenLost = action;
    }

    /** Called instead, when the other end has said that there is to be no other connection. */
    void whenEnded(Runnable action) {
        whenEnded = action;
    }

    /** Whether the other end may say so. */
    boolean takesFarewells() {
        return whenEnded != null;
    }

    void count(StreamEvent event) {
        counters.increment(event);
    }

    boolean isConnected() {
        return stream != null;
    }

    /** Any thread: to whom there is a connection; empty: to nobody. */
    String connection() {
        return connection;
    }

    /** Any thread: when the peer has sent a datagram here last. */
    long heardNs() {
        return heardNs;
    }

    /**
     * A connection has proved to be the peer's: takes it, and what its hello left unread.
     *
     * @param hello the last handler of its pipeline, which is replaced
     */
    void adopt(ChannelHandlerContext hello, String peer, boolean connects, byte[] nonce) {
        StreamHandler next = new StreamHandler(this, peer, connects, nonce);
        StreamHandler last = stream;
        count(StreamEvent.CONNECTED);
        if (last != null && last.connects() != connects && Arrays.compareUnsigned(nonce, last.nonce()) < 0) {
            // Both ends have connected at the same time: both keep the one that has the higher number.
            count(StreamEvent.REPLACED);
            hello.close();
            return;
        }
        stream = next;
        connection = peer;
        hello.pipeline().addLast(next);
        hello.pipeline().remove(hello.handler());
        notices.connected(peer);
        if (last != null) {
            count(StreamEvent.REPLACED);
            last.close("a newer one has taken its place");
        }
    }

    /** A connection has ended. */
    void onEnd(StreamHandler ended) {
        if (ended != stream) {
            return;
        }
        stream = null;
        connection = "";
        queue.clear(StreamEvent.NO_CONNECTION);
        count(StreamEvent.CONNECTION_LOST);
        notices.tell("connection to " + ended.peer() + " lost: " + ended.why());
        if (ended.isFarewell()) {
            whenEnded.run();
        } else {
            whenLost.run();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        udp = context.channel();
    }

    /** From the dataplane; the packet's buffer begins with room for its length. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf frame = ((DatagramPacket) message).content();
        if (stream == null) {
            count(StreamEvent.NO_CONNECTION);
            frame.release();
            return;
        }
        frame.setShort(frame.readerIndex(), frame.readableBytes() - FrameDecoder.LENGTH_BYTES);
        queue.offer(DatagramBuffers.fitted(frame), System.nanoTime());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        drain();
    }

    /** Gives the stream what it takes. */
    void drain() {
        if (stream == null || draining) {
            return;
        }
        draining = true;
        Channel channel = stream.channel();
        while (!queue.isEmpty() && channel.isWritable()) {
            long nowNs = System.nanoTime();
            while (channel.isWritable()) {
                ByteBuf frame = queue.poll(nowNs);
                if (frame == null) {
                    break;
                }
                stream.write(frame);
            }
            channel.flush();
        }
        draining = false;
    }

    /** From the peer; without a flush. */
    void toDataplane(ByteBuf datagram) {
        hears = true;
        if (udp.isWritable()) {
            udp.write(datagram, udp.voidPromise());
        } else {
            count(StreamEvent.DATAPLANE_FULL);
            datagram.release();
        }
    }

    void flushToDataplane() {
        if (hears) {
            hears = false;
            heardNs = System.nanoTime();
        }
        udp.flush();
    }

    /** The dataplane's socket is closed, or would not take a datagram. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        count(StreamEvent.DATAPLANE_FULL);
    }

    /** Ends the connection, if there is one, and says that there is to be no other. */
    void dismiss(Runnable unheard) {
        StreamHandler last = forget();
        if (last != null) {
            last.dismiss(unheard);
        }
    }

    private StreamHandler forget() {
        queue.clear(StreamEvent.NO_CONNECTION);
        StreamHandler last = stream;
        stream = null;
        connection = "";
        return last;
    }

    void close() {
        whenLost = () -> { };
        StreamHandler last = forget();
        if (last != null) {
            last.close("this end has ended");
        }
        if (udp != null) {
            udp.close();
        }
    }
}
