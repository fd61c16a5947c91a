package org.violin.control.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.Arrays;
import org.violin.control.keys.SharedKey;

/** What connections are made of, at either end. */
final class StreamParts {
    static final String KEY_LABEL = "violin stream 2";
    private static final int CONNECT_MS = 3_000;
    /** Unacknowledged for so long, a connection is given up: a new one is faster than its retransmissions by then. */
    private static final int USER_TIMEOUT_MS = 5_000;
    /** What the kernel holds and has not sent, beyond which it takes no more. */
    private static final long NOT_SENT_BYTES = 32 * 1024;
    /** Written at a time; nothing more before all of it has gone to the kernel. */
    private static final WriteBufferWaterMark AT_A_TIME = new WriteBufferWaterMark(1, 64 * 1024);
    private static final AdaptiveRecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(256, 4096, 256 * 1024);

    private final SecureRandom random = new SecureRandom();
    private final StreamHello.Mode mode;
    private final StreamAuthority authority;
    private final byte[] key;
    private StreamTls tls;

    /**
     * @param shared    null: there is none
     * @param authority null: certificates tell nothing; and if there is no key either, anybody who connects is the peer
     */
    StreamParts(SharedKey shared, StreamAuthority authority) {
        this.authority = authority;
        mode = authority != null ? StreamHello.Mode.IDENTITIES
            : shared != null ? StreamHello.Mode.KEYED : StreamHello.Mode.PLAINTEXT;
        key = shared != null ? shared.derive(KEY_LABEL) : new byte[StreamHello.KEY_BYTES];
    }

    /** Null: there is none. */
    StreamAuthority authority() {
        return authority;
    }

    /** TLS to a tunnel's peer. */
    SslHandler client(StreamConfig config, Channel channel) {
        return authority == null ? tls().handler(true, channel.alloc())
            : new SslHandler(authority.client(config.tunnel()));
    }

    /** Any thread; takes a good part of a second when it is called first. */
    synchronized StreamTls tls() {
        if (tls == null) {
            tls = new StreamTls();
        }
        return tls;
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

    /** @param name null: the other end tells */
    StreamHello hello(byte[] binding, TunnelName name) {
        return new StreamHello(key, mode, binding, name, random);
    }

    /** Whoever is at the other end, for people. */
    static String address(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress address ? NetworkText.address(address) : "somebody";
    }

    /** To a connection that was accepted by somebody else. */
    static void tune(Channel channel) {
        channel.config().setOption(ChannelOption.ALLOCATOR, ByteBufAllocator.DEFAULT);
        channel.config().setOption(ChannelOption.TCP_NODELAY, true);
        channel.config().setOption(EpollChannelOption.TCP_NOTSENT_LOWAT, NOT_SENT_BYTES);
        channel.config().setOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
        channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, AT_A_TIME);
    }

    void close() {
        Arrays.fill(key, (byte) 0);
    }
}
