package org.violin.control.stream;

import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.violin.control.keys.SharedKey;

/** The streams of all tunnels of a process: one thread, one TCP port, a relay for each. Any thread may call this. */
public final class Streams implements AutoCloseable {
    /** Where the dataplane's UDP socket is to be bound if it talks to relays alone; the kernel chooses the port. */
    public static final InetSocketAddress DATAPLANE = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0);

    private static final InetAddress LOOPBACK_V6 = InetAddress.ofLiteral("::1");
    private static final long CLOSE_S = 2;

    /** Null: the thread is the authority's. */
    private final EventLoopGroup group;
    private final EventLoop loop;
    private final StreamCounters strangers = new StreamCounters();
    private final StreamParts parts;
    private final InetSocketAddress dataplane;
    /** Where relays have their sockets: an address that nobody outside can send from, not even in its name. */
    private final InetAddress loopback;
    private final Consumer<String> told;
    /** The loop's: to whom a connection may be made. */
    private final Map<TunnelName, StreamRelay> relays = new HashMap<>();

    private Streams(SharedKey key, StreamAuthority authority, InetSocketAddress listen, InetSocketAddress dataplane,
        Consumer<String> told) {
        parts = new StreamParts(key, authority);
        loopback = dataplane.getAddress() instanceof Inet6Address ? LOOPBACK_V6 : DATAPLANE.getAddress();
        boolean everywhere = dataplane.getAddress().isAnyLocalAddress();
        this.dataplane = everywhere ? new InetSocketAddress(loopback, dataplane.getPort()) : dataplane;
        this.told = told;
        group = authority != null ? null : new MultiThreadIoEventLoopGroup(1,
            new DefaultThreadFactory("stream", true), EpollIoHandler.newFactory());
        loop = authority != null ? authority.loop() : group.next();
        Listener listener = new Listener(parts, relays, new Notices(strangers, told));
        if (authority != null) {
            loop.submit(() -> authority.onStream(listener::onPeer)).awaitUninterruptibly();
        } else if (listen != null) {
            try {
                await(listener.listen(group, listen), "tcp " + NetworkText.address(listen));
            } catch (UncheckedIOException e) {
                close();
                throw e;
            }
        }
    }

    /**
     * Starts the thread, and listens.
     *
     * @param key       which both ends prove to have; null: anybody who connects is the peer
     * @param listen    where peers may connect to; null: nowhere
     * @param dataplane where the dataplane has its UDP socket; if that is every address of the host, on loopback
     * @param told      gets a line for people when something has become of a connection, on the streams' thread
     * @throws UncheckedIOException if an address cannot be had
     */
    public static Streams start(SharedKey key, InetSocketAddress listen, InetSocketAddress dataplane,
        Consumer<String> told) {
        if (!Epoll.isAvailable()) {
            throw new UncheckedIOException("streams need Netty's epoll transport, which does not load here",
                new IOException(Epoll.unavailabilityCause()));
        }
        return new Streams(key, null, listen, dataplane, told);
    }

    /** The same where {@code authority} has the thread and the port, and knows the peers; all streams are TLS. */
    public static Streams start(StreamAuthority authority, InetSocketAddress dataplane, Consumer<String> told) {
        return new Streams(null, authority, null, dataplane, told);
    }

    /**
     * Opens a relay, to which the peer may connect from now on. It takes the place of another one of its name.
     *
     * @throws UncheckedIOException if there is no socket to be had
     */
    public StreamRelay open(StreamConfig config) {
        if (config.tls() && parts.authority() == null) {
            parts.tls();
        }
        StreamRelay relay = new StreamRelay(this, config, parts, loop, loopback, dataplane, told);
        loop.submit(() -> relays.put(config.name(), relay)).awaitUninterruptibly();
        return relay;
    }

    /** The loop's. */
    void forget(StreamRelay relay) {
        relays.remove(relay.config().name(), relay);
    }

    /** Of those that have not said which tunnel they are for. */
    StreamCounters strangers() {
        return strangers;
    }

    static ChannelFuture await(ChannelFuture future, String object) {
        future.awaitUninterruptibly();
        if (!future.isSuccess()) {
            String reason = NetworkText.reason(future.cause());
            throw new UncheckedIOException(object + ": " + reason, new IOException(future.cause()));
        }
        return future;
    }

    /** Closes all relays, and ends the thread. */
    @Override
    public void close() {
        if (!loop.isShuttingDown()) {
            loop.submit(() -> {
                if (parts.authority() != null) {
                    parts.authority().onStream(null);
                }
                for (StreamRelay relay : relays.values().toArray(new StreamRelay[0])) {
                    relay.onClose();
                }
            }).awaitUninterruptibly();
            if (group != null) {
                group.shutdownGracefully(0, CLOSE_S, TimeUnit.SECONDS).awaitUninterruptibly();
            }
            parts.close();
        }
    }
}
