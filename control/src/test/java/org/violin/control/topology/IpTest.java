package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTest {
    @ParameterizedTest
    @CsvSource({
        "10.1.1.1, 10.1.1.1", "0:0:0:0:0:0:0:0, ::", "::1, ::1", "1::, 1::", "FD00:0:0:1::2, fd00:0:0:1::2",
        "fd00:0:0:1:0:0:0:2, fd00:0:0:1::2", "1:0:0:2:3:0:0:4, 1::2:3:0:0:4", "1:0:2:3:4:5:6:7, 1:0:2:3:4:5:6:7",
        "10:0:0:0:0:0:0:10, 10::10", "2001:db8::10:0:0:1, 2001:db8::10:0:0:1", "0:0:1::, 0:0:1::"})
    void textIsThatOfRfc5952(String given, String expected) {
        assertThat(Ip.text(Ip.parse(given))).isEqualTo(expected);
    }

    @Test
    void textReadsBackAsTheSameAddress() throws UnknownHostException {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("Ip: -Dviolin.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[16];
            random.nextBytes(bytes);
            for (int group = 0; group < 8; group++) {
                if (random.nextBoolean()) {
                    bytes[2 * group] = 0;
                    bytes[2 * group + 1] = 0;
                }
            }
            InetAddress address = InetAddress.getByAddress(bytes);
            if (address.getAddress().length == 16) {
                assertThat(Ip.parse(Ip.text(address))).isEqualTo(address);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "10", "10.1", "10.1.1", "10.1.1.256", "010.1.1.1", "10.1.1.1.1", "1.2.3.4 ",
        "localhost", "fe80::1%eth0", "::ffff:1.2.3.4", ":::", "1::2::3", "1:2:3:4:5:6:7", "[::1]", "12345::", "g::"})
    void whatIsNoAddressIsRefusedWithoutALookUp(String text) {
        assertThatThrownBy(() -> Ip.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("is not an IP address");
    }

    @ParameterizedTest
    @CsvSource({"10.1.1.1/24, 10.1.1.0/24", "10.1.1.1/32, 10.1.1.1/32", "10.129.1.1/9, 10.128.0.0/9",
        "10.1.1.1/0, 0.0.0.0/0", "fd00:1::ff:1/64, fd00:1::/64", "fd00:1::ff:1/127, fd00:1::ff:0/127"})
    void networkClearsHostBits(String given, String expected) {
        assertThat(IpPrefix.parse(given).network()).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({"10.1.1.1/24, 10.1.1.200, true", "10.1.1.1/24, 10.1.2.1, false", "10.1.1.1/24, fd00::1, false",
        "fd00:1::1/64, fd00:1::2, true", "fd00:1::1/64, fd00:2::1, false", "10.1.1.1/31, 10.1.1.0, true"})
    void containsComparesThePrefix(String prefix, String address, boolean expected) {
        assertThat(IpPrefix.parse(prefix).contains(Ip.parse(address))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.1.1.1/24", "10.1.1.0/31", "10.1.1.1/31", "10.1.1.0/32", "10.1.0.255/23", "fd00::1/64",
        "fd00::/127", "fd00::/128", "fe80::1/64", "fd00::ffff:ffff:ffff:ffff/64", "192.168.0.1/30"})
    void aHostCanHave(String text) {
        assertThat(IpPrefix.parse(text).unfitForHost()).isNull();
    }
}
