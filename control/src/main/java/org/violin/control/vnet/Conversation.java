package org.violin.control.vnet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.violin.control.identity.PinnedTls;
import org.violin.control.stream.NetworkText;
import org.violin.control.vnet.Refusal.Word;

/**
 * A {@link Session} on a connection. While something that was asked for is under way, or the other end does not read
 * what it is told, nothing is read. A connection that says nothing is closed.
 */
final class Conversation extends ChannelInboundHandlerAdapter implements Session.Owner {
    static final long STRANGER_S = 10;
    static final long IDLE_S = 300;
    private static final long LOOK_S = 1;
    /** For the other end to take what was said. */
    private static final long LINGER_S = 2;
    /** What may have been read while it was not to be, as a read or a TLS record brings more than a line. */
    private static final int PENDING_MAX = 512 * 1024;

    private final VnetServer server;
    private final Session session = new Session(this);
    private ChannelHandlerContext context;
    private Future<?> looks;
    private ByteBuf pending = Unpooled.EMPTY_BUFFER;
    private boolean inputEnded;
    private long lastNs = System.nanoTime();

    Conversation(VnetServer server) {
        this.server = server;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        looks = added.executor().scheduleAtFixedRate(this::look, LOOK_S, LOOK_S, TimeUnit.SECONDS);
    }

    private void look() {
        long limitS = session.isKnown() ? IDLE_S : STRANGER_S;
        if (!session.isWaiting() && System.nanoTime() - lastNs > TimeUnit.SECONDS.toNanos(limitS)) {
            session.refuse(new Refusal(Word.TIMEOUT, "nothing was asked for in " + limitS + " s"));
        }
    }

    /** Others want the place. */
    void evict() {
        session.refuse(new Refusal(Word.BUSY, "gave way to others who came later"));
    }

    @Override
    public void channelRead(ChannelHandlerContext reader, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        if (pending.isReadable()) {
            pending = Unpooled.wrappedBuffer(pending, bytes);
        } else {
            pending.release();
            pending = bytes;
        }
        pump();
        if (pending.readableBytes() > PENDING_MAX) {
            session.refuse(new Refusal(Word.TOO_LONG, "more was sent than can wait"));
            pump();
        }
    }

    /** Answers what there is to answer. */
    private void pump() {
        if (session.isBinary()) {
            return;
        }
        if (context.channel().isWritable() || session.isOver()) {
            session.read(pending);
        }
        boolean stalled = session.isWaiting() || pending.isReadable() && !session.isOver();
        context.channel().config().setAutoRead(!stalled && !session.isBinary());
        if (inputEnded && !stalled && !session.isOver()) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        pump();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext triggered, Object event) {
        if (event instanceof ChannelInputShutdownEvent) {
            inputEnded = true;
            pump();
        } else if (event instanceof SslHandshakeCompletionEvent tls && !tls.isSuccess()) {
            server.onHandshakeFailed(source(), tls.cause());
        }
    }

    @Override
    public void say(String line) {
        if (context.channel().isActive()) {
            context.writeAndFlush(Unpooled.copiedBuffer(line + "\n", StandardCharsets.US_ASCII), context.voidPromise());
        }
    }

    @Override
    public void ask(Request request) {
        lastNs = System.nanoTime();
        switch (request) {
            case Request.Hello hello -> later(server.hello(hello, source(), hasShown()), this::welcome);
            case Request.Devices devices -> later(server.devices(), session::answer);
            case Request.Handlers handlers -> later(server.handlers(), session::answer);
            case Request.Close close -> later(server.close(close.handler()), session::answer);
            case Request.Handle handle -> later(server.handle(handle),
                handler -> session.answer(List.of("OK handler " + handler.id())));
            case Request.Begin begin -> later(server.open(begin, source().getAddress(), peer()),
                bond -> begin(bond, " begins " + bond.token().text() + server.udp(begin.spec()), !begin.takes()));
            case Request.Resume resume -> later(server.resume(resume, peer()), bond -> begin(bond, " resumes", false));
            case Request.Done done -> throw new IllegalStateException("a session ends by itself");
        }
    }

    /** Whether the other end has shown a certificate that the server knows. */
    private boolean hasShown() {
        SslHandler tls = context.pipeline().get(SslHandler.class);
        return tls != null && PinnedTls.hasShown(tls.engine());
    }

    private String peer() {
        boolean tls = context.pipeline().get(SslHandler.class) != null;
        return (tls ? "tls " : "tcp ") + NetworkText.address(source());
    }

    private InetSocketAddress source() {
        return (InetSocketAddress) context.channel().remoteAddress();
    }

    private <T> void later(CompletableFuture<T> result, Consumer<T> then) {
        result.whenCompleteAsync((value, thrown) -> {
            lastNs = System.nanoTime();
            if (thrown == null) {
                then.accept(value);
            } else {
                session.refuse(VnetServer.refusal(thrown));
            }
            pump();
        }, context.executor());
    }

    private void welcome(String version) {
        if (!context.channel().isActive()) {
            return;
        }
        if (server.onKnown(context.channel())) {
            session.answer(List.of("OK violin vnet " + version));
        } else {
            session.refuse(new Refusal(Word.LIMIT, "there are " + VnetServer.SESSIONS_MAX + " sessions here already"));
        }
    }

    /** @param isNew whether nobody misses the handler if the other end has gone meanwhile */
    private void begin(Bond bond, String what, boolean isNew) {
        boolean there = context.channel().isActive() && !inputEnded;
        if (there && session.begin("OK handler " + bond.handler().id() + what)) {
            server.onBegun(context.channel());
            server.join(bond, context);
            return;
        }
        if (isNew) {
            server.drop(bond, "its connection has not come about");
        }
        context.close();
    }

    @Override
    public void end() {
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        context.executor().schedule(() -> context.channel().close(), LINGER_S, TimeUnit.SECONDS);
    }

    /** What was read too much is the next one's: a handler's frames. */
    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        looks.cancel(false);
        ByteBuf rest = pending;
        pending = Unpooled.EMPTY_BUFFER;
        if (session.isBinary() && rest.isReadable()) {
            removed.fireChannelRead(rest);
            removed.fireChannelReadComplete();
        } else {
            rest.release();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable thrown) {
        failed.close();
    }

    /** Before a handler takes the connection: its end is that of both directions again. */
    static void readOn(ChannelHandlerContext context) {
        if (context.pipeline().get(LastWord.class) != null) {
            context.pipeline().remove(LastWord.class);
        }
        context.channel().config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, false);
        context.channel().config().setAutoRead(true);
    }
}
