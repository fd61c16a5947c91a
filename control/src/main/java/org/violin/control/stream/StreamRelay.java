package org.violin.control.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.IntegerUnixChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
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

    /** Where the dataplane's UDP socket is to be bound if it talks to a relay alone; the kernel chooses the port. */
    public static final InetSocketAddress DATAPLANE = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

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
    private static final long CLOSE_S = 2;

    private final EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("stream", true), EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final StreamCounters counters = new StreamCounters();
    private final StreamParts parts;
    private final Junction junction;
    private final Channel udp;
    /** Null: the peer connects. */
    private final Dialer dialer;
    private final AtomicBoolean connecting = new AtomicBoolean();

    private StreamRelay(StreamConfig config, InetSocketAddress dataplane, Consumer<String> told) {
        Notices notices = new Notices(told);
        parts = new StreamParts(config, counters, notices);
        junction = new Junction(counters, notices);
        dialer = config.remote() == null ? null
            : new Dialer(parts, junction, loop, config.remote(), config.proxy());
        try {
            udp = await(openUdp(dataplane), "UDP inside this host (is the interface lo up?)").channel();
            if (config.listen() != null) {
                await(new Listener(parts, junction).listen(group, config.listen()), parts.listening());
            }
        } catch (UncheckedIOException e) {
            close();
            throw e;
        }
    }

    /**
     * Starts a relay's thread, and listens if it is to.
     *
     * @param dataplane where the dataplane has its UDP socket; if that is every address of the host, on loopback
     * @param told      gets a line for people when something has become of a connection, on the relay's thread
     * @throws UncheckedIOException if an address cannot be had
     */
    public static StreamRelay start(StreamConfig config, InetSocketAddress dataplane, Consumer<String> told) {
        if (!Epoll.isAvailable()) {
            throw new UncheckedIOException("streams need Netty's epoll transport, which does not load here",
                new IOException(Epoll.unavailabilityCause()));
        }
        boolean everywhere = dataplane.getAddress().isAnyLocalAddress();
        return new StreamRelay(config,
            everywhere ? new InetSocketAddress(DATAPLANE.getAddress(), dataplane.getPort()) : dataplane, told);
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

    private ChannelFuture openUdp(InetSocketAddress dataplane) {
        return new Bootstrap().group(loop).channel(EpollDatagramChannel.class)
            .option(ChannelOption.RECVBUF_ALLOCATOR, new DatagramBuffers(READS))
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, TO_DATAPLANE)
            .option(ChannelOption.SO_SNDBUF, BUFFER_BYTES)
            .option(ChannelOption.SO_RCVBUF, BUFFER_BYTES)
            .option(FORCED_BUFFER, BUFFER_BYTES)
            .handler(junction)
            // Connected, so that the kernel keeps out what others send.
            .connect(dataplane, new InetSocketAddress(dataplane.getAddress(), 0));
    }

    private static ChannelFuture await(ChannelFuture future, String object) {
        future.awaitUninterruptibly();
        if (!future.isSuccess()) {
            String reason = HelloHandler.firstLine(future.cause());
            throw new UncheckedIOException(object + ": " + reason, new IOException(future.cause()));
        }
        return future;
    }

    /** What the tunnel's remote address is to be, for the tunnel to go by the stream. */
    public InetSocketAddress address() {
        return (InetSocketAddress) udp.localAddress();
    }

    public StreamStatus status() {
        ByteBuffer use = udp.config().getOption(MEMORY_USE).order(ByteOrder.nativeOrder());
        counters.set(StreamEvent.RELAY_FULL, use.getInt(use.capacity() - Integer.BYTES) & 0xFFFF_FFFFL);
        return new StreamStatus(junction.connection(), counters.byLabel(false), counters.byLabel(true));
    }

    /** Ends the connection, and the thread. */
    @Override
    public void close() {
        if (!group.isShuttingDown()) {
            loop.submit(() -> {
                if (dialer != null) {
                    dialer.close();
                }
                junction.close();
            }).awaitUninterruptibly();
            group.shutdownGracefully(0, CLOSE_S, TimeUnit.SECONDS).awaitUninterruptibly();
            parts.close();
        }
    }
}
