package org.violin.control.vnet;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.vnet.Refusal.Word;

/** A session, and a server in memory around it that answers at once, or when it is told to. */
final class Dialogue implements Session.Owner {
    static final String PASSWORD = "right-password";
    static final String HELLO = "HELLO " + PASSWORD + " 1";
    static final String DEVICE = "DEVICE vm0 02:00:00:00:00:01 1500 up";
    static final String WELCOME = "OK violin vnet 1";
    static final String TOKEN = "token-of-43-letters-digits_and-such_12345-x";

    final Session session = new Session(this);
    /** What was said. */
    final List<String> said = new ArrayList<>();
    /** What was asked of the server. */
    final List<Request> asked = new ArrayList<>();
    private final boolean later;
    /** Read by nobody yet. */
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;
    private int ends;
    private int handlers;

    /** @param later whether what is asked for waits for {@link #answer} */
    Dialogue(boolean later) {
        this.later = later;
    }

    void read(byte[] bytes) {
        rest = Unpooled.wrappedBuffer(rest, Unpooled.wrappedBuffer(bytes));
        session.read(rest);
    }

    Dialogue lines(String... lines) {
        read((String.join("\n", lines) + "\n").getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    /** Answers all there is to answer, and what has waited for it. */
    void answer() {
        while (session.isWaiting()) {
            perform(asked.getLast());
            session.read(rest);
        }
    }

    byte[] rest() {
        byte[] bytes = new byte[rest.readableBytes()];
        rest.getBytes(rest.readerIndex(), bytes);
        return bytes;
    }

    @Override
    public void say(String line) {
        assertThat(line).matches("[ -~]{1,1000}");
        assertThat(ends).as("says nothing after its end").isZero();
        said.add(line);
    }

    @Override
    public void ask(Request request) {
        asked.add(request);
        if (!later) {
            perform(request);
        }
    }

    private void perform(Request request) {
        switch (request) {
            case Request.Hello hello when !hello.password().equals(PASSWORD) ->
                session.refuse(new Refusal(Word.PASSWORD, "this is not the password"));
            case Request.Hello hello -> session.answer(List.of(WELCOME));
            case Request.Devices devices -> session.answer(List.of(DEVICE, "OK 1"));
            case Request.Handlers list -> session.answer(List.of("OK " + handlers + " handlers"));
            case Request.Close close -> session.refuse(new Refusal(Word.HANDLER, "there is none " + close.handler()));
            case Request.Handle handle when handle.spec().device().equals("none") ->
                session.refuse(new Refusal(Word.DEVICE, "none\u0007\n"));
            case Request.Handle handle -> session.answer(List.of("OK handler h" + ++handlers));
            case Request.Begin begin when begin.takes() && handlers == 0 ->
                session.refuse(new Refusal(Word.HANDLER, "there is none here"));
            case Request.Begin begin -> session.begin("OK handler h" + ++handlers + " begins " + TOKEN);
            case Request.Resume resume when !resume.token().text().equals(TOKEN) ->
                session.refuse(new Refusal(Word.HANDLER, "not its token"));
            case Request.Resume resume -> session.begin("OK handler h7 resumes");
            case Request.Done done -> throw new AssertionError(done);
        }
    }

    @Override
    public void end() {
        ends++;
        assertThat(ends).isOne();
    }
}
