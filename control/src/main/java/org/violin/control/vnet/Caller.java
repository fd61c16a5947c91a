package org.violin.control.vnet;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.control.identity.PinnedTls;
import org.violin.control.stream.NetworkText;
import org.violin.control.vnet.Refusal.Word;

/**
 * A server that asks another one for a handler, or for one to go on: says HELLO and BEGIN or TAKE, or RESUME, each when
 * what came before was answered.
 */
final class Caller extends ChannelInboundHandlerAdapter {
    private static final long TIMEOUT_S = 15;
    private static final String NAME = "([!-~]{1,20})";
    private static final Pattern BEGINS = Pattern.compile(
        "OK handler " + NAME + " begins (" + Token.PATTERN + ")( udp ([1-9]\\d{0,4}))?");
    private static final int PORT_MAX = 65_535;
    private static final Pattern RESUMES = Pattern.compile("OK handler " + NAME + " resumes");
    private static final String NO_HANDLER = "ERROR " + Word.HANDLER.label() + " ";

    /**
     * What the other end has said.
     *
     * @param name    what it calls the handler
     * @param udpPort its UDP port; 0: none was asked for
     */
    record Begun(String name, Token token, int udpPort) {
    }

    private final Deque<String> requests;
    /** What the last answer is to be. */
    private final Pattern good;
    private final Predicate<MatchResult> wanted;
    private final BiConsumer<ChannelHandlerContext, MatchResult> begun;
    private final Consumer<Refusal> failed;
    private final LineBuffer line = new LineBuffer();
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;
    private boolean over;

    private Caller(List<String> requests, Pattern good, Predicate<MatchResult> wanted,
        BiConsumer<ChannelHandlerContext, MatchResult> begun, Consumer<Refusal> failed) {
        this.requests = new ArrayDeque<>(requests);
        this.good = good;
        this.wanted = wanted;
        this.begun = begun;
        this.failed = failed;
    }

    /**
     * One that asks for a handler.
     *
     * @param verb   BEGIN, or TAKE where the other end has a handler that is to be this one's from then on
     * @param begun  has the connection from then on, and removes this; also what the other end has said
     * @param failed the connection is closed; one of the two is called, once
     */
    static Caller begin(Request.Handle handle, String verb, BiConsumer<ChannelHandlerContext, Begun> begun,
        Consumer<Refusal> failed) {
        boolean udp = handle.spec().way().isSealed();
        return new Caller(List.of("HELLO " + handle.password() + " " + Request.VERSION,
            verb + " " + handle.spec().mirrored().text()), BEGINS, answer -> udp == (port(answer) != 0)
                && port(answer) <= PORT_MAX, (context, answer) -> begun.accept(context,
                    new Begun(answer.group(1), new Token(answer.group(2)), port(answer))), failed);
    }

    private static int port(MatchResult answer) {
        return answer.group(4) == null ? 0 : Integer.parseInt(answer.group(4));
    }

    /**
     * One that asks for a handler to go on, with the token alone: so passwords need not be kept.
     *
     * @param failed with {@link Word#HANDLER}: the other end has no such handler
     */
    static Caller resume(Bond bond, Consumer<ChannelHandlerContext> resumed, Consumer<Refusal> failed) {
        return new Caller(List.of("RESUME " + bond.name() + " " + bond.token().text()), RESUMES, answer -> true,
            (context, answer) -> resumed.accept(context), failed);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        context.executor().schedule(() -> fail(context, "does not answer"), TIMEOUT_S, TimeUnit.SECONDS);
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        if (context.pipeline().get(SslHandler.class) == null) {
            next(context);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof SslHandshakeCompletionEvent tls) {
            if (tls.isSuccess()) {
                next(context);
            } else {
                exceptionCaught(context, tls.cause());
            }
        }
    }

    private void next(ChannelHandlerContext context) {
        context.writeAndFlush(Unpooled.copiedBuffer(requests.poll() + "\n", StandardCharsets.US_ASCII));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            while (bytes.isReadable() && !over) {
                String answer = line.add(bytes.readByte());
                if (answer != null) {
                    onAnswer(context, answer, bytes);
                }
            }
        } catch (Refusal e) {
            fail(context, "is no VNET server: it has sent " + e.getMessage());
        } finally {
            bytes.release();
        }
    }

    private void onAnswer(ChannelHandlerContext context, String answer, ByteBuf after) {
        Matcher last = good.matcher(answer);
        if (!answer.equals("OK") && !answer.startsWith("OK ")) {
            boolean gone = good == RESUMES && answer.startsWith(NO_HANDLER);
            fail(context, gone ? Word.HANDLER : Word.REMOTE, "says: " + answer);
        } else if (!requests.isEmpty()) {
            next(context);
        } else if (!last.matches() || !wanted.test(last)) {
            fail(context, "is of another version: it says: " + answer);
        } else {
            over = true;
            rest = after.retain();
            begun.accept(context, last);
        }
    }

    private void fail(ChannelHandlerContext context, String why) {
        fail(context, Word.REMOTE, why);
    }

    private void fail(ChannelHandlerContext context, Word word, String why) {
        if (!over) {
            over = true;
            context.close();
            failed.accept(new Refusal(word, "the other server " + why));
        }
    }

    /** There is no connection to begin with. */
    void onUnreachable(Throwable cause) {
        if (!over) {
            over = true;
            failed.accept(new Refusal(Word.REMOTE, "the other server is not reached: " + NetworkText.reason(cause)));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        fail(context, "has closed the connection");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable thrown) {
        fail(context, "is not reached: " + PinnedTls.reason(thrown));
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        if (rest.isReadable()) {
            context.fireChannelRead(rest.readRetainedSlice(rest.readableBytes()));
            context.fireChannelReadComplete();
        }
        rest.release();
        rest = Unpooled.EMPTY_BUFFER;
    }
}
