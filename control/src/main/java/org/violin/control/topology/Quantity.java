package org.violin.control.topology;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number with its unit, as people write it: {@code 20ms}, {@code 0.5%}, {@code 200Mbit}, {@code 64KiB}. Decimal, of
 * any case, with or without a blank before the unit, which must be there unless the number is 0.
 */
public enum Quantity {
    /** In nanoseconds. */
    DURATION("a time such as 20ms, 150us or 1.5s",
        Map.of("ns", 1L, "us", 1_000L, "ms", 1_000_000L, "s", 1_000_000_000L)),
    /** In bits a second. */
    RATE("a rate such as 512kbit, 200Mbit or 1Gbit (a second)",
        Map.of("bit", 1L, "kbit", 1_000L, "mbit", 1_000_000L, "gbit", 1_000_000_000L)),
    /** In bytes. */
    SIZE("a size such as 1500B, 64KiB or 1MiB",
        Map.of("b", 1L, "kb", 1_000L, "mb", 1_000_000L, "kib", 1L << 10, "mib", 1L << 20));

    private static final Pattern TEXT = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,15})?)\\s?([a-z%]*)");
    private static final String PERCENTAGE = "a percentage such as 1% or 0.05%";
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final String expected;
    private final Map<String, Long> units;

    Quantity(String expected, Map<String, Long> units) {
        this.expected = expected;
        this.units = units;
    }

    /**
     * Reads a quantity of this kind, rounded down to a whole number; what would come to 0 must be 0.
     *
     * @throws IllegalArgumentException with a message that says what is expected
     */
    public long parse(String text) {
        BigDecimal value = read(text, units, expected);
        if (value.signum() > 0 && value.compareTo(BigDecimal.ONE) < 0) {
            throw fault(text, expected);
        }
        return value.min(BigDecimal.valueOf(Long.MAX_VALUE)).longValue();
    }

    /** Reads a percentage as a part of one: {@code 1%} is 0.01. Errors as of {@link #parse}. */
    public static double part(String text) {
        BigDecimal percent = read(text, Map.of("%", 1L), PERCENTAGE);
        if (percent.compareTo(HUNDRED) > 0) {
            throw fault(text, PERCENTAGE);
        }
        return percent.movePointLeft(2).doubleValue();
    }

    private static BigDecimal read(String text, Map<String, Long> units, String expected) {
        Matcher matcher = TEXT.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!matcher.matches()) {
            throw fault(text, expected);
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        boolean bare = matcher.group(2).isEmpty() && number.signum() == 0;
        Long unit = bare ? Long.valueOf(1) : units.get(matcher.group(2));
        if (unit == null) {
            throw fault(text, expected);
        }
        return number.multiply(BigDecimal.valueOf(unit));
    }

    private static IllegalArgumentException fault(String text, String expected) {
        return new IllegalArgumentException("'" + Words.shorten(text) + "': " + expected);
    }
}
