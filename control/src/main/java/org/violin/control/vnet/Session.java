package org.violin.control.vnet;

import io.netty.buffer.ByteBuf;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.violin.control.vnet.Refusal.Word;

/**
 * The text protocol of one connection, at the server (docs/vnet.md): what is answered to which bytes. No socket, no
 * clock, no thread of its own. It asks for one thing at a time, and reads nothing until that is answered: so answers
 * come in the order of requests, and nothing gathers in here but one line.
 */
final class Session {
    /** After these the session of a client that is known ends as well. */
    private static final Set<Word> LAST = EnumSet.of(Word.TOO_LONG, Word.VERSION, Word.PASSWORD, Word.BUSY,
        Word.TIMEOUT);

    /** What a session is to those around it. */
    interface Owner {
        /** Says a line, without its end. */
        void say(String line);

        /** Has something done; calls {@link #answer}, {@link #begin} or {@link #refuse}, perhaps before returning. */
        void ask(Request request);

        /** Closes the connection, when all that was said has gone. */
        void end();
    }

    private final Owner owner;
    private final LineBuffer line = new LineBuffer();
    private boolean known;
    private Request asked;
    private boolean binary;
    private boolean over;

    Session(Owner owner) {
        this.owner = owner;
    }

    /** Whether the other end has been let in. */
    boolean isKnown() {
        return known;
    }

    /** Whether something has been asked for and not been answered. */
    boolean isWaiting() {
        return asked != null;
    }

    /** Whether it is the handler's bytes that come, after a BEGIN, TAKE or RESUME. */
    boolean isBinary() {
        return binary;
    }

    boolean isOver() {
        return over;
    }

    /** Reads up to the next request that has to wait; of a session that is over, everything. */
    void read(ByteBuf in) {
        while (in.isReadable() && asked == null && !over && !binary) {
            String text;
            try {
                text = line.add(in.readByte());
            } catch (Refusal e) {
                say(e);
                finish();
                break;
            }
            if (text != null && !text.isBlank()) {
                onLine(text);
            }
        }
        if (over) {
            in.skipBytes(in.readableBytes());
        }
    }

    private void onLine(String text) {
        try {
            Request request = Request.parse(text);
            check(request);
            if (request instanceof Request.Done) {
                owner.say("OK bye");
                finish();
            } else {
                asked = request;
                owner.ask(request);
            }
        } catch (Refusal e) {
            refuse(e);
        }
    }

    private void check(Request request) throws Refusal {
        if (request instanceof Request.Hello hello) {
            if (known) {
                throw new Refusal(Word.ORDER, "HELLO has been said");
            }
            if (!hello.version().equals(Request.VERSION)) {
                throw new Refusal(Word.VERSION, "this server speaks version " + Request.VERSION);
            }
        } else if (!known && !(request instanceof Request.Done) && !(request instanceof Request.Resume)) {
            throw new Refusal(Word.ORDER, "say HELLO PASSWORD " + Request.VERSION + " first");
        }
    }

    /** What was asked for is done; the last line says OK. */
    void answer(List<String> lines) {
        if (!over) {
            known = true; // the first answer is that to HELLO
            asked = null;
            lines.forEach(owner::say);
        }
    }

    /** There is a handler: what follows is its own. False if the session has ended meanwhile. */
    boolean begin(String text) {
        if (!over) {
            asked = null;
            binary = true;
            owner.say(text);
        }
        return binary;
    }

    /** What was asked for is not done, or something else is wrong. Strangers get no second chance. */
    void refuse(Refusal refusal) {
        if (!over) {
            asked = null;
            say(refusal);
            if (!known || LAST.contains(refusal.word())) {
                finish();
            }
        }
    }

    private void say(Refusal refusal) {
        owner.say(refusal.line());
    }

    private void finish() {
        over = true;
        owner.end();
    }
}
