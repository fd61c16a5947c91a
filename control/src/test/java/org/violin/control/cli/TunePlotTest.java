package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.violin.control.tune.Advice;
import org.violin.control.tune.Figures;
import org.violin.control.tune.Measurement;
import org.violin.control.tune.RoundTrips;
import org.violin.control.tune.Variant;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** What {@code violin tune} shows of recorded measurements. */
class TunePlotTest {
    private static final List<Measurement> MEASUREMENTS = List.of(
        new Measurement(Variant.UDP, null, new Figures(4.45e6, 1.17, 9.5, new RoundTrips(100, 99, 20_300_000,
            21_000_000), new RoundTrips(300, 294, 20_400_000, -1), 0.01008, 0, 0)),
        Measurement.failed(Variant.UDP_FEC, "nothing comes back"));

    @Test
    void thePlotHasABarForEachTransport() throws Exception {
        String svg = TunePlot.svg("n & m, from a to b", MEASUREMENTS);
        Document document = DocumentBuilderFactory.newInstance().newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(1 + 5 * 2);
        assertThat(((Element) document.getElementsByTagName("rect").item(1)).getAttribute("width"))
            .isEqualTo("520.0");
        assertThat(document.getDocumentElement().getTextContent()).contains("n & m, from a to b", "4.45", "udp+fec");
    }

    @Test
    void theTableHasARowForEachTransport() {
        assertThat(TuneCommand.table(MEASUREMENTS)).isEqualTo("""
            TRANSPORT  MBIT/S  WIRE  CPU-S/GB   RTT   P99  LOADED  P99  LOST  LATE  REORDERED
            udp          4.45  1.17      9.50  20.3  21.0    20.4    -  1.01  0.00       0.00
            udp+fec         -     -         -     -     -       -    -     -     -          -
            udp+fec: nothing comes back
            """);
        assertThat(TuneCommand.text(Advice.of(MEASUREMENTS, "a", "b"))).isEqualTo("""
            FOR          TRANSPORT  WHY
            bulk         udp        4.45 Mbit/s
            interactive  udp        2.00 % without an answer
            lossy video  udp        1.01 % lost or late

            In the topology file, under tunnels:
              - { ends: [a, b], fec: off }    # bulk, interactive, lossy video
            """);
        assertThat(TuneCommand.text(List.of())).contains("nothing passed");
    }
}
