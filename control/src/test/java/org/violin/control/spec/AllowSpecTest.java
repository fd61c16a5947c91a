package org.violin.control.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.spec.AllowSpec.Protocol;

class AllowSpecTest {
    @ParameterizedTest
    @ValueSource(strings = {"any", "ping", "tcp", "udp/53", "tcp/8000-8999", "tcp/443 to 192.0.2.0/24",
        "any to 2001:db8::/32", "ping to 198.51.100.7", "udp to ::1/128"})
    void isWrittenAsItIsRead(String text) {
        assertThat(AllowSpec.parse(text).text()).isEqualTo(text);
    }

    @Test
    void hasItsParts() {
        assertThat(AllowSpec.parse("tcp/80-90 to 10.0.0.0/08"))
            .isEqualTo(new AllowSpec(Protocol.TCP, 80, 90, "10.0.0.0/8"));
        assertThat(AllowSpec.parse("udp/7-7").text()).isEqualTo("udp/7");
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {
        "sctp/7; expected any, ping, tcp or udp", "tcp/; expected any, ping", "tcp 443; expected any, ping",
        "any/7; only tcp and udp have ports", "ping/7; only tcp and udp have ports", "tcp/0; port 0: 1 to 65535",
        "tcp/65536; port 65536: 1 to 65535", "tcp/9-8; run from 9 down to 8", "tcp to 10.0.0; is not an IP address",
        "tcp to 10.0.0.256; is not an IP address", "tcp to 10.0.0.01; is not an IP address",
        "tcp to 10.0.0.0/33; prefix length /33: 0 to 32", "tcp to ::/129; prefix length /129: 0 to 128",
        "tcp to ::ffff:10.0.0.1; in the clothes of IPv6", "tcp to :::; is not an IP address",
        "tcp to example; expected any, ping"})
    void saysWhatIsWrong(String text, String message) {
        assertThatThrownBy(() -> AllowSpec.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(text).hasMessageContaining(message);
    }
}
