package org.violin.benchmarks.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.HdrHistogram.Histogram;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A report's plots, each as PNG and SVG. Axes are logarithmic: a ratio is the same length everywhere. */
public abstract class Plots {
    protected static final int WIDTH = 1000;
    protected static final int HEIGHT = 560;
    private static final int DPI = 150;
    private static final int MAX_UPRIGHT_LABELS = 8;
    private static final Color INK = new Color(0x33, 0x33, 0x33);
    private static final Color GRID = new Color(0xdd, 0xdd, 0xdd);
    /** Told apart also by those who see fewer colours: Okabe and Ito's, without yellow. */
    protected static final Color[] COLOURS = {new Color(0x0072b2), new Color(0xe69f00), new Color(0x009e73),
        new Color(0xcc79a7), new Color(0x56b4e9), new Color(0xd55e00), new Color(0x666666)};
    protected static final BasicStroke[] STROKES = {new BasicStroke(1.8f),
        new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 3}, 0),
        new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {2, 3}, 0)};
    protected static final Color VIOLIN = new Color(0xb0, 0x00, 0x20);

    private final Path directory;
    private final List<String> names = new ArrayList<>();

    protected Plots(Path directory) {
        this.directory = directory;
    }

    /** Draws what there are figures for. */
    protected abstract void draw() throws IOException;

    /** The same; returns the names, without endings, of the files. */
    List<String> write() throws IOException {
        draw();
        return List.copyOf(names);
    }

    protected static void style(AxesChartStyler styler) {
        styler.setYAxisLogarithmic(true).setYAxisLogarithmicDecadeOnly(true).setYAxisDecimalPattern("#,##0.##");
        styler.setXAxisDecimalPattern("#,##0");
        styler.setChartBackgroundColor(Color.WHITE).setChartFontColor(INK).setChartPadding(14)
            .setPlotBorderVisible(false).setLegendBorderColor(Color.WHITE).setChartTitleBoxVisible(false)
            .setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 16))
            .setLegendFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        // Dashes would be outlines in the SVG, a few bytes each.
        styler.setPlotGridLinesColor(GRID).setPlotGridLinesStroke(new BasicStroke(0.6f));
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
        styler.setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    }

    protected void save(Chart<?, ?> chart, String name) throws IOException {
        String file = directory.resolve(name).toString();
        BitmapEncoder.saveBitmapWithDPI(chart, file, BitmapFormat.PNG, DPI);
        VectorGraphicsEncoder.saveVectorGraphic(chart, file, VectorGraphicsFormat.SVG);
        names.add(name);
    }

    /**
     * Bars beside each other for each label; null where there is none. Draws nothing without a bar.
     *
     * @param series values by title, as many as labels each
     */
    protected void bars(String name, String title, String unit, List<String> labels, Map<String, List<Double>> series)
        throws IOException {
        List<Double> shown = series.values().stream().flatMap(List::stream).filter(Objects::nonNull).toList();
        if (shown.isEmpty()) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title).yAxisTitle(unit)
            .build();
        style(chart.getStyler());
        chart.getStyler().setAvailableSpaceFill(0.8).setOverlapped(false).setSeriesColors(COLOURS);
        chart.getStyler().setXAxisLabelRotation(labels.size() > MAX_UPRIGHT_LABELS ? 40 : 0);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS).setLegendLayout(LegendLayout.Horizontal);
        series.forEach((bar, values) -> {
            if (values.stream().anyMatch(Objects::nonNull)) {
                chart.addSeries(bar, labels, values);
            }
        });
        chart.getStyler().setYAxisMin(decade(Math.floor(Math.log10(Collections.min(shown) * 0.9))));
        chart.getStyler().setYAxisMax(decade(Math.ceil(Math.log10(Collections.max(shown) * 1.1))));
        save(chart, name);
    }

    private static double decade(double exponent) {
        return Math.pow(10, exponent);
    }

    /** What bars show of a figure: its median, if there is a place for it on a logarithmic axis; else null. */
    protected static Double shown(Spread spread) {
        return !spread.isEmpty() && spread.median() > 0 ? spread.median() : null;
    }

    /**
     * Round trips by percentile: each step to the right is ten times as rare.
     *
     * @param samples    nanoseconds, by side
     * @param emphasised the side whose line is red and thick
     */
    protected void percentiles(String name, String title, Map<String, Histogram> samples, String emphasised)
        throws IOException {
        if (samples.isEmpty()) {
            return;
        }
        XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT).title(title)
            .xAxisTitle("one request in so many takes longer (100: p99)").yAxisTitle("us").build();
        style(chart.getStyler());
        chart.getStyler().setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        int index = 0;
        for (Map.Entry<String, Histogram> side : samples.entrySet()) {
            XYSeries series = line(chart, side.getKey(), side.getValue());
            boolean isEmphasised = side.getKey().equals(emphasised);
            series.setMarker(SeriesMarkers.NONE);
            series.setLineColor(isEmphasised ? VIOLIN : COLOURS[index % COLOURS.length]);
            series.setLineStyle(isEmphasised ? new BasicStroke(3.2f)
                : STROKES[index / COLOURS.length % STROKES.length]);
            index++;
        }
        save(chart, name);
    }

    private static XYSeries line(XYChart chart, String side, Histogram histogram) {
        List<Double> rarity = new ArrayList<>();
        List<Double> micros = new ArrayList<>();
        // Beyond this there are fewer than ten samples, which say nothing.
        double rarest = Math.max(10, histogram.getTotalCount() / 10.0);
        for (double step = 1; step <= rarest; step *= 1.1) {
            rarity.add(step);
            micros.add(histogram.getValueAtPercentile(100 - 100 / step) / 1000.0);
        }
        return chart.addSeries(side, rarity, micros);
    }
}
