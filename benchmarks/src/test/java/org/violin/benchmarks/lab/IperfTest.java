package org.violin.benchmarks.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

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

    /** The receiver counts those that it knows of; of a block at the end it may know nothing. */
    @Test
    void readsWhatBecameOfDatagrams() {
        Iperf.Datagrams datagrams = Iperf.parseDatagrams("""
            {"end": {"sum": {"packets": 200, "lost_packets": 5}, "sum_sent": {"packets": 201}}}""");
        assertThat(datagrams).isEqualTo(new Iperf.Datagrams(201, 200, 5));
        assertThat(datagrams.lossPercent()).isCloseTo(2.5, within(1e-9));
        assertThatThrownBy(() -> Iperf.parseDatagrams("{\"end\": {\"sum_sent\": {\"packets\": 201}}}"))
            .hasMessageContaining("none arrived");
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
