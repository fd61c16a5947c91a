package org.violin.control.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Text in columns, as wide as what is in them. */
final class Table {
    private static final String GAP = "  ";

    private final List<Column> columns;
    private final List<List<String>> rows = new ArrayList<>();

    private record Column(String title, boolean right) {
    }

    private Table(List<Column> columns) {
        this.columns = columns;
    }

    /** @param titles one with a {@code >} in front is of numbers: aligned to the right */
    static Table of(String... titles) {
        List<Column> columns = new ArrayList<>();
        for (String title : titles) {
            boolean right = title.startsWith(">");
            columns.add(new Column(right ? title.substring(1) : title, right));
        }
        return new Table(columns);
    }

    /** Nanoseconds as microseconds, for a cell. */
    static String micros(long nanos) {
        return String.format(Locale.ROOT, "%.1f", nanos / 1000.0);
    }

    /** One cell for each column; null and the empty string are shown as a dash. */
    void row(Object... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells in a table of " + columns.size() + " columns");
        }
        List<String> row = new ArrayList<>();
        for (Object cell : cells) {
            String text = cell == null ? "" : cell.toString().replaceAll("\\p{Cntrl}", " ");
            row.add(text.isEmpty() ? "-" : text);
        }
        rows.add(row);
    }

    /** Lines without trailing spaces, each with its newline. */
    String render() {
        int[] widths = new int[columns.size()];
        for (int i = 0; i < widths.length; i++) {
            int column = i;
            widths[i] = Math.max(columns.get(i).title.length(),
                rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0));
        }
        StringBuilder text = new StringBuilder();
        line(text, columns.stream().map(Column::title).toList(), widths);
        rows.forEach(row -> line(text, row, widths));
        return text.toString();
    }

    private void line(StringBuilder text, List<String> cells, int[] widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < widths.length; i++) {
            String padding = " ".repeat(widths[i] - cells.get(i).length());
            line.append(i == 0 ? "" : GAP)
                .append(columns.get(i).right ? padding + cells.get(i) : cells.get(i) + padding);
        }
        text.append(line.toString().stripTrailing()).append('\n');
    }
}
