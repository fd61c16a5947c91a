package org.violin.control.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Forward error correction of what is sent through a tunnel, as users write it. The bounds are the dataplane's.
 *
 * @param members datagrams of a block, 1 to 64
 * @param rows    of parity for them, 1 to 16
 * @param depth   blocks that are filled in turn: 1, 2, 3, 4, 6 or 8
 * @param ordered whether the other end holds what is behind a gap until what was lost is brought back
 */
public record FecSpec(int members, int rows, int depth, boolean ordered) {
    public static final FecSpec OFF = new FecSpec(0, 0, 0);
    /** As much as the losses on the way want. */
    public static final FecSpec AUTO = new FecSpec(-1, -1, -1);

    private static final String ORDERED = "/ordered";

    private static final Pattern TEXT = Pattern.compile("([1-9]\\d{0,3})\\+([1-9]\\d{0,3})(?:x([1-9]\\d{0,3}))?");

    public FecSpec {
        boolean fixed = members != rows || rows != depth || depth != 0 && depth != -1;
        require(!fixed || members >= 1 && members <= 64, members + " datagrams a block: 1 to 64");
        require(!fixed || rows >= 1 && rows <= 16, rows + " datagrams of parity a block: 1 to 16");
        require(!fixed || depth >= 1 && depth <= 8 && 48 % depth == 0,
            depth + " blocks in turn: 1, 2, 3, 4, 6 or 8");
        require(members != 0 || !ordered, "off: nothing is brought back that could be in order");
    }

    /** Of what is handed over as it comes. */
    public FecSpec(int members, int rows, int depth) {
        this(members, rows, depth, false);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /**
     * Reads {@code off}, {@code auto}, {@code 10+3}, or {@code 10+3x4}; all but the first also with {@code /ordered}.
     *
     * @throws IllegalArgumentException with a message that says what is expected
     */
    @JsonCreator
    public static FecSpec parse(String text) {
        boolean ordered = text.endsWith(ORDERED);
        String amount = ordered ? text.substring(0, text.length() - ORDERED.length()) : text;
        if (text.equals("off") || amount.equals("auto")) {
            return text.equals("off") ? OFF : new FecSpec(-1, -1, -1, ordered);
        }
        Matcher matcher = TEXT.matcher(amount);
        require(matcher.matches(), "'" + text + "': off, auto, or datagrams and parity of a block, such as 10+3, or"
            + " 10+3x4 for 4 in turn; in order: auto/ordered, 10+3/ordered");
        int depth = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
        try {
            return new FecSpec(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), depth,
                ordered);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "': " + e.getMessage(), e);
        }
    }

    /** What {@link #parse} reads. */
    @JsonValue
    public String text() {
        String amount = adapts() ? "auto" : members + "+" + rows + (depth == 1 ? "" : "x" + depth);
        return equals(OFF) ? "off" : ordered ? amount + ORDERED : amount;
    }

    /** Whether the losses decide how much it is. */
    public boolean adapts() {
        return members < 0;
    }
}
