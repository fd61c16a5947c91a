package org.violin.benchmarks.paper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.violin.benchmarks.lab.BenchException;

class PingTest {
    /** The second answer never comes; the third and the fourth come along with each other; one comes twice. */
    private static final String SAID = """
        PING 10.203.1.31 (10.203.1.31) 56(84) bytes of data.
        64 bytes from 10.203.1.31: icmp_seq=1 ttl=64 time=1.00 ms
        64 bytes from 10.203.1.31: icmp_seq=3 ttl=64 time=41.5 ms
        64 bytes from 10.203.1.31: icmp_seq=4 ttl=64 time=36.5 ms
        64 bytes from 10.203.1.31: icmp_seq=4 ttl=64 time=90.0 ms (DUP!)
        64 bytes from 10.203.1.31: icmp_seq=5 ttl=64 time=1.00 ms
        From 10.203.1.1 icmp_seq=2 Destination Host Unreachable
        64 bytes from 10.203.1.31: icmp_seq=6 ttl=64 time=1.00 ms

        --- 10.203.1.31 ping statistics ---
        6 packets transmitted, 5 received, 16.6667% packet loss, time 25ms
        rtt min/avg/max/mdev = 1.000/16.200/41.500/18.900 ms
        """;

    @Test
    void answersAreCountedAndMeasured() {
        Ping.Answers answers = Ping.parse(SAID);
        assertThat(answers.millis()).containsExactly(1, Double.NaN, 41.5, 36.5, 1, 1);
        assertThat(answers.lostPercent()).isCloseTo(100.0 / 6, within(1e-9));
        assertThat(answers.average()).isCloseTo(16.2, within(1e-9));
        assertThat(answers.median()).isEqualTo(1);
        assertThat(answers.longest()).isEqualTo(41.5);
        assertThat(answers.deviation()).isCloseTo(18.683, within(0.001));
        assertThat(answers.histogram().getTotalCount()).isEqualTo(5);
        assertThat(answers.histogram().getMaxValue() / 1e6).isCloseTo(41.5, within(0.05));
    }

    @Test
    void lateAnswersAndThoseHeldUpBehindThem() {
        Ping.Answers answers = Ping.parse(SAID);
        assertThat(answers.latePercent()).isEqualTo(40);
        assertThat(answers.deviationOfPrompt()).isZero();
        assertThat(answers.heldPercent()).as("the fourth; the fifth overtook it").isEqualTo(20);
    }

    @Test
    void noAnswerIsAnError() {
        assertThatThrownBy(() -> Ping.parse("ping: connect: Network is unreachable\n"))
            .isInstanceOf(BenchException.class).hasMessageContaining("Network is unreachable");
        assertThatThrownBy(() -> Ping.parse("5 packets transmitted, 0 received, 100% packet loss, time 20ms\n"))
            .hasMessageContaining("of 5 requests none");
    }
}
