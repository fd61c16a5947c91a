package org.violin.control.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.Fit;

class FitSpecTest {

    @ParameterizedTest
    @ValueSource(strings = {"off", "auto", "88", "1400", "65535"})
    void whatIsWrittenIsRead(String text) {
        assertThat(new FitSpec(FitSpec.parseMss(text), false).mssText()).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "87", "65536", "-1", "1e3", "AUTO", "1400B", "000088888"})
    void whatIsNoneIsToldWithWhatIs(String text) {
        assertThatThrownBy(() -> FitSpec.parseMss(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("'" + text + "': off, auto, or the bytes of a segment, 88 to 65535");
    }

    @Test
    void saysWhatItDoes() {
        assertThat(FitSpec.NONE.text()).isEmpty();
        assertThat(new FitSpec(1400, false).text()).isEqualTo("mss-clamp 1400");
        assertThat(new FitSpec(FitSpec.MSS_AUTO, true).text()).isEqualTo("mss-clamp auto, df honor");
    }

    @Test
    void theBoundsAreTheDataplanes() {
        for (int mss = -2; mss < 70_000; mss++) {
            assertThat(isOne(FitSpec::new, mss)).as("%d", mss).isEqualTo(isOne(Fit::new, mss));
        }
    }

    private interface Maker {
        Object make(int mssClamp, boolean honorsDf);
    }

    private static boolean isOne(Maker maker, int mssClamp) {
        try {
            return maker.make(mssClamp, true) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
