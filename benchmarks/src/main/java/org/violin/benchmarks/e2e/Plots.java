package org.violin.benchmarks.e2e;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;

/** A report's plots, each as PNG and SVG. Axes are logarithmic: a ratio is the same length everywhere. */
abstract class Plots {
    static final int WIDTH = 1000;
    static final int HEIGHT = 560;
    private static final int DPI = 150;
    private static final Color INK = new Color(0x33, 0x33, 0x33);
    private static final Color GRID = new Color(0xdd, 0xdd, 0xdd);
    /** Told apart also by those who see fewer colours: Okabe and Ito's, without yellow. */
    static final Color[] COLOURS = {new Color(0x0072b2), new Color(0xe69f00), new Color(0x009e73),
        new Color(0xcc79a7), new Color(0x56b4e9), new Color(0xd55e00), new Color(0x666666)};
    static final BasicStroke[] STROKES = {new BasicStroke(1.8f),
        new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {6, 3}, 0),
        new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, new float[] {2, 3}, 0)};
    static final Color VIOLIN = new Color(0xb0, 0x00, 0x20);

    private final Path directory;
    private final List<String> names = new ArrayList<>();

    Plots(Path directory) {
        this.directory = directory;
    }

    /** Draws what there are figures for. */
    abstract void draw() throws IOException;

    /** The same; returns the names, without endings, of the files. */
    List<String> write() throws IOException {
        draw();
        return List.copyOf(names);
    }

    static void style(AxesChartStyler styler) {
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

    void save(Chart<?, ?> chart, String name) throws IOException {
        String file = directory.resolve(name).toString();
        BitmapEncoder.saveBitmapWithDPI(chart, file, BitmapFormat.PNG, DPI);
        VectorGraphicsEncoder.saveVectorGraphic(chart, file, VectorGraphicsFormat.SVG);
        names.add(name);
    }
}
