package org.violin.control.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Carries the datagrams of one tunnel over one TCP or TLS connection. To the dataplane it is the tunnel's peer, at
 * {@link #address()}: a path of {@value #PATH_MTU} bytes that loses what the stream cannot take, and everything while
 * there is no connection. Any thread may call this.
 */
public final class StreamRelay implements AutoCloseable {
    /** To be the tunnel's. */
    public static final int PATH_MTU = 65_535;

    /** Read of the dataplane's before they are sent. */
    private static final int READS = 16;
    /** More than one read of the stream has; beyond it is dropped. */
    private static final WriteBufferWaterMark TO_DATAPLANE = new WriteBufferWaterMark(512 * 1024, 1024 * 1024);
    /** Of the UDP socket: some super-frames, as the kernel counts them. */
    private static final int BUFFER_BYTES = 1024 * 1024;
    private static final int SOL_SOCKET = 1;
    /** Beyond the system's limit for everybody; for those who may make TAPs it works. */
    private static final ChannelOption<Integer> FORCED_BUFFER =
        new IntegerUnixChannelOption("SO_RCVBUFFORCE", SOL_SOCKET, 33);
    /** Nine numbers, the last of them the datagrams that found the buffer full. */
    private static final ChannelOption<ByteBuffer> MEMORY_USE =
        new RawUnixChannelOption("SO_MEMINFO", SOL_SOCKET, 55, 9 * Integer.BYTES);

    private final Streams streams;
    private final StreamConfig config;
    private final EventLoop loop;
    private final StreamCounters counters = new StreamCounters();
    private final Notices notices;
    private final Junction junction;
    private final Channel udp;
    private final InetSocketAddress address;
    /** Null: the peer connects. */
    private final Dialer dialer;
    private final AtomicBoolean connecting = new AtomicBoolean();

    /** @throws java.io.UncheckedIOException if there is no socket to be had */
    StreamRelay(Streams streams, StreamConfig config, StreamParts parts, EventLoop loop, InetAddress local,
        InetSocketAddress dataplane, Consumer<String> told) {
        this.streams = streams;
        this.config = config;
        this.loop = loop;
        notices = new Notices(counters, told);
        junction = new Junction(counters, notices);
        dialer = config.remote() == null ? null : new Dialer(parts, config, junction, notices, loop);
        udp = Streams.await(openUdp(local, dataplane), "UDP inside this host (is the interface lo up?)").channel();
        address = (InetSocketAddress) udp.localAddress();
    }

    /** Connects to the peer from now on, whenever there is no connection; without effect if the peer connects. */
    public void connect() {
        if (dialer != null && connecting.compareAndSet(false, true)) {
            loop.execute(() -> {
                junction.whenLost(dialer::dial);
                dialer.dial();
            });
        }
    }

    /**
     * Takes over a connection that somebody else has brought about, whose other end speaks frames from now on. The
     * loop's.
     *
     * @param last      of its handlers, which is replaced
     * @param peer      who is at the other end, for people
     * @param whenLost  called when it has ended by itself
     * @param whenEnded called instead when the other end has {@linkplain #dismiss dismissed} it
     */
    public void adopt(ChannelHandlerContext last, String peer, Runnable whenLost, Runnable whenEnded) {
        // What waits is to wait in the relay's queue, which is short, and not behind it in the kernel.
        StreamParts.tune(last.channel());
        junction.whenLost(whenLost);
        junction.whenEnded(whenEnded);
        junction.adopt(last, peer, false, new byte[0]);
    }

    /**
     * Ends the connection, if there is one, and tells the other end that there is to be no other. The loop's.
     *
     * @param unheard called if the other end may not have heard it
     */
    public void dismiss(Runnable unheard) {
        junction.dismiss(unheard);
    }

    /** The same for a connection whose other end speaks frames from now on, and that no relay has. The loop's. */
    public static void dismiss(Channel channel, Runnable unheard) {
        Farewell.say(channel, unheard);
    }

    private ChannelFuture openUdp(InetAddress local, InetSocketAddress dataplane) {
        return new Bootstrap().group(loop).channel(EpollDatagramChannel.class)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new DatagramBuffers(READS))
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, TO_DATAPLANE)
            .option(ChannelOption.SO_SNDBUF, BUFFER_BYTES)
            .option(ChannelOption.SO_RCVBUF, BUFFER_BYTES)
            .option(FORCED_BUFFER, BUFFER_BYTES)
            .handler(junction)
            // Connected, so that the kernel keeps out what others send.
            .connect(dataplane, new InetSocketAddress(local, 0));
    }

    /** What the tunnel's remote address is to be, for the tunnel to go by the stream. */
    public InetSocketAddress address() {
        return address;
    }

    StreamConfig config() {
        return config;
    }

    /** The loop's. */
    Junction junction() {
        return junction;
    }

    boolean isConnected() {
        return !junction.connection().isEmpty();
    }

    /** When the peer has sent a datagram by the stream last, by {@link System#nanoTime}. */
    long heardNs() {
        return junction.heardNs();
    }

    /** @param carries whether the tunnel goes by it */
    public StreamStatus status(boolean carries) {
        ByteBuffer use = udp.config().getOption(MEMORY_USE).order(ByteOrder.nativeOrder());
        counters.set(StreamEvent.RELAY_FULL, use.getInt(use.capacity() - Integer.BYTES) & 0xFFFF_FFFFL);
        Map<String, Long> events = counters.byLabel(false);
        streams.strangers().byLabel(false).forEach((label, count) -> events.merge(label, count, Long::sum));
        return new StreamStatus(config.transport(), carries, junction.connection(), notices.trouble(), events,
            counters.byLabel(true));
    }

    /** Makes and takes no more connections; that which there is stays. */
    void retire() {
        loop.submit(this::onRetire).awaitUninterruptibly();
    }

    private void onRetire() {
        streams.forget(this);
        junction.whenLost(() -> { });
        if (dialer != null) {
            dialer.close();
        }
    }

    /** Ends the connection as {@link #dismiss} does, and closes. Any thread. */
    public void close(Runnable unheard) {
        if (!loop.isShuttingDown()) {
            loop.submit(() -> {
                junction.dismiss(unheard);
                onClose();
            }).awaitUninterruptibly();
        }
    }

    /** Ends the connection. */
    @Override
    public void close() {
        if (!loop.isShuttingDown()) {
            loop.submit(this::onClose).awaitUninterruptibly();
        }
    }

    void onClose() {
        onRetire();
        junction.close();
    }
}
