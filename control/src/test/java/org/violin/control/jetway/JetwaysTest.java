package org.violin.control.jetway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.control.spec.AllowSpec;

class JetwaysTest {
    @ParameterizedTest
    @CsvSource({"10.1.0.1/16, 10.1.2.3/24, true", "10.1.0.1/16, 10.2.0.1/8, true", "10.1.1.1/24, 10.1.2.1/24, false",
        "10.1.1.1/24, fd00::1/64, false", "fd00:1::1/64, fd00:1::2/127, true", "fd00:1::1/64, fd00:2::1/64, false",
        "10.1.1.1/23, 10.1.0.1/24, true"})
    void subnetsOverlapOrNot(String one, String other, boolean overlap) {
        assertThat(Jetways.overlap(one, other)).isEqualTo(overlap);
        assertThat(Jetways.overlap(other, one)).isEqualTo(overlap);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "any; ''", "tcp; meta l4proto tcp", "udp/53 to ::1; ip6 daddr ::1 udp dport 53",
        "tcp/80-90; tcp dport 80-90", "any to 10.0.0.0/8; ip daddr 10.0.0.0/8",
        "ping; icmp type echo-request|icmpv6 type echo-request",
        "ping to fd00::1; ip6 daddr fd00::1 icmpv6 type echo-request",
        "udp to 10.0.0.1; ip daddr 10.0.0.1 meta l4proto udp"})
    void rulesAreThoseOfNftables(String rule, String lines) {
        assertThat(String.join("|", NatTable.rules(AllowSpec.parse(rule)))).isEqualTo(lines);
    }

    @Test
    void aMarkIsOfOneDaemon() {
        Mark mark = Mark.of(Path.of("/var/lib/violin/hosts/a"));
        assertThat(mark.isOn(mark.text())).isTrue();
        assertThat(mark.isOn(mark.text() + " ipv4=eth0:0")).isTrue();
        assertThat(mark.isOn(mark.text() + "0")).isFalse();
        assertThat(mark.isOn(Mark.of(Path.of("/var/lib/violin/hosts/b")).text())).isFalse();
        assertThat(mark.bridge("n.j")).hasSizeLessThan(16).isNotEqualTo(mark.bridge("n.k"));
    }

    @Test
    void whatWasBeforeIsReadFromAComment() {
        assertThat(Forwarding.Saved.parse("violin 0123abcd ipv4=eth0.5:0 ipv6=wan-1:0").stream()
            .map(Forwarding.Saved::text)).containsExactly("ipv4=eth0.5:0", "ipv6=wan-1:0");
        assertThat(Forwarding.Saved.parse("violin 0123abcd")).isEmpty();
    }
}
