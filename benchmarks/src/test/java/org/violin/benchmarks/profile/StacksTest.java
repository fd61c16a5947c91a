package org.violin.benchmarks.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.ByteArrayInputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.violin.benchmarks.profile.Frame.Kind;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** Folding and drawing. */
class StacksTest {
    private static final Offset<Double> PIXEL = within(0.2);
    private static final Frame JAVA = new Frame("org.violin.A.<init>", Kind.JAVA);
    private static final Frame NATIVE = new Frame("send", Kind.NATIVE);
    private static final Frame KERNEL = new Frame("udp_sendmsg", Kind.KERNEL);

    private final Stacks stacks = new Stacks();

    @Test
    void equalStacksAreOneLine() throws Exception {
        stacks.add("p", List.of(JAVA, NATIVE, KERNEL));
        stacks.add("p", List.of(JAVA));
        stacks.add("p", List.of(JAVA, NATIVE, KERNEL));
        stacks.add("a;b", List.of());
        StringWriter out = new StringWriter();
        stacks.writeFolded(out);
        assertThat(out).hasToString("""
            a:b 1
            p;org.violin.A.<init>_[j] 1
            p;org.violin.A.<init>_[j];send;udp_sendmsg_[k] 2
            """);
    }

    @Test
    void aBarIsAsWideAsItsShareAndLiesOnItsCaller() throws Exception {
        for (int i = 0; i < 3; i++) {
            stacks.add("p", List.of(JAVA, KERNEL));
        }
        stacks.add("q", List.of(KERNEL));
        Bars bars = draw();
        assertThat(bars.width("all")).isCloseTo(1368, PIXEL);
        assertThat(bars.width("p (")).isCloseTo(1026, PIXEL);
        assertThat(bars.width("org.violin.A.<init> (java, 3 samples, 75.00 %)")).isCloseTo(1026, PIXEL);
        assertThat(bars.width("udp_sendmsg (kernel, 3 samples")).isCloseTo(1026, PIXEL);
        assertThat(bars.left("q (")).isCloseTo(bars.left("p (") + 1026, PIXEL);
        assertThat(bars.top("org.violin.A")).isEqualTo(bars.top("p (") - 17);
        assertThat(bars.top("udp_sendmsg (kernel, 3 samples")).isEqualTo(bars.top("p (") - 34);
        assertThat(bars.top("udp_sendmsg (kernel, 1 samples")).isEqualTo(bars.top("p (") - 17);
    }

    @Test
    void aRecordingIsDrawn() throws Exception {
        Recordings.tunnel().forEach(sample -> stacks.add(sample.thread(), sample.stack()));
        Bars bars = draw();
        assertThat(bars.width("all")).isPositive();
        assertThat(bars.top("all")).isGreaterThan(bars.top("iperf3"));
    }

    @Test
    void nothingIsDrawnOfNothing() throws Exception {
        assertThat(draw().titles.getLength()).isZero();
    }

    private Bars draw() throws Exception {
        byte[] svg = FlameGraph.draw(stacks, "A & B", "<test>").getBytes(StandardCharsets.UTF_8);
        return new Bars(DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg)).getElementsByTagName("title"));
    }

    private record Bars(NodeList titles) {
        double width(String title) {
            return attribute(title, "width");
        }

        double left(String title) {
            return attribute(title, "x");
        }

        double top(String title) {
            return attribute(title, "y");
        }

        private double attribute(String title, String name) {
            Element bar = IntStream.range(0, titles.getLength()).mapToObj(titles::item)
                .filter(node -> node.getTextContent().startsWith(title)).map(node -> (Element) node.getParentNode())
                .findFirst().orElseThrow();
            return Double.parseDouble(((Element) bar.getElementsByTagName("rect").item(0)).getAttribute(name));
        }
    }
}
