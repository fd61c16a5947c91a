package org.violin.control.cli;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import org.violin.control.tune.Figures;
import org.violin.control.tune.Measurement;

/** What was measured as bars: one panel for each thing, one bar for each transport. */
final class TunePlot {
    private static final int WIDTH = 760;
    private static final int NAME_WIDTH = 120;
    private static final int BAR_WIDTH = 520;
    private static final int BAR_HEIGHT = 18;
    private static final int LINE_HEIGHT = 24;
    private static final int TITLE_HEIGHT = 34;
    private static final String COLOUR = "#3b6ea5";

    private final StringBuilder svg = new StringBuilder();
    private final List<Measurement> measurements;
    private int y;

    private TunePlot(List<Measurement> measurements) {
        this.measurements = measurements;
    }

    /** An SVG document. */
    static String svg(String title, List<Measurement> measurements) {
        TunePlot plot = new TunePlot(measurements);
        plot.text(10, "bold", title);
        plot.panel("one TCP stream, Mbit/s: more is better", figures -> figures.bitsPerSecond() / 1e6);
        plot.panel("99 of 100 round trips beside it, ms: less is better", figures -> figures.loaded().p99Nanos() / 1e6);
        plot.panel("lost or late of a stream of datagrams, %: less is better",
            figures -> 100 * (figures.lost() + figures.late()));
        plot.panel("bytes on the wire for each of the TCP stream: less is better", Figures::wireRatio);
        plot.panel("CPU time of both daemons, s for 10^9 bytes: less is better", Figures::cpuSecondsPerGb);
        return String.format(Locale.ROOT, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
            + "font-family=\"sans-serif\" font-size=\"13\">%n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
            + "%s</svg>%n", WIDTH, plot.y + LINE_HEIGHT, plot.svg);
    }

    /** @param value below 0: there is none */
    private void panel(String title, ToDoubleFunction<Figures> value) {
        y += TITLE_HEIGHT - LINE_HEIGHT;
        text(10, "bold", title);
        double most = measurements.stream().map(Measurement::figures).filter(figures -> figures != null)
            .mapToDouble(value).max().orElse(0);
        for (Measurement measurement : measurements) {
            double number = measurement.figures() == null ? -1 : value.applyAsDouble(measurement.figures());
            double length = most > 0 && number > 0 ? BAR_WIDTH * number / most : 0;
            svg.append(String.format(Locale.ROOT,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                NAME_WIDTH, y + LINE_HEIGHT - BAR_HEIGHT + 5, length, BAR_HEIGHT, COLOUR));
            write(NAME_WIDTH + length + 6, y + LINE_HEIGHT, "normal", number < 0 ? "-" : Figures.text(number));
            text(10, "normal", measurement.transport().label());
        }
    }

    /** A line of its own. */
    private void text(double x, String weight, String text) {
        y += LINE_HEIGHT;
        write(x, y, weight, text);
    }

    private void write(double x, int baseline, String weight, String text) {
        svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" font-weight=\"%s\">%s</text>%n", x, baseline,
            weight, text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
