package org.violin.control.identity;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.proxy.HttpProxyHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.violin.control.keys.KeyTaker;
import org.violin.control.keys.SharedKey;
import org.violin.control.stream.Gate;
import org.violin.control.stream.HttpProxy;
import org.violin.control.stream.NetworkText;
import org.violin.control.stream.StreamAuthority;

/**
 * Makes and accepts control connections, each of which gives a tunnel a shared key. It listens all the time, and
 * connects to the peers of tunnels that are not up or do not get new keys, so that whichever side can reach the other
 * does. Its methods may be called from any thread.
 *
 * <p>Strangers: a {@link Gate} for those at the address of a peer, and one for all others, bound the connections and
 * the computing; every connection ends within {@link Connection#TIME_MS}.
 */
public final class ControlPort implements StreamAuthority, AutoCloseable {
    /** TLS handshakes, some 4 ms each once the JVM has compiled it: 4 % of a core. */
    static final int PER_SECOND = 10;
    static final int BURST = 20;

    private static final long LOOK_MS = 250;
    private static final int CONNECT_MS = 5_000;
    private static final int BACKLOG = 128;
    private static final long RETRY_NS = 2_000_000_000L;
    /** What a tunnel is given to come up with a new key. */
    private static final long SETTLE_NS = 5_000_000_000L;
    /** A peer that starts a little later is no fault; nor are a few seconds without an answer. */
    private static final int FAILURES_QUIET = 2;

    /** A tunnel that takes its keys here. */
    private static final class Line {
        private final String tunnel;
        private final Peer peer;
        private final InetSocketAddress remote;
        private final HttpProxy proxy;
        private boolean connecting;
        private long nextNs;
        private int failures;
        private int keysUnused;
        private String trouble;

        private Line(String tunnel, Peer peer, InetSocketAddress remote, HttpProxy proxy) {
            this.tunnel = tunnel;
            this.peer = peer;
            this.remote = remote;
            this.proxy = proxy;
        }
    }

