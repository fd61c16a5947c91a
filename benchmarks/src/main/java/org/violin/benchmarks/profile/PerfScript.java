package org.violin.benchmarks.profile;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads what {@code perf script -F} {@value #FIELDS} prints: for each sample a line of thread and ids, a line for each
 * function from the innermost one outwards, and an empty line.
 */
public final class PerfScript {
    /** What has to be printed. */
    public static final String FIELDS = "comm,pid,tid,ip,sym,dso";

    /** Threads may have blanks in their names. */
    private static final Pattern HEAD = Pattern.compile("\\s*(.*?)\\s+(\\d+)/(\\d+)\\s*");
    /** Symbols of Java have blanks and brackets in them; the file is in the last brackets. */
    private static final Pattern FUNCTION = Pattern.compile("\\s+([0-9a-f]+)\\s+(.*) \\((.*)\\)\\s*");
    private static final Pattern PERF_MAP = Pattern.compile(".*/perf-\\d+\\.map");
    /** Digits that a temporary file was given. */
    private static final Pattern TEMPORARY = Pattern.compile("\\d{6,}(?=\\.so)");
    private static final Set<String> USER_AREAS = Set.of("[vdso]", "[unknown]", "[heap]", "[stack]", "[vsyscall]");
    private static final String UNKNOWN = "[unknown]";
    private static final int KERNEL_ADDRESS_DIGITS = 16;

    private PerfScript() {
    }

    /** Gives every sample to {@code consumer}. */
    public static void read(BufferedReader script, Consumer<Sample> consumer) throws IOException {
        List<Frame> frames = new ArrayList<>();
        Matcher head = null;
        for (String line = script.readLine(); line != null; line = script.readLine()) {
            Matcher function = FUNCTION.matcher(line.replace(" (deleted))", ")"));
            if (line.isBlank()) {
                finish(head, frames, consumer);
                head = null;
            } else if (head != null && function.matches()) {
                frames.add(frame(function.group(1), function.group(2), function.group(3)));
            } else {
                Matcher matcher = HEAD.matcher(line);
                head = matcher.matches() ? matcher : head;
            }
        }
        finish(head, frames, consumer);
    }

    private static void finish(Matcher head, List<Frame> frames, Consumer<Sample> consumer) {
        if (head != null) {
            consumer.accept(new Sample(head.group(1), Long.parseLong(head.group(2)), List.copyOf(frames.reversed())));
        }
        frames.clear();
    }

    private static Frame frame(String address, String symbol, String file) {
        boolean isKernel = file.startsWith("[") && !USER_AREAS.contains(file)
            || file.equals(UNKNOWN) && address.length() == KERNEL_ADDRESS_DIGITS && address.startsWith("ffff");
        if (isKernel) {
            return new Frame(symbol, Frame.Kind.KERNEL);
        }
        if (PERF_MAP.matcher(file).matches()) {
            return new Frame(javaName(symbol), Frame.Kind.JAVA);
        }
        String library = TEMPORARY.matcher(file.substring(file.lastIndexOf('/') + 1)).replaceAll("");
        boolean known = !symbol.equals(UNKNOWN);
        return new Frame(known ? symbol : file.equals(UNKNOWN) ? UNKNOWN : "[" + library + "]", Frame.Kind.NATIVE);
    }

    /** {@code void a.b.C.d(long, int)} is {@code a.b.C.d}; the JVM's stubs have names of other forms. */
    private static String javaName(String symbol) {
        int bracket = symbol.indexOf('(');
        if (bracket <= 0 || symbol.charAt(bracket - 1) == ' ') {
            return symbol;
        }
        return symbol.substring(symbol.lastIndexOf(' ', bracket) + 1, bracket);
    }
}
