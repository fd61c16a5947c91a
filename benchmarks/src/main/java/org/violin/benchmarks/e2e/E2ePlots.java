package org.violin.benchmarks.e2e;

import java.awt.BasicStroke;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The plots of {@code violin bench e2e}. */
final class E2ePlots extends Plots {
    private static final int MAX_UPRIGHT_LABELS = 8;

    private final Results results;

    E2ePlots(Results results, Path directory) {
        super(directory);
        this.results = results;
    }

    @Override
    void draw() throws IOException {
        bars("tcp", "TCP throughput", "Gbit/s", List.of(
            new Bar("1 stream, a to b", Metric.gigabits("tcp1")),
            new Bar("1 stream, b to a", Metric.gigabits("tcp1-reverse")),
            new Bar("4 streams, a to b", Metric.gigabits("tcp4")),
            new Bar("4 streams, b to a", Metric.gigabits("tcp4-reverse"))));
        bars("cpu", "CPU time of the whole machine, for a gigabyte of TCP", "s/GB", List.of(
            new Bar("1 stream", Metric.cpu("tcp1")),
            new Bar("4 streams", Metric.cpu("tcp4"))));
        bars("udp", "UDP packets received", "thousands a second", List.of(
            new Bar("64 bytes", Metric.frames("udp64", "received")),
            new Bar("512 bytes", Metric.frames("udp512", "received")),
            new Bar("1500 bytes", Metric.frames("udp1500", "received"))));
        percentiles("rtt-idle", "Round trips, idle", "rtt-idle");
        percentiles("rtt-loaded", "Round trips, beside a TCP stream that takes all it gets", "rtt-loaded");
        bars("memory", "Memory of both ends' processes, under load", "MB", List.of(
            new Bar("resident", Metric.memory("rss"))));
    }

    /** One series of bars. */
    private record Bar(String title, Metric metric) {
    }

    /** Medians; their spread is in the tables, as the library draws whiskers wrongly on a logarithmic axis. */
    private void bars(String name, String title, String unit, List<Bar> bars) throws IOException {
        List<Side> sides = results.sides().stream()
            .filter(side -> bars.stream().anyMatch(bar -> isShown(results.spread(side, bar.metric())))).toList();
        if (sides.isEmpty()) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title).yAxisTitle(unit)
            .build();
        style(chart.getStyler());
        chart.getStyler().setAvailableSpaceFill(0.8).setOverlapped(false).setSeriesColors(COLOURS);
        chart.getStyler().setXAxisLabelRotation(sides.size() > MAX_UPRIGHT_LABELS ? 40 : 0);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Horizontal);
        List<Double> shown = new ArrayList<>();
        bars.forEach(bar -> shown.addAll(add(chart, sides, bar)));
        chart.getStyler().setYAxisMin(decade(Math.floor(Math.log10(Collections.min(shown) * 0.9))));
        chart.getStyler().setYAxisMax(decade(Math.ceil(Math.log10(Collections.max(shown) * 1.1))));
        save(chart, name);
    }

    /** Returns the medians that there are. */
    private List<Double> add(CategoryChart chart, List<Side> sides, Bar bar) {
        List<Double> medians = new ArrayList<>();
        for (Side side : sides) {
            Spread spread = results.spread(side, bar.metric());
            medians.add(isShown(spread) ? spread.median() : null);
        }
        if (medians.stream().anyMatch(Objects::nonNull)) {
            chart.addSeries(bar.title(), sides.stream().map(Side::name).toList(), medians);
        }
        return medians.stream().filter(Objects::nonNull).toList();
    }

    private static boolean isShown(Spread spread) {
        return !spread.isEmpty() && spread.median() > 0;
    }

    private static double decade(double exponent) {
        return Math.pow(10, exponent);
    }

    /** Round trips by percentile: each step to the right is ten times as rare. */
    private void percentiles(String name, String title, String load) throws IOException {
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title)
            .xAxisTitle("one request in so many takes longer (100: p99)").yAxisTitle("us").build();
        style(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        int index = 0;
        for (Side side : results.sides()) {
            Histogram histogram = results.histogram(side, load);
            if (histogram != null) {
                add(chart, side, histogram, index++);
            }
        }
        if (!chart.getSeriesMap().isEmpty()) {
            save(chart, name);
        }
    }

    private static void add(XYChart chart, Side side, Histogram histogram, int index) {
        List<Double> rarity = new ArrayList<>();
        List<Double> micros = new ArrayList<>();
        // Beyond this there are fewer than ten samples, which say nothing.
        double rarest = Math.max(10, histogram.getTotalCount() / 10.0);
        for (double step = 1; step <= rarest; step *= 1.1) {
            rarity.add(step);
            micros.add(histogram.getValueAtPercentile(100 - 100 / step) / 1000.0);
        }
        XYSeries series = chart.addSeries(side.name(), rarity, micros);
        boolean isViolin = side.name().equals(Sides.VIOLIN);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(isViolin ? VIOLIN : COLOURS[index % COLOURS.length]);
        series.setLineStyle(isViolin ? new BasicStroke(3.2f) : STROKES[index / COLOURS.length % STROKES.length]);
    }
}
