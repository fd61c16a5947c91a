package org.violin.control.stream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.ssl.OptionalSslHandler;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.util.Map;

/**
 * Accepts connections, for all tunnels. Those that have not proved to be a peer's are {@value Gate#OPEN_MAX} at most:
 * one more takes the place of the oldest. So strangers who say nothing do not keep a peer out, as it needs two round
 * trips; and they may come {@value #PER_SECOND} times a second, as TLS has its price.
 */
final class Listener implements HelloHandler.Owner {
    static final int PER_SECOND = 50;
    private static final int BURST = 100;
    private static final int BACKLOG = 64;

    private final StreamParts parts;
    private final Map<TunnelName, StreamRelay> relays;
    private final Notices notices;
    private final Gate gate = new Gate(PER_SECOND, BURST, System.nanoTime());

    /**
     * @param relays  whom connections may be for
     * @param notices about those that have not said whom they are for
     */
    Listener(StreamParts parts, Map<TunnelName, StreamRelay> relays, Notices notices) {
        this.parts = parts;
        this.relays = relays;
        this.notices = notices;
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

    /** Somebody has proved to be a peer: TLS is done. */
    void onPeer(Channel channel) {
        if (admit(channel)) {
            StreamParts.tune(channel);
            channel.pipeline().addLast(new HelloHandler(this, false));
        }
    }

    private void onAccept(Channel channel) {
        if (admit(channel)) {
            addTls(channel);
            channel.pipeline().addLast(new HelloHandler(this, false));
        }
    }

    private boolean admit(Channel channel) {
        boolean admitted = gate.admit(channel, Listener::evict, System.nanoTime());
        if (!admitted) {
            onBad(channel, StreamEvent.FLOOD, "and others connect more than " + PER_SECOND + " times a second");
            channel.close();
        }
        return admitted;
    }

    private static void evict(Channel channel) {
        ChannelHandlerContext hello = channel.pipeline().context(HelloHandler.class);
        if (hello != null) {
            ((HelloHandler) hello.handler()).evict(hello);
        }
    }

    private void addTls(Channel channel) {
        ChannelPipeline pipeline = channel.pipeline();
        boolean tls = relays.values().stream().anyMatch(relay -> relay.config().tls());
        if (tls && relays.values().stream().allMatch(relay -> relay.config().tls())) {
            pipeline.addLast(parts.tls().handler(false, channel.alloc()));
        } else if (tls) {
            pipeline.addLast(new OptionalSslHandler(parts.tls().server()));
        }
    }

    @Override
    public StreamHello hello(byte[] binding) {
        return parts.hello(binding, null);
    }

    @Override
    public void onNamed(ChannelHandlerContext context, TunnelName name) throws HelloException {
        StreamRelay relay = relays.get(name);
        if (relay == null) {
            throw new HelloException(StreamEvent.HELLO_UNKNOWN, "asks for a tunnel that is not here, or goes by no"
                + " stream (yet): is it in the network's file at both hosts, with the same transport and addresses?");
        }
        SslHandler handler = context.pipeline().get(SslHandler.class);
        boolean tls = handler != null;
        String objection = parts.authority() == null ? null
            : parts.authority().objection(handler.engine(), relay.config().tunnel());
        if (objection != null) {
            throw new HelloException(StreamEvent.HELLO_FORGED, objection);
        }
        if (tls != relay.config().tls()) {
            throw new HelloException(StreamEvent.HELLO_UNKNOWN, (tls ? "speaks" : "does not speak") + " TLS, and the"
                + " tunnel goes by " + relay.config().transport() + " here: say the same transport on both ends");
        }
    }

    @Override
    public void onGood(ChannelHandlerContext context, StreamHello hello) {
        gate.release(context.channel());
        StreamRelay relay = relays.get(hello.name());
        if (relay == null) {
            context.close(); // it has gone meanwhile
        } else {
            relay.junction().adopt(context, StreamParts.address(context.channel()), false, hello.nonce());
        }
    }

    @Override
    public void onBad(ChannelHandlerContext context, StreamEvent event, String why) {
        onBad(context.channel(), event, why);
    }

    private void onBad(Channel channel, StreamEvent event, String why) {
        notices.failure(event, StreamParts.address(channel), why);
    }
}
