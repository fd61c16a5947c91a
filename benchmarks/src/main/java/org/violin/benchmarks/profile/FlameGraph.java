package org.violin.benchmarks.profile;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Draws stacks as a flame graph (Gregg, "The Flame Graph", 2016): a function is a bar on top of its caller, as wide as
 * the share of samples that it or what it called was in. Wide bars stand left of narrow ones. A pointer that rests on a
 * bar shows its whole name, samples and share.
 */
public final class FlameGraph {
    private static final int WIDTH = 1400;
    private static final int MARGIN = 16;
    private static final int HEAD = 84;
    private static final int ROW = 17;
    /** Narrower bars are left out. */
    private static final double MIN_BAR = 0.8;
    private static final double LETTER = 6.7;
    private static final int MIN_LETTERS = 3;

    /** A function as called by one chain of callers. */
    private static final class Node {
        private final Frame frame;
        private final Map<Frame, Node> callees = new LinkedHashMap<>();
        private long samples;

        private Node(Frame frame) {
            this.frame = frame;
        }
    }

    private final StringBuilder svg = new StringBuilder();
    private final Node root = new Node(new Frame("all", Frame.Kind.PROCESS));
    private final int height;

    private FlameGraph(Stacks stacks) {
        stacks.counts().forEach((stack, count) -> {
            Node node = root;
            node.samples += count;
            for (Frame frame : stack) {
                node = node.callees.computeIfAbsent(frame, Node::new);
                node.samples += count;
            }
        });
        height = HEAD + rows(root) * ROW + MARGIN;
    }

    /** An SVG file. */
    public static String draw(Stacks stacks, String title, String subtitle) {
        return new FlameGraph(stacks).draw(title, subtitle);
    }

    private String draw(String title, String subtitle) {
        svg.append(String.format(Locale.ROOT, """
            <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d">
            <style>
            text { font: 11px "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1c1c1c; pointer-events: none }
            .title { font: bold 19px "DejaVu Sans", Helvetica, Arial, sans-serif }
            .small { font: 12px "DejaVu Sans", Helvetica, Arial, sans-serif; fill: #555 }
            rect { stroke: #fff; stroke-width: 0.6 } g:hover > rect { stroke: #000; stroke-width: 1.2 }
            </style>
            <rect width="100%%" height="100%%" fill="#fff"/>
            <text class="title" x="%d" y="30">%s</text>
            <text class="small" x="%d" y="50">%s</text>
            """, WIDTH, height, WIDTH, height, MARGIN, escape(title), MARGIN, escape(subtitle)));
        legend();
        if (root.samples > 0) {
            bar(root, MARGIN, 0, (WIDTH - 2.0 * MARGIN) / root.samples);
        }
        return svg.append("</svg>\n").toString();
    }

    private void legend() {
        int x = MARGIN;
        for (Frame.Kind kind : Frame.Kind.values()) {
            String label = kind.name().toLowerCase(Locale.ROOT);
            svg.append(String.format(Locale.ROOT, "<rect x=\"%d\" y=\"60\" width=\"12\" height=\"12\" fill=\"%s\"/>"
                + "<text class=\"small\" x=\"%d\" y=\"70\">%s</text>%n", x, colour(new Frame("", kind)), x + 17,
                label));
            x += 40 + label.length() * 8;
        }
    }

    private void bar(Node node, double x, int depth, double pixels) {
        double width = node.samples * pixels;
        if (width < MIN_BAR) {
            return;
        }
        int y = height - MARGIN - (depth + 1) * ROW;
        svg.append(String.format(Locale.ROOT, "<g><title>%s (%s, %d samples, %.2f %%)</title>"
            + "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" rx=\"1.5\" fill=\"%s\"/>",
            escape(node.frame.name()), node.frame.kind().name().toLowerCase(Locale.ROOT), node.samples,
            100.0 * node.samples / root.samples, x, y, width, ROW - 1, colour(node.frame)));
        int letters = (int) ((width - 6) / LETTER);
        String name = node.frame.shortName();
        if (letters >= MIN_LETTERS) {
            String text = name.length() <= letters ? name : name.substring(0, letters - 2) + "..";
            svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">%s</text>", x + 3, y + 12, escape(text)));
        }
        svg.append("</g>\n");
        List<Node> callees = new ArrayList<>(node.callees.values());
        callees.sort(Comparator.comparingLong((Node callee) -> -callee.samples)
            .thenComparing(callee -> callee.frame.name()));
        double at = x;
        for (Node callee : callees) {
            bar(callee, at, depth + 1, pixels);
            at += callee.samples * pixels;
        }
    }

    /** Of what is wide enough to be drawn. */
    private int rows(Node node) {
        if (node.samples * (WIDTH - 2.0 * MARGIN) < MIN_BAR * root.samples) {
            return 0;
        }
        return 1 + node.callees.values().stream().mapToInt(this::rows).max().orElse(0);
    }

    /** By kind; neighbours differ a little, and a function has the same shade wherever it is. */
    private static String colour(Frame frame) {
        int hue = switch (frame.kind()) {
            case PROCESS -> 210;
            case JAVA -> 110;
            case NATIVE -> 46;
            case KERNEL -> 12;
        };
        int shade = Math.floorMod(frame.name().hashCode() * 31, 13);
        return frame.kind() == Frame.Kind.PROCESS ? "hsl(210,12%,82%)"
            : String.format(Locale.ROOT, "hsl(%d,%d%%,%d%%)", hue + shade / 2, 62 + shade, 62 + shade);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;");
    }
}