    private final InetSocketAddress local;
    private final Identity self;
    private final KeyTaker taker;
    private final InstantSource clock;
    private final Notices notices;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1,
        new DefaultThreadFactory("control-port", true), EpollIoHandler.newFactory());
    private final Gate peers = new Gate(PER_SECOND, BURST, System.nanoTime());
    private final Gate strangers = new Gate(PER_SECOND, BURST, System.nanoTime());
    private final Map<String, Line> lines = new LinkedHashMap<>();
    private final AtomicLongArray counts = new AtomicLongArray(ControlEvent.values().length);
    private Channel listener;
    /** Null: no tunnel goes by a stream. */
    private Consumer<Channel> streams;

    private ControlPort(InetSocketAddress local, Identity self, KeyTaker taker, InstantSource clock,
        Consumer<String> notices) {
        this.local = local;
        this.self = self;
        this.taker = taker;
        this.clock = clock;
        this.notices = new Notices(notices, System.nanoTime());
    }

    /**
     * Listens.
     *
     * @param local   the TCP address
     * @param taker   called on this port's thread
     * @param clock   by which certificates are valid or not
     * @param notices takes a line for the operator when something is wrong; on this port's thread
     * @throws UncheckedIOException if somebody else listens there, or the address is not this host's
     */
    public static ControlPort open(InetSocketAddress local, Identity self, KeyTaker taker, InstantSource clock,
        Consumer<String> notices) {
        ControlPort port = new ControlPort(local, self, taker, clock, notices);
        try {
            port.listen();
        } catch (IOException e) {
            port.close();
            throw new UncheckedIOException("TCP " + format(local) + ", for control connections: "
                + NetworkText.reason(e), e);
        }
        port.loop.scheduleWithFixedDelay(port::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
        return port;
    }

    private void listen() throws IOException {
        ChannelFuture bound = new ServerBootstrap().group(loop).channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    onAccept(channel);
                }
            }).bind(local).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw bound.cause() instanceof IOException e ? e : new IOException(bound.cause());
        }
        listener = bound.channel();
    }

    /** Where it listens. */
    InetSocketAddress address() {
        return (InetSocketAddress) listener.localAddress();
    }

    /**
     * Takes care of a tunnel, whenever {@link KeyTaker#wantsKey} says so.
     *
     * @param tunnel as {@link KeyTaker} knows it
     * @param remote the peer's TCP address; null: not known, so the peer has to connect
     * @param proxy  the way there; null: straight
     */
    public void add(String tunnel, Peer peer, InetSocketAddress remote, HttpProxy proxy) {
        loop.submit(() -> {
            Line line = new Line(tunnel, peer, remote, proxy);
            line.nextNs = System.nanoTime();
            lines.put(tunnel, line);
            look();
        }).syncUninterruptibly();
    }

    /** Lets go of a tunnel; keys that it has stay in use. */
    public void remove(String tunnel) {
        loop.submit(() -> lines.remove(tunnel)).syncUninterruptibly();
    }

    /** Why there is no key of a tunnel's last connection, with the mend; null: there is one, or it is not known. */
    public String trouble(String tunnel) {
        return loop.submit(() -> lines.containsKey(tunnel) ? lines.get(tunnel).trouble : null).syncUninterruptibly()
            .getNow();
    }

    /** What has become of connections, by {@link ControlEvent#label()}, without what has not come about. */
    public Map<String, Long> counts() {
        Map<String, Long> result = new LinkedHashMap<>();
        for (ControlEvent event : ControlEvent.values()) {
            if (counts.get(event.ordinal()) != 0) {
                result.put(event.label(), counts.get(event.ordinal()));
            }
        }
        return result;
    }

    private void count(ControlEvent event) {
        counts.incrementAndGet(event.ordinal());
    }

    private void tell(String about, String text) {
        notices.tell(about + ": " + text, System.nanoTime());
    }

    private void look() {
        for (Line line : List.copyOf(lines.values())) {
            if (!taker.wantsKey(line.tunnel)) {
                line.keysUnused = 0;
                line.failures = 0;
            } else if (line.remote != null && !line.connecting && System.nanoTime() - line.nextNs >= 0) {
                connect(line);
            }
        }
    }

    private void connect(Line line) {
        line.connecting = true;
        if (line.proxy == null) {
            connect(line, null);
            return;
        }
        line.proxy.handler(loop.next(), handler -> {
            if (handler == null) {
                new Made(line).onFault(new Fault(ControlEvent.UNREACHABLE, HttpProxy.UNKNOWN));
            } else {
                connect(line, handler);
            }
        });
    }

    private void connect(Line line, HttpProxyHandler through) {
        Bootstrap bootstrap = new Bootstrap().group(loop).channel(EpollSocketChannel.class)
            .option(ChannelOption.ALLOCATOR, UnpooledByteBufAllocator.DEFAULT)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MS)
            .handler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    if (through != null) {
                        channel.pipeline().addLast(through);
                    }
                    pipe(channel, Tls.client(self, judge(line.peer::objection), Tls.ALPN), new Made(line));
                }
            });
        if (through == null && !local.getAddress().isAnyLocalAddress()) {
            bootstrap.localAddress(local.getAddress(), 0); // the peer knows this host by it
        }
        bootstrap.connect(line.remote).addListener((ChannelFuture connected) -> {
            if (!connected.isSuccess()) {
                new Made(line).onFault(Fault.of(connected.cause(), self));
            }
        });
    }

    /** What speaks against a certificate, by one peer's measure. */
    private interface Objection {
        String to(X509Certificate certificate, Instant now);
    }

    private Function<X509Certificate, String> judge(Objection objection) {
        return certificate -> {
            boolean own = Fingerprint.of(certificate.getPublicKey()).equals(self.fingerprint());
            return own ? "the other end has this host's own identity: each host needs one of its own (violin key new)"
                : objection.to(certificate, clock.instant());
        };
    }

    private void pipe(Channel channel, SSLEngine engine, Connection.Outcome outcome) {
        SslHandler tls = new SslHandler(engine);
        tls.setHandshakeTimeoutMillis(0); // the connection has a limit for all of it
        channel.pipeline().addLast(tls, new Connection(self, engine.getUseClientMode(), outcome));
    }

    private void onAccept(Channel channel) {
        InetSocketAddress from = (InetSocketAddress) channel.remoteAddress();
        boolean known = from != null && lines.values().stream().anyMatch(line -> isAt(line, from));
        Gate gate = known ? peers : strangers;
        // Without tunnels, the peer is early, and comes again.
        if (from == null || lines.isEmpty() || !gate.admit(channel, this::evict, System.nanoTime())) {
            count(ControlEvent.CROWDED);
            channel.close();
            return;
        }
        pipe(channel, Tls.server(self, judge((certificate, now) -> objection(from, certificate, now))),
            new Accepted(from, gate));
    }

    @Override
    public EventLoop loop() {
        return loop.next();
    }

    @Override
    public SSLEngine client(String tunnel) {
        return Tls.client(self, judge(lines.get(tunnel).peer::objection), Tls.STREAM_ALPN);
    }

    @Override
    public String objection(SSLEngine engine, String tunnel) {
        try {
            Line line = lines.get(tunnel);
            return line == null ? "the tunnel has gone" : line.peer.objection(Tls.peer(engine), clock.instant());
        } catch (SSLException e) {
            return e.getMessage();
        }
    }

    @Override
    public void onStream(Consumer<Channel> taker) {
        streams = taker;
    }

    private static boolean isAt(Line line, InetSocketAddress address) {
        return line.remote != null && line.remote.getAddress().equals(address.getAddress());
    }

    private void evict(Channel channel) {
        ChannelHandlerContext context = channel.pipeline().context(Connection.class);
        if (context != null) {
            ((Connection) context.handler()).fail(context, new Fault(ControlEvent.CROWDED,
                "closed for others: more connections than are looked at"));
        }
    }

    /** Null if it is that of any peer; else what the one at this address would have to have. */
    private String objection(InetSocketAddress from, X509Certificate certificate, Instant now) {
        String told = "the other end, with the key " + Fingerprint.of(certificate.getPublicKey())
            + ", is none of the " + lines.size() + " peers of this host";
        for (Line line : lines.values()) {
            String objection = line.peer.objection(certificate, now);
            if (objection == null) {
                return null;
            }
            told = isAt(line, from) || lines.size() == 1 ? objection : told;
        }
        return told;
    }

    private void give(Line line, SharedKey key, boolean known) {
        line.nextNs = System.nanoTime() + SETTLE_NS;
        line.failures = 0;
        line.trouble = null;
        taker.give(line.tunnel, key, known);
        if (++line.keysUnused > FAILURES_QUIET) {
            tell(format(line.remote), "keys were agreed on over TCP " + line.keysUnused + " times, but no datagram of"
                + " the tunnel comes through: is its UDP port open on the way, in both directions?");
        }
    }

    /** A connection that this side makes. */
    private final class Made implements Connection.Outcome {
        private final Line line;

        private Made(Line line) {
            this.line = line;
        }

        @Override
        public boolean onKey(SslHandler tls, SharedKey key) {
            line.connecting = false;
            count(ControlEvent.MADE);
            give(line, key, true);
            return true;
        }

        @Override
        public void onFault(Fault fault) {
            line.connecting = false;
            line.nextNs = System.nanoTime() + RETRY_NS - ThreadLocalRandom.current().nextLong(RETRY_NS / 4);
            line.trouble = fault.text();
            count(fault.event());
            boolean quiet = fault.event() == ControlEvent.UNREACHABLE || fault.event() == ControlEvent.BROKEN;
            if (++line.failures > FAILURES_QUIET || !quiet) {
                tell(format(line.remote), fault.text());
            }
        }
    }

    /** A connection from outside. */
    private final class Accepted implements Connection.Outcome {
        private final InetSocketAddress from;

        private final Gate gate;

        private Accepted(InetSocketAddress from, Gate gate) {
            this.from = from;
            this.gate = gate;
        }

        @Override
        public boolean onStream(Channel channel) {
            if (streams == null) {
                return false;
            }
            gate.release(channel);
            streams.accept(channel);
            return true;
        }

        /** Of tunnels to one and the same peer, the one to this address goes before others. */
        @Override
        public boolean onKey(SslHandler tls, SharedKey key) throws SSLException {
            X509Certificate certificate = Tls.peer(tls.engine());
            Line found = null;
            for (Line line : lines.values()) {
                boolean free = found == null || isAt(line, from);
                if (free && line.peer.objection(certificate, clock.instant()) == null) {
                    found = line;
                }
            }
            if (found == null) {
                key.close(); // its tunnel has gone meanwhile
                return false;
            }
            count(ControlEvent.ACCEPTED);
            give(found, key, false);
            return true;
        }

        @Override
        public void onFault(Fault fault) {
            count(fault.event());
            lines.values().stream().filter(line -> isAt(line, from)).forEach(line -> line.trouble = fault.text());
            tell("from " + from.getAddress().getHostAddress(), fault.text());
        }
    }

    private static String format(InetSocketAddress address) {
        return address == null ? "the peer" : NetworkText.address(address);
    }

    /** Ends what is under way; keys that have been given stay in use. */
    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
}
