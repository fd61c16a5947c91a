package org.violin.control.cli;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.violin.control.client.Progress;

/**
 * Progress on a stream. On a terminal the lines of what is under way stand last and are rewritten in place; elsewhere a
 * line is written when something is done.
 */
final class ConsoleProgress implements Progress {
    /** More things under way than this are counted instead of shown: the block must fit a small terminal. */
    private static final int MAX_SHOWN = 12;
    private static final int NAME_CHARS = 32;
    private static final int LINE_CHARS = 78;

    private final PrintStream out;
    private final boolean terminal;
    private final Map<String, String> underWay = new LinkedHashMap<>();
    private int shownLines;

    ConsoleProgress(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    @Override
    public void begin(String what, String text) {
        underWay.put(what, text);
        if (terminal) {
            redraw("");
        }
    }

    @Override
    public void done(String what, String text) {
        end(what, line("ok", what, text));
    }

    @Override
    public void failed(String what, String text) {
        end(what, line("FAILED", what, text));
    }

    @Override
    public void abandon() {
        underWay.clear();
        if (terminal) {
            redraw("");
        }
    }

    private void end(String what, String line) {
        underWay.remove(what);
        if (terminal) {
            redraw(line + "\n");
        } else {
            out.println(line);
            out.flush();
        }
    }

    private static String line(String mark, String what, String text) {
        return String.format("%-6s  %-" + NAME_CHARS + "s  %s", mark, what,
            Terminal.printable(text, " ".repeat(NAME_CHARS + 10)));
    }

    /** Goes back over the lines under way, writes what has ended, and them again. */
    private void redraw(String ended) {
        StringBuilder text = new StringBuilder();
        if (shownLines > 0) {
            text.append("\u001b[").append(shownLines).append("A\r\u001b[J");
        }
        text.append(ended);
        int shown = 0;
        for (Map.Entry<String, String> entry : underWay.entrySet()) {
            if (shown == MAX_SHOWN) {
                text.append("        and ").append(underWay.size() - MAX_SHOWN).append(" more\n");
                shown++;
                break;
            }
            String line = line("...", entry.getKey(), entry.getValue()).lines().findFirst().orElse("");
            text.append(line, 0, Math.min(line.length(), LINE_CHARS)).append('\n');
            shown++;
        }
        shownLines = shown;
        out.print(text);
        out.flush();
    }
}
