package org.violin.control.vnet;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLEngine;
import org.violin.control.identity.Identity;
import org.violin.control.identity.PinnedTls;

/** Connects to other servers. Any thread; what comes of it is the loop's. */
final class Connector {
    /** How a server reads, whoever has connected. */
    static final AdaptiveRecvByteBufAllocator READS = new AdaptiveRecvByteBufAllocator(256, 4096, 256 * 1024);
    private static final int CONNECT_MS = 5_000;

    private final EventLoop loop;

    Connector(EventLoop loop) {
        this.loop = loop;
    }

    EventLoop loop() {
        return loop;
    }

    /** @param self whose certificate is shown; null: nobody's */
    void connect(Place place, Identity self, Caller caller) {
        SSLEngine tls = place.fingerprint() == null ? null : PinnedTls.client(place.fingerprint(), self);
        new Bootstrap().group(loop).channel(EpollSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
            .option(ChannelOption.RECVBUF_ALLOCATOR, READS)
            .handler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    if (tls != null) {
                        channel.pipeline().addLast(new SslHandler(tls));
                    }
                    channel.pipeline().addLast(caller);
                }
            }).connect(place.address()).addListener(connected -> {
                if (!connected.isSuccess()) {
                    caller.onUnreachable(connected.cause());
                }
            });
    }
}
