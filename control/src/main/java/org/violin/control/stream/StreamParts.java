package org.violin.control.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;

/** What connections are made of, at either end. */
final class StreamParts {
    static final String KEY_LABEL = "violin stream 1";
    private static final int CONNECT_MS = 3_000;
    /** Unacknowledged for so long, a connection is given up: a new one is faster than its retransmissions by then. */
    private static final int USER_TIMEOUT_MS = 5_000;
    /** What the kernel holds and has not sent, beyond which it takes no more. */
    private static final long NOT_SENT_BYTES = 32 * 1024;
    /** Written at a time; nothing more before all of it has gone to the kernel. */
    private static final WriteBufferWaterMark AT_A_TIME = new WriteBufferWaterMark(1, 64 * 1024);
    private static final AdaptiveRecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(256, 4096, 256 * 1024);

    private final StreamConfig config;
    private final StreamTls tls;
    private final StreamCounters counters;
    private final Notices notices;
    private final SecureRandom random = new SecureRandom();
    private final byte[] key;

    StreamParts(StreamConfig config, StreamCounters counters, Notices notices) {
        this.config = config;
        this.counters = counters;
        this.notices = notices;
        tls = config.isTls() ? new StreamTls(config.listen() != null) : null;
        key = config.key() == null ? new byte[StreamHello.KEY_BYTES] : config.key().derive(KEY_LABEL);
    }

    static Bootstrap options(Bootstrap bootstrap) {
        return bootstrap.option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)
            .option(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, AT_A_TIME)
            .option(ChannelOption.RECVBUF_ALLOCATOR, READS);
    }

    /** The same for those that are accepted. */
    static void childOptions(ServerBootstrap bootstrap) {
        bootstrap.childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES)
            .childOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, AT_A_TIME)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, READS);
    }

    void addTls(Channel channel, boolean connects) {
        if (tls != null) {
            channel.pipeline().addLast(tls.handler(connects, channel.alloc()));
        }
    }

    /** Of what is listened to, for people. */
    String listening() {
        return (config.isTls() ? "tls " : "tcp ") + text(config.listen());
    }

    StreamHello hello(byte[] binding) {
        return new StreamHello(key, config.key() != null, binding, random);
    }

    void failure(StreamEvent event, String who, String what) {
        counters.increment(event);
        notices.failure(event, who, what);
    }

    /** Whoever is at the other end, for people. */
    static String address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address ? text(address) : "somebody";
    }

    static String text(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    void close() {
        Arrays.fill(key, (byte) 0);
    }
}
