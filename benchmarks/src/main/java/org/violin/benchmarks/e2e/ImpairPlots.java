package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Subject;

/** The plot of {@code violin bench impair}: how late frames come, by delay. */
final class ImpairPlots extends Plots {
    static final String LATE = "late";

    private final Results results;
    private final List<Double> delays;

    ImpairPlots(Results results, Path directory, List<Double> delays) {
        super(directory);
        this.results = results;
        this.delays = delays;
    }

    @Override
    protected void draw() throws IOException {
        CategoryChart chart = new CategoryChartBuilder().width(WIDTH).height(HEIGHT)
            .title("Delayed frames: later than asked").xAxisTitle("delay asked for").yAxisTitle("us").build();
        style(chart.getStyler());
        // A median may be early.
        chart.getStyler().setYAxisLogarithmic(false);
        chart.getStyler().setDefaultSeriesRenderStyle(CategorySeriesRenderStyle.Line);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideE);
        List<String> percentiles = List.of("p50", "p99");
        for (Subject side : results.sides()) {
            for (String percentile : percentiles) {
                List<String> labels = new ArrayList<>();
                List<Double> late = new ArrayList<>();
                for (double millis : delays) {
                    Spread spread = results.spread(side, DelayCell.late(millis, percentile));
                    if (!spread.isEmpty()) {
                        labels.add(WanPath.plain(millis) + " ms");
                        late.add(spread.median());
                    }
                }
                if (!late.isEmpty()) {
                    var series = chart.addSeries(percentile, labels, late);
                    series.setMarker(SeriesMarkers.CIRCLE);
                    series.setLineColor(COLOURS[percentiles.indexOf(percentile)]);
                    series.setMarkerColor(series.getLineColor());
                    series.setLineStyle(STROKES[0]);
                }
            }
        }
        if (!chart.getSeriesMap().isEmpty()) {
            save(chart, LATE);
        }
    }
}
