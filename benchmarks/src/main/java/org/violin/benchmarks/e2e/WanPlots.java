package org.violin.benchmarks.e2e;

import java.awt.BasicStroke;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Metric;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Subject;

/** The plots of {@code violin bench wan}: for each round trip, what a stream gets and what it costs, by loss. */
final class WanPlots extends Plots {
    private final Results results;
    private final List<WanPath> paths;

    WanPlots(Results results, Path directory, List<WanPath> paths) {
        super(directory);
        this.results = results;
        this.paths = paths;
    }

    /** Of the plots for one round trip; not all need be there. */
    static List<String> names(double rttMillis) {
        String rtt = "rtt" + WanPath.plain(rttMillis);
        return List.of("goodput-" + rtt, "goodput-bursts-" + rtt, "wire-" + rtt);
    }

    @Override
    protected void draw() throws IOException {
        for (double rtt : paths.stream().map(WanPath::rttMillis).distinct().toList()) {
            List<String> names = names(rtt);
            String at = ", round trip " + WanPath.plain(rtt) + " ms";
            List<WanPath> random = select(rtt, false);
            List<WanPath> bursts = select(rtt, true);
            lines(names.get(0), "One CUBIC stream" + at + ", losses by chance", WanCell::cubic, random);
            lines(names.get(1), "One CUBIC stream" + at + ", losses in bursts", WanCell::cubic, bursts);
            lines(names.get(2), "Bytes on the wire beyond the stream's that arrived" + at,
                WanCell::cubicWire, Stream.concat(random.stream(), bursts.stream()).distinct().toList());
        }
    }

    /** Paths without losses belong to either kind. */
    private List<WanPath> select(double rtt, boolean bursts) {
        return paths.stream().filter(path -> path.rttMillis() == rtt
            && (path.lossPercent() == 0 || path.burst() > 0 == bursts)).toList();
    }

    /** A line a side; losses stand side by side, as there is no place for none of them on a logarithmic axis. */
    private void lines(String name, String title, Function<WanPath, Metric> metric, List<WanPath> across)
        throws IOException {
        if (across.stream().allMatch(path -> path.lossPercent() == 0)) {
            return;
        }
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT).title(title)
            .xAxisTitle("packets lost").yAxisTitle(metric.apply(across.getFirst()).unit()).build();
        style(chart.getStyler());
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line).setOverlapped(true);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        List<String> labels = across.stream().map(WanPath::loss).toList();
        List<Double> shown = new ArrayList<>();
        int index = 0;
        for (Subject side : results.sides()) {
            List<Double> medians = new ArrayList<>();
            for (WanPath path : across) {
                double median = results.spread(side, metric.apply(path)).median();
                medians.add(median > 0 ? median : null);
            }
            medians.stream().filter(Objects::nonNull).forEach(shown::add);
            if (medians.stream().anyMatch(Objects::nonNull)) {
                draw(chart.addSeries(side.name(), labels, medians), side, index);
            }
            index++;
        }
        if (!shown.isEmpty()) {
            chart.getStyler().setYAxisMin(Math.pow(10, Math.floor(Math.log10(Collections.min(shown) * 0.9))));
            chart.getStyler().setYAxisMax(Math.pow(10, Math.ceil(Math.log10(Collections.max(shown) * 1.1))));
            save(chart, name);
        }
    }

    private static void draw(CategorySeries series, Subject side, int index) {
        boolean isCorrected = side.name().equals(Sides.VIOLIN_FEC);
        series.setMarker(SeriesMarkers.CIRCLE);
        series.setLineColor(isCorrected ? VIOLIN : COLOURS[index % COLOURS.length]);
        series.setMarkerColor(series.getLineColor());
        series.setLineStyle(isCorrected ? new BasicStroke(3.2f) : STROKES[index / COLOURS.length % STROKES.length]);
    }
}
