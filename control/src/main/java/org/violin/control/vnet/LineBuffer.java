package org.violin.control.vnet;

import java.nio.charset.StandardCharsets;
import org.violin.control.vnet.Refusal.Word;

/** Puts lines together, byte by byte, so that it does not matter in which parts they come. */
final class LineBuffer {
    /** Of a line with its end, LF or CR and LF. */
    static final int LINE_MAX = 1056;

    private final byte[] bytes = new byte[LINE_MAX];
    private int length;
    private boolean returned;

    /**
     * The line that ends with this byte, without its end; null: it goes on.
     *
     * @throws Refusal if it is too long, or no text: nothing can follow
     */
    String add(byte next) throws Refusal {
        if (next == '\n') {
            String line = new String(bytes, 0, returned ? length - 1 : length, StandardCharsets.US_ASCII);
            length = 0;
            returned = false;
            return line;
        }
        if (returned || next != '\r' && (next < ' ' || next > '~')) {
            throw new Refusal(Word.SYNTAX, "a byte that is no text: lines are ASCII, and end with LF or CR LF");
        }
        returned = next == '\r';
        bytes[length++] = next;
        if (length == LINE_MAX) {
            throw new Refusal(Word.TOO_LONG, "a line has at most " + LINE_MAX + " bytes, with its end");
        }
        return null;
    }
}
