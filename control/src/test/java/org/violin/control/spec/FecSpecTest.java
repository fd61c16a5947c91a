package org.violin.control.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.Fec;

class FecSpecTest {
    private static final int BEYOND = 70;

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto", "10+3", "10+3x4", "1+1", "64+16x8", "auto/ordered", "10+3/ordered",
        "10+3x4/ordered"})
    void whatIsWrittenIsRead(String text) throws IOException {
        FecSpec fec = FecSpec.parse(text);
        assertThat(fec.text()).isEqualTo(text);
        ObjectMapper json = new ObjectMapper();
        assertThat(json.writeValueAsString(fec)).isEqualTo('"' + text + '"');
        assertThat(json.readValue('"' + text + '"', FecSpec.class)).isEqualTo(fec);
        assertThat(text).matches(pattern());
        assertThat(fec.ordered()).isEqualTo(text.endsWith("ordered"));
    }

    private static String pattern() throws IOException {
        JsonNode schema = new ObjectMapper().readTree(Path.of("../docs/topology.schema.json").toFile());
        return schema.at("/$defs/tunnel/properties/fec/pattern").asText();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "on", "AUTO", "10", "10+", "+3", "10+3x", "10 + 3", "0+0x0", "10+3x0", "10+-3",
        "10000+3", "off/ordered", "ordered", "/ordered", "auto/", "10+3/ordered/ordered", "10+3/orderedx4"})
    void whatIsNoneIsToldWithWhatIs(String text) throws IOException {
        assertThatThrownBy(() -> FecSpec.parse(text)).isInstanceOf(IllegalArgumentException.class).hasMessage("'" + text
            + "': off, auto, or datagrams and parity of a block, such as 10+3, or 10+3x4 for 4 in turn; in order:"
            + " auto/ordered, 10+3/ordered");
        assertThat(text).doesNotMatch(pattern());
    }

    @Test
    void oneOutOfBoundsIsNamed() {
        assertThatThrownBy(() -> FecSpec.parse("65+3")).hasMessage("'65+3': 65 datagrams a block: 1 to 64");
        assertThatThrownBy(() -> FecSpec.parse("10+17"))
            .hasMessage("'10+17': 17 datagrams of parity a block: 1 to 16");
        assertThatThrownBy(() -> new FecSpec(0, 0, 0, true)).hasMessageStartingWith("off: ");
        assertThatThrownBy(() -> new Fec(0, 0, 0, true)).hasMessageStartingWith("ordered: ");
        assertThatThrownBy(() -> FecSpec.parse("10+3x5")).hasMessage("'10+3x5': 5 blocks in turn: 1, 2, 3, 4, 6 or 8");
    }

    @Test
    void theBoundsAreTheDataplanes() {
        for (int members = -1; members < BEYOND; members++) {
            for (int rows = -1; rows < BEYOND; rows++) {
                for (int depth = -1; depth < 10; depth++) {
                    assertThat(isOne(FecSpec::new, members, rows, depth)).as(members + " " + rows + " " + depth)
                        .isEqualTo(isOne(Fec::new, members, rows, depth));
                }
            }
        }
    }

    private interface Maker {
        Object make(int members, int rows, int depth);
    }

    private static boolean isOne(Maker maker, int members, int rows, int depth) {
        try {
            return maker.make(members, rows, depth) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
