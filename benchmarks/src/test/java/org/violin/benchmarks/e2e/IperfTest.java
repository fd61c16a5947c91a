package org.violin.benchmarks.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.violin.benchmarks.lab.BenchException;

class IperfTest {

    /** What arrived counts, not what was sent: a tunnel's queue may still hold the rest. */
    @Test
    void readsWhatWasReceived() {
        Iperf.Result result = Iperf.parse("""
            {"start": {"version": "iperf 3.12"}, "intervals": [], "end": {
              "sum_sent": {"bytes": 130000000, "bits_per_second": 1.04e9, "retransmits": 7},
              "sum_received": {"bytes": 125000000, "bits_per_second": 1.0e9}}}""");
        assertThat(result.gigabits()).isCloseTo(1.0, within(1e-9));
        assertThat(result.bytes()).isEqualTo(125_000_000);
        assertThat(result.retransmits()).isEqualTo(7);
    }

    @Test
    void tellsIperfsOwnError() {
        assertThatThrownBy(() -> Iperf.parse("{\"start\": {}, \"error\": \"unable to connect to server\"}"))
            .isInstanceOf(BenchException.class).hasMessageContaining("unable to connect to server");
        assertThatThrownBy(() -> Iperf.parse("{}")).hasMessageContaining("no result");
        assertThatThrownBy(() -> Iperf.parse("iperf3: error")).hasMessageContaining("not JSON");
        assertThatThrownBy(() -> Iperf.parse("")).isInstanceOf(BenchException.class);
    }
}
