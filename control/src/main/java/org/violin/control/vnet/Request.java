package org.violin.control.vnet;

import java.util.List;
import java.util.Locale;
import org.violin.control.vnet.Refusal.Word;

/** What a line of the text protocol asks for (the VNET paper, Figure 2). */
sealed interface Request {
    /** The one version there is. */
    String VERSION = "1";

    /** Never shown. */
    record Hello(String password, String version) implements Request {
        boolean byCertificate() {
            return password.equals(Password.BY_CERTIFICATE);
        }

        @Override
        public String toString() {
            return "Hello";
        }
    }

    record Done() implements Request {
    }

    record Devices() implements Request {
    }

    record Handlers() implements Request {
    }

    record Close(String handler) implements Request {
    }

    /**
     * A handler with another server, which this one is to connect to.
     *
     * @param moves whether one of the two has a handler for the addresses, which is to be with the other from now on
     */
    record Handle(boolean moves, String password, Place remote, HandlerSpec spec) implements Request {
        /** Whether the other server is to know this one by its certificate. */
        boolean byCertificate() {
            return password.equals(Password.BY_CERTIFICATE);
        }

        @Override
        public String toString() {
            return "Handle[" + moves + ", " + remote + ", " + spec + "]";
        }
    }

    /**
     * A handler with whoever is at the other end of this connection.
     *
     * @param takes whether it is one that is here already, and with another server so far
     */
    record Begin(boolean takes, HandlerSpec spec) implements Request {
    }

    /** A handler that is here goes on by this connection. */
    record Resume(String handler, Token token) implements Request {
    }

    /** @throws Refusal if the line asks for nothing */
    static Request parse(String line) throws Refusal {
        List<String> words = List.of(line.strip().split(" +"));
        List<String> rest = words.subList(1, words.size());
        return switch (words.getFirst().toUpperCase(Locale.ROOT)) {
            case "HELLO" -> {
                expect(rest.size() == 2, "HELLO PASSWORD VERSION");
                yield new Hello(rest.get(0), rest.get(1));
            }
            case "DONE" -> {
                expect(rest.isEmpty(), "DONE");
                yield new Done();
            }
            case "DEVICES?" -> {
                expect(rest.isEmpty(), "DEVICES?");
                yield new Devices();
            }
            case "HANDLERS?" -> {
                expect(rest.isEmpty(), "HANDLERS?");
                yield new Handlers();
            }
            case "CLOSE" -> {
                expect(rest.size() == 1, "CLOSE HANDLER");
                yield new Close(rest.getFirst());
            }
            case "HANDLE" -> handle(false, rest);
            case "MOVE" -> handle(true, rest);
            case "BEGIN" -> begin(false, rest);
            case "TAKE" -> begin(true, rest);
            case "RESUME" -> {
                expect(rest.size() == 2, "RESUME HANDLER TOKEN");
                yield new Resume(rest.get(0), Token.parse(rest.get(1)));
            }
            default -> throw new Refusal(Word.SYNTAX, "there is no such command: HELLO, DONE, DEVICES?, HANDLERS?,"
                + " CLOSE, HANDLE, MOVE, BEGIN, TAKE or RESUME");
        };
    }

    private static Request handle(boolean moves, List<String> words) throws Refusal {
        expect(words.size() >= 8, (moves ? "MOVE" : "HANDLE") + " REMOTE-PASSWORD LOCAL-ROLE LOCAL-DEVICE REMOTE-ROLE"
            + " REMOTE-ADDRESS REMOTE-PORT REMOTE-DEVICE MAC ... [TRANSPORT [FEC]]");
        HandlerSpec spec = HandlerSpec.parse(
            words.get(1), words.get(2), words.get(3), words.get(6), words.subList(7, words.size()));
        return new Handle(moves, words.getFirst(), Place.parse(words.get(4), words.get(5)), spec);
    }

    private static Request begin(boolean takes, List<String> words) throws Refusal {
        expect(words.size() >= 5, (takes ? "TAKE" : "BEGIN")
            + " LOCAL-ROLE LOCAL-DEVICE REMOTE-ROLE REMOTE-DEVICE MAC ... [TRANSPORT [FEC]]");
        return new Begin(takes, HandlerSpec.parse(
            words.get(0), words.get(1), words.get(2), words.get(3), words.subList(4, words.size())));
    }

    private static void expect(boolean good, String form) throws Refusal {
        if (!good) {
            throw new Refusal(Word.SYNTAX, "expected: " + form);
        }
    }
}
