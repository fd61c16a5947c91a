package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({"DURATION, 20ms, 20000000", "DURATION, 1.5 s, 1500000000", "DURATION, 0, 0", "DURATION, 0.0015us, 1",
        "DURATION, 7NS, 7", "RATE, 200Mbit, 200000000", "RATE, 1gbit, 1000000000", "RATE, 0.5kbit, 500",
        "RATE, 9bit, 9", "SIZE, 64KiB, 65536", "SIZE, 1MiB, 1048576", "SIZE, 1.5kB, 1500", "SIZE, 1500B, 1500",
        "DURATION, 999999999999999s, 9223372036854775807"})
    void readsNumbersWithUnits(Quantity quantity, String text, long expected) {
        assertThat(quantity.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"1%, 0.01", "0.05 %, 0.0005", "100%, 1", "0, 0", "0%, 0", "33.3%, 0.333"})
    void readsPercentages(String text, double expected) {
        assertThat(Quantity.part(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "20", "ms", "-1ms", "1e3ms", "20 minutes", "20Mbit", "1,5s", "1.s", ".5s", "1%",
        "0.9ns"})
    void saysWhatATimeIs(String text) {
        assertThatThrownBy(() -> Quantity.DURATION.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("'" + text + "': a time such as 20ms, 150us or 1.5s");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "0.01", "101%", "-1%", "1%%", "one%", "1 percent"})
    void saysWhatAPercentageIs(String text) {
        assertThatThrownBy(() -> Quantity.part(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessage("'" + text + "': a percentage such as 1% or 0.05%");
    }
}
