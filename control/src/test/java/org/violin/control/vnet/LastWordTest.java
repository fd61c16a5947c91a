package org.violin.control.vnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LastWordTest {
    private static final String WORD = "ERROR order say HELLO first\n";
    private static final int LIMIT_S = 20;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final CompletableFuture<Channel> accepted = new CompletableFuture<>();
    private final InetSocketAddress server = listen();

    /** Says its last word to the first that it reads. */
    private InetSocketAddress listen() {
        Channel bound = new ServerBootstrap().group(group).channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    channel.pipeline().addLast(new LastWord(), new ChannelInboundHandlerAdapter() {
                        @Override
                        public void channelRead(ChannelHandlerContext context, Object message) {
                            ReferenceCountUtil.release(message);
                            context.writeAndFlush(Unpooled.copiedBuffer(WORD, StandardCharsets.US_ASCII))
                                .addListener(ChannelFutureListener.CLOSE);
                        }
                    });
                    accepted.complete(channel);
                }
            }).bind(InetAddress.getLoopbackAddress(), 0).syncUninterruptibly().channel();
        return (InetSocketAddress) bound.localAddress();
    }

    @AfterEach
    void close() {
        group.shutdownGracefully(0, LIMIT_S, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    @Test
    void isReadByOneWhoWritesOn() throws IOException {
        try (Socket client = client()) {
            byte[] lines = new byte[64 * 1024];
            // Until the word is there, and then some: to a connection that is gone they could not be written.
            for (int round = 0; round < 50 || client.getInputStream().available() < WORD.length(); round++) {
                client.getOutputStream().write(lines);
            }
            assertThat(client.getInputStream().readAllBytes()).asString(StandardCharsets.US_ASCII).isEqualTo(WORD);
        }
        assertThat(accepted.join().closeFuture().awaitUninterruptibly(LIMIT_S, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void doesNotWaitForeverForOneWhoStays() throws IOException {
        try (Socket client = client()) {
            client.getOutputStream().write('x');
            assertThat(accepted.join().closeFuture().awaitUninterruptibly(LIMIT_S, TimeUnit.SECONDS)).isTrue();
            assertThat(client.getInputStream().readAllBytes()).asString(StandardCharsets.US_ASCII).isEqualTo(WORD);
        }
    }

    private Socket client() throws IOException {
        Socket client = new Socket(server.getAddress(), server.getPort());
        client.setSoTimeout((int) TimeUnit.SECONDS.toMillis(LIMIT_S));
        return client;
    }
}
