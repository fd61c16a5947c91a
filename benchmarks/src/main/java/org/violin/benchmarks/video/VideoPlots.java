package org.violin.benchmarks.video;

import java.awt.BasicStroke;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.video.VideoNet.Domain;

/** The plots of {@code violin bench video}: each frame of the first round, as it is seen two paths away. */
final class VideoPlots extends Plots {
    private static final Domain SHOWN = Domain.WASHINGTON;

    private final VideoRun run;
    private final List<WanPath> paths;

    VideoPlots(Path directory, VideoRun run, List<WanPath> paths) {
        super(directory);
        this.run = run;
        this.paths = paths;
    }

    static String name(WanPath path) {
        return "psnr-loss" + WanPath.plain(path.lossPercent());
    }

    @Override
    protected void draw() throws IOException {
        for (WanPath path : paths) {
            XYChart chart = new XYChartBuilder().width(WIDTH).height(HEIGHT)
                .title("Frames seen in " + SHOWN + ", two paths away that lose " + path.loss() + " each")
                .xAxisTitle("frame").yAxisTitle("PSNR, dB").build();
            style(chart.getStyler());
            chart.getStyler().setYAxisLogarithmic(false);
            chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
            for (Side side : Side.ALL) {
                add(chart, side, run.frames(side, path, SHOWN));
            }
            if (!chart.getSeriesMap().isEmpty()) {
                save(chart, name(path));
            }
        }
    }

    private static void add(XYChart chart, Side side, List<Double> frames) {
        if (frames.isEmpty()) {
            return;
        }
        XYSeries series = chart.addSeries(side.name(), IntStream.range(0, frames.size()).mapToDouble(i -> i).toArray(),
            frames.stream().mapToDouble(Double::doubleValue).toArray());
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(side.isCorrected() ? VIOLIN : COLOURS[Side.ALL.indexOf(side)]);
        series.setLineStyle(side.isCorrected() ? new BasicStroke(3.2f) : STROKES[0]);
    }
}
