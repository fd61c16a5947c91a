package org.violin.control.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** Somebody in between, who ends TLS on both sides, sees all that is said, and passes it on. */
final class TlsSplice implements AutoCloseable {
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final StreamTls tls = new StreamTls();
    private final InetSocketAddress server;
    private final Channel listening;

    TlsSplice(InetSocketAddress server) {
        this.server = server;
        listening = new ServerBootstrap().group(group).channel(EpollServerSocketChannel.class)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel client) {
                    splice(client);
                }
            }).bind(Streams.DATAPLANE).syncUninterruptibly().channel();
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listening.localAddress();
    }

    private void splice(Channel client) {
        client.config().setAutoRead(false);
        Channel onward = new Bootstrap().group(client.eventLoop()).channel(EpollSocketChannel.class)
            .handler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(tls.handler(true, channel.alloc()), new PassOn(client));
                }
            }).connect(server).addListener(connected -> client.config().setAutoRead(true)).channel();
        client.pipeline().addLast(tls.handler(false, client.alloc()), new PassOn(onward));
    }

    private static final class PassOn extends ChannelInboundHandlerAdapter {
        private final Channel other;

        PassOn(Channel other) {
            this.other = other;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object bytes) {
            other.writeAndFlush(bytes);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            other.close();
        }
    }

    @Override
    public void close() {
        group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }
}
