package org.violin.control.vnet;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;
import org.violin.control.identity.Identity;
import org.violin.control.identity.Notices;
import org.violin.control.identity.PinnedTls;
import org.violin.control.keys.Guesses;
import org.violin.control.stream.Gate;
import org.violin.control.stream.NetworkText;
import org.violin.control.stream.StreamAuthority;
import org.violin.control.stream.StreamRelay;
import org.violin.control.stream.Streams;
import org.violin.control.vnet.Refusal.Word;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;

/**
 * A VNET server: a TCP port where clients and other servers talk to it, and its handlers. All methods but {@link
 * #start} and {@link #close} are the loop's.
 */
public final class VnetServer implements AutoCloseable {
    /** Of clients that are known. */
    static final int SESSIONS_MAX = 64;
    private static final int PER_SECOND = 50;
    private static final int BURST = 100;
    private static final int BACKLOG = 64;
    /** A client that does not read what it is told is given up. */
    private static final int USER_TIMEOUT_MS = 10_000;
    private static final long CLOSE_S = 5;

    private final Admission admission;
    private final Identity identity;
    private final Terms terms;
    private final Consumer<String> told;
    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("vnet", true),
        EpollIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final ScheduledExecutorService work =
        Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("vnet-work").daemon().factory());
    /** Hashing takes its time, by design; nobody else waits for it. */
    private final ExecutorService hashing =
        Executors.newSingleThreadExecutor(Thread.ofPlatform().name("vnet-password").daemon().factory());
    private final Notices notices;
    private final Guesses guesses = new Guesses(System.nanoTime());
    private final Gate gate = new Gate(PER_SECOND, BURST, System.nanoTime());
    private final Set<Channel> known = new HashSet<>();
    private final Connector connector = new Connector(loop);
    private final Duration wait;
    private final int udpPort;
    private final Streams streams;
    private final Handlers handlers;

    private VnetServer(Dataplane dataplane, Admission admission, Identity identity, Terms terms, Duration wait,
        Consumer<String> told) {
        this.admission = admission;
        this.identity = identity;
        this.terms = terms;
        this.wait = wait;
        this.told = told;
        notices = new Notices(told, System.nanoTime());
        udpPort = dataplane.localPort();
        InetAddress udp = terms.udp() == null ? Streams.DATAPLANE.getAddress() : terms.udp().getAddress();
        streams = Streams.start(new Loop(loop), new InetSocketAddress(udp, udpPort), told);
        handlers = new Handlers(dataplane, streams, told, this::redial, wait.toSeconds());
        work.scheduleWithFixedDelay(() -> look(dataplane), 1, 1, TimeUnit.SECONDS);
    }

    /**
     * Starts the threads, and listens.
     *
     * @param dataplane with its UDP socket where the terms have it, or else on loopback; stays the caller's
     * @param identity  that TLS shows, also to other servers that are to know this one by it; null: connections are in
     *                  the clear, clients show no certificates, and handlers do not go by UDP, as they agree on its key
     *                  by their connection
     * @param wait      how long a handler that has lost its connection waits for another, in whole seconds
     * @param told      gets a line for people when something has become of a handler, on another thread
     * @throws UncheckedIOException if the address cannot be had
     */
    public static VnetServer start(InetSocketAddress listen, Dataplane dataplane, Admission admission,
        Identity identity, Terms terms, Duration wait, Consumer<String> told) {
        if (identity == null && (terms.udp() != null || !admission.clients().isEmpty())) {
            throw new IllegalArgumentException("UDP, or clients' certificates, without an identity");
        }
        VnetServer server = new VnetServer(dataplane, admission, identity, terms, wait, told);
        ChannelFuture bound = server.listen(listen).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            server.close();
            throw new UncheckedIOException("tcp " + NetworkText.address(listen) + ": "
                + NetworkText.reason(bound.cause()), new IOException(bound.cause()));
        }
        return server;
    }

    private ChannelFuture listen(InetSocketAddress address) {
        return new ServerBootstrap().group(group, group).channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.RECVBUF_ALLOCATOR, Connector.READS)
            .childOption(EpollChannelOption.TCP_USER_TIMEOUT, USER_TIMEOUT_MS)
            .childHandler(new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    onAccept(channel);
                }
            }).bind(address);
    }

    private void onAccept(Channel channel) {
        if (!gate.admit(channel, VnetServer::evict, System.nanoTime())) {
            channel.close();
            return;
        }
        channel.pipeline().addLast(new LastWord());
        if (identity != null) {
            channel.pipeline().addLast(new SslHandler(PinnedTls.server(identity, admission.clients())));
        }
        channel.pipeline().addLast(new Conversation(this));
    }

    private static void evict(Channel channel) {
        Conversation conversation = channel.pipeline().get(Conversation.class);
        if (conversation != null) {
            conversation.evict();
        }
    }

    /** TLS has not come about. */
    void onHandshakeFailed(InetSocketAddress source, Throwable cause) {
        String objection = PinnedTls.objection(cause);
        if (objection != null) {
            notices.tell(source.getAddress().getHostAddress() + " is refused: " + objection, System.nanoTime());
        }
    }

    /** A client is known; whether there is room for it. */
    boolean onKnown(Channel channel) {
        if (known.size() >= SESSIONS_MAX) {
            return false;
        }
        gate.release(channel);
        known.add(channel);
        channel.closeFuture().addListener(closed -> known.remove(channel));
        return true;
    }

    /** A session has become a handler's connection. */
    void onBegun(Channel channel) {
        gate.release(channel);
        known.remove(channel);
    }

    private void look(Dataplane dataplane) {
        try {
            handlers.look();
            dataplane.lookAtInterfaces();
        } catch (DataplaneException e) {
            // The dataplane has ended, which its owner is told of; or an interface has gone just now.
            return;
        }
    }

    /** Does something that may wait. */
    <T> CompletableFuture<T> work(Callable<T> task) {
        return on(work, task);
    }

    private static <T> CompletableFuture<T> on(Executor thread, Callable<T> task) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return task.call();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new CompletionException(e);
            }
        }, thread);
    }

    /** What to answer when something has gone wrong. */
    static Refusal refusal(Throwable thrown) {
        Throwable cause = thrown;
        while (cause instanceof CompletionException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof Refusal refusal ? refusal
            : new Refusal(Word.FAILED, cause.getMessage() == null ? cause.getClass().getSimpleName()
                : cause.getMessage().lines().findFirst().orElse(""));
    }

    /**
     * Looks at a password; the version that is spoken.
     *
     * @param shown whether the client has shown a certificate that is known, so that there is nothing to guess
     */
    CompletableFuture<String> hello(Request.Hello hello, InetSocketAddress source, boolean shown) {
        if (shown && hello.byCertificate()) {
            return CompletableFuture.completedFuture(Request.VERSION);
        }
        return on(hashing, () -> {
            if (!guesses.take(source.getAddress(), System.nanoTime())) {
                throw new Refusal(Word.BUSY, "too many passwords have been tried: try again in some seconds");
            }
            String objection = admission.objection(hello);
            if (objection != null) {
                told.accept(NetworkText.address(source) + " is refused: " + objection);
                throw new Refusal(Word.PASSWORD, objection);
            }
            return Request.VERSION;
        });
    }

    CompletableFuture<List<String>> devices() {
        return work(() -> DeviceList.lines(terms));
    }

    /** What the other end is told of UDP. */
    String udp(HandlerSpec spec) {
        return spec.way().isSealed() ? " udp " + udpPort : "";
    }

    CompletableFuture<List<String>> handlers() {
        return work(handlers::lines);
    }

    CompletableFuture<List<String>> close(String id) {
        return work(() -> {
            handlers.close(id);
            return List.of("OK closed " + id);
        });
    }

    /**
     * A handler with the other end of a connection; one that is here already loses the connection that it has.
     *
     * @param other where the other end is
     * @param peer  the same, for people
     */
    CompletableFuture<Bond> open(Request.Begin begin, InetAddress other, String peer) {
        CompletableFuture<Bond> opened = work(() -> {
            terms.check(begin.spec(), other);
            return begin.takes() ? handlers.take(begin.spec(), peer) : handlers.open(begin.spec(), peer);
        });
        return begin.takes() ? opened.thenApplyAsync(this::dismiss, loop) : opened;
    }

    /** Who was at the other end until now is told so. */
    private Bond dismiss(Bond next) {
        Handler handler = next.handler();
        Bond before = handler.joined();
        handler.relay().dismiss(() -> redial(before));
        return next;
    }

    CompletableFuture<Bond> resume(Request.Resume resume, String peer) {
        return work(() -> handlers.resume(resume, peer));
    }

    /** A handler with another server, and a connection to it. */
    CompletableFuture<Handler> handle(Request.Handle handle) {
        if (identity != null && handle.remote().fingerprint() == null) {
            return CompletableFuture.failedFuture(new Refusal(Word.REMOTE, "this server speaks TLS, and connects to"
                + " others by TLS alone: tls:FINGERPRINT@ADDRESS"));
        }
        if (identity == null && handle.byCertificate()) {
            return CompletableFuture.failedFuture(new Refusal(Word.REMOTE, "'-': this server has no identity that the"
                + " other one could know it by: say the other one's password"));
        }
        return work(() -> {
            terms.check(handle.spec(), handle.remote().address().getAddress());
            return handle.moves() ? handlers.holder(handle.spec(), true) : null;
        }).thenCompose(stays -> stays != null ? call(handle, "BEGIN", stays, () -> { })
            : handle.moves() ? move(handle) : make(handle));
    }

    private CompletableFuture<Handler> make(Request.Handle handle) {
        return work(() -> handlers.open(handle)).thenCompose(bond -> call(handle, handle.moves() ? "TAKE" : "BEGIN",
            bond.handler(), () -> drop(bond, "the other server does not take part")));
    }

    /** The same; those that are at other interfaces for its virtual machines end when it has come about. */
    private CompletableFuture<Handler> move(Request.Handle handle) {
        return work(() -> handlers.elsewhere(handle.spec())).thenCompose(left -> make(handle).thenApply(made -> {
            left.forEach(bond -> drop(bond, "its virtual machines are at " + handle.spec().device() + " now"));
            return made;
        }));
    }

    /**
     * Has the other server take part in a handler.
     *
     * @param undone called if it does not
     */
    private CompletableFuture<Handler> call(Request.Handle handle, String verb, Handler handler, Runnable undone) {
        CompletableFuture<Handler> joined = new CompletableFuture<>();
        Caller caller = Caller.begin(handle, verb, (context, answer) -> {
            Bond bond = Bond.made(handler, handle, answer);
            if (handler.bind(bond)) {
                dismiss(bond);
                join(bond, context);
                joined.complete(handler);
            } else {
                StreamRelay.dismiss(context.channel(), () -> redial(bond));
                joined.completeExceptionally(new Refusal(Word.HANDLER, "it was closed meanwhile"));
            }
        }, refusal -> {
            undone.run();
            joined.completeExceptionally(refusal);
        });
        // Where a password is said, none is shown: it might be one that the other server does not know.
        connector.connect(handle.remote(), handle.byCertificate() ? identity : null, caller);
        return joined;
    }

    /**
     * Gives a handler its connection.
     *
     * @param last of the connection's parts, which is replaced
     */
    void join(Bond bond, ChannelHandlerContext last) {
        Handler handler = bond.handler();
        if (!bond.isCurrent()) {
            // Closed, or moved, while this was under way.
            StreamRelay.dismiss(last.channel(), () -> redial(bond));
        } else if (!last.channel().isActive()) {
            onLost(bond);
        } else {
            Conversation.readOn(last);
            handler.backoff().onConnected();
            handler.join(bond);
            handler.relay().adopt(last, bond.peer(), () -> onLost(bond),
                () -> drop(bond, "the other end has ended it"));
            later(() -> handlers.onUp(bond));
        }
    }

    private void onLost(Bond bond) {
        bond.handler().backoff().onLost();
        later(() -> handlers.onLost(bond));
        redial(bond);
    }

    /** Has the other end resume a handler, or hear that it has ended, if it is this end that connects. */
    private void redial(Bond bond) {
        if (bond.place() != null) {
            new Redial(this, connector, bond, wait.toNanos()).next();
        }
    }

    /** A handler has not come about, or is to end; unless it has moved meanwhile. */
    void drop(Bond bond, String why) {
        later(() -> handlers.drop(bond, why));
    }

    private void later(Runnable task) {
        if (!work.isShutdown()) {
            work.execute(task);
        }
    }

    /** Ends all handlers, and the threads. */
    @Override
    public void close() {
        work.execute(handlers::closeAll);
        work.shutdown();
        hashing.shutdownNow();
        try {
            work.awaitTermination(CLOSE_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        streams.close();
        group.shutdownGracefully(0, CLOSE_S, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    /** Relays share the server's loop; who is at the other end of theirs is settled before they have it. */
    private record Loop(EventLoop loop) implements StreamAuthority {
        @Override
        public SSLEngine client(String tunnel) {
            throw new IllegalStateException("relays of handlers do not connect");
        }

        @Override
        public String objection(SSLEngine engine, String tunnel) {
            return null;
        }

        @Override
        public void onStream(Consumer<Channel> taker) {
            // Nobody connects for a tunnel here.
        }
    }
}
