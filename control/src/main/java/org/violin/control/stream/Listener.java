package org.violin.control.stream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import org.violin.control.keys.TokenBucket;

/**
 * Accepts connections. Those that have not proved to be the peer's are {@value #PENDING_MAX} at most: one more takes
 * the place of the oldest. So strangers who say nothing do not keep the peer out, as it needs two round trips; and they
 * may come {@value #PER_SECOND} times a second, as TLS has its price.
 */
final class Listener implements HelloHandler.Owner {
    static final int PENDING_MAX = 64;
    static final int PER_SECOND = 50;
    private static final int BURST = 100;
    private static final int BACKLOG = 64;

    private final StreamParts parts;
    private final Junction junction;
    private final TokenBucket bucket = new TokenBucket(PER_SECOND, BURST, System.nanoTime());
    private final Map<Channel, HelloHandler> pending = new LinkedHashMap<>();

    Listener(StreamParts parts, Junction junction) {
        this.parts = parts;
        this.junction = junction;
    }

    ChannelFuture listen(EventLoopGroup loop, InetSocketAddress address) {
        ServerBootstrap bootstrap = new ServerBootstrap().group(loop, loop).channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    onAccept(channel);
                }
            });
        StreamParts.childOptions(bootstrap);
        return bootstrap.bind(address);
    }

    private void onAccept(Channel channel) {
        if (!bucket.take(System.nanoTime())) {
            onBad(channel, StreamEvent.FLOOD, "and others connect more than " + PER_SECOND + " times a second");
            channel.close();
            return;
        }
        if (pending.size() == PENDING_MAX) {
            Map.Entry<Channel, HelloHandler> oldest = pending.entrySet().iterator().next();
            oldest.getValue().evict(oldest.getKey().pipeline().context(oldest.getValue()));
            pending.remove(oldest.getKey());
        }
        HelloHandler hello = new HelloHandler(this, false);
        pending.put(channel, hello);
        channel.closeFuture().addListener(closed -> pending.remove(channel));
        parts.addTls(channel, false);
        channel.pipeline().addLast(hello);
    }

    @Override
    public StreamHello hello(byte[] binding) {
        return parts.hello(binding);
    }

    @Override
    public void onGood(ChannelHandlerContext context, byte[] nonce) {
        pending.remove(context.channel());
        junction.adopt(context, StreamParts.address(context.channel()), false, nonce);
    }

    @Override
    public void onBad(ChannelHandlerContext context, StreamEvent event, String why) {
        onBad(context.channel(), event, why);
    }

    private void onBad(Channel channel, StreamEvent event, String why) {
        pending.remove(channel);
        parts.failure(event, StreamParts.address(channel), why);
    }
}
