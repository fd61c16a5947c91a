package org.violin.control.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.dataplane.Fec;

/** {@code auto}; {@code 10+3}, or {@code 10+3x4}: members, rows of parity, and blocks that are filled in turn. */
final class FecConverter extends Converter<Fec> {
    private static final Pattern TEXT = Pattern.compile("(\\d{1,4})\\+(\\d{1,4})(?:x(\\d{1,4}))?");

    FecConverter() {
        super(FecConverter::parse);
    }

    private static Fec parse(String text) {
        if (text.equals("auto")) {
            return Fec.AUTO;
        }
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                "'" + text + "': auto, or datagrams and parity of a block, such as 10+3, or 10+3x4 for 4 in turn");
        }
        int depth = matcher.group(3) == null ? 1 : Integer.parseInt(matcher.group(3));
        return new Fec(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)), depth);
    }
}
