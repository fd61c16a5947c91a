package org.violin.control.stream;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import java.util.concurrent.TimeUnit;

/** Connects to the peer whenever there is no connection: at once, and then after pauses that grow to a second. */
final class Dialer implements HelloHandler.Owner {
    private static final long PAUSE_FIRST_MS = 50;
    private static final long PAUSE_MAX_MS = 1_000;

    private final StreamParts parts;
    private final StreamConfig config;
    private final Junction junction;
    private final Notices notices;
    private final EventLoop loop;
    private final String peer;
    private final Backoff backoff = new Backoff(PAUSE_FIRST_MS, PAUSE_MAX_MS);
    private Channel attempt;
    private boolean dialling;
    private boolean closed;

    /** @param config with a remote address */
    Dialer(StreamParts parts, StreamConfig config, Junction junction, Notices notices, EventLoop loop) {
        this.parts = parts;
        this.config = config;
        this.junction = junction;
        this.notices = notices;
        this.loop = loop;
        peer = NetworkText.address(config.remote()) + (config.proxy() == null ? "" : " through " + config.proxy());
    }

    /** There is no connection. */
    void dial() {
        backoff.onLost();
        again();
    }

    private void again() {
        if (closed || dialling || junction.isConnected()) {
            return;
        }
        dialling = true;
        loop.schedule(this::begin, backoff.nextMs(), TimeUnit.MILLISECONDS);
    }

    private void begin() {
        if (closed || junction.isConnected()) {
            dialling = false;
        } else if (config.proxy() == null) {
            connect(null);
        } else {
            config.proxy().handler(loop, handler -> {
                if (handler == null) {
                    failed(StreamEvent.CONNECT_FAILED, "is not reached: " + HttpProxy.UNKNOWN);
                } else {
                    connect(handler);
                }
            });
        }
    }

    private void connect(HttpProxyHandler through) {
        Bootstrap bootstrap = new Bootstrap().group(loop).channel(EpollSocketChannel.class)
            .handler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    if (through != null) {
                        channel.pipeline().addLast(through);
                    }
                    if (config.tls()) {
                        channel.pipeline().addLast(parts.client(config, channel));
                    }
                    channel.pipeline().addLast(new HelloHandler(Dialer.this, true));
                }
            });
        ChannelFuture connecting = StreamParts.options(bootstrap).connect(config.remote());
        attempt = connecting.channel();
        connecting.addListener(future -> {
            if (!future.isSuccess()) {
                failed(StreamEvent.CONNECT_FAILED, "is not reached: " + NetworkText.reason(future.cause()));
            }
        });
    }

    @Override
    public StreamHello hello(byte[] binding) {
        return parts.hello(binding, config.name());
    }

    @Override
    public void onNamed(ChannelHandlerContext context, TunnelName name) {
        throw new IllegalStateException("this end names the tunnel");
    }

    @Override
    public void onGood(ChannelHandlerContext context, StreamHello hello) {
        dialling = false;
        backoff.onConnected();
        junction.adopt(context, peer, true, hello.nonce());
    }

    @Override
    public void onBad(ChannelHandlerContext context, StreamEvent event, String why) {
        if (context.channel() == attempt) {
            failed(event, why);
        }
    }

    private void failed(StreamEvent event, String why) {
        if (dialling) {
            dialling = false;
            notices.failure(event, peer, why);
            again();
        }
    }

    /** Makes no more connections; that which there is stays. */
    void close() {
        closed = true;
        if (attempt != null && dialling) {
            attempt.close();
        }
    }
}
