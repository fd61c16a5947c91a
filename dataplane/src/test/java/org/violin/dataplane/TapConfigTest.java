package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TapConfigTest {
    @ParameterizedTest
    @ValueSource(strings = {"", "a name", "sixteencharacter", ".", "..", "all", "default"})
    void whatNoDeviceCanBeCalledIsRefused(String device) {
        assertThatThrownBy(() -> new TapConfig("tap", device, 1500)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("device: '" + device + "'");
    }
}
