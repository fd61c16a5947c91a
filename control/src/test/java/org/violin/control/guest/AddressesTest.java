package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.1/24, 10.0.0.1/24",
        "FD00:0:0:0::1/64, fd00::1/64",
        "fd00:0:0:1:0:0:0:1/64, fd00:0:0:1::1/64",
        "fd00:0:0:1:1:0:0:1/64, fd00::1:1:0:0:1/64",
        "fd00:1:0:1:1:1:1:1/128, fd00:1:0:1:1:1:1:1/128",
        "::/0, ::/0",
        "::1/128, ::1/128",
    })
    void writesInterfaceAddressesAsIpDoes(String given, String printed) {
        assertThat(Addresses.interfaceAddress(given)).isEqualTo(printed);
    }

    @ParameterizedTest
    @CsvSource({
        "default, default",
        "0.0.0.0/0, default",
        "::/0, default",
        "10.0.0.0/8, 10.0.0.0/8",
        "10.0.0.1/32, 10.0.0.1",
        "10.0.0.1, 10.0.0.1",
        "fd00:0::/32, fd00::/32",
        "fd00::1/128, fd00::1",
    })
    void writesDestinationsAsIpDoes(String given, String printed) {
        assertThat(Addresses.destination(given)).isEqualTo(printed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1/33", "10.0.0.256/24", "fd00::/129", "localhost/8", "1:2/64", "10.0.0.1/", "/24",
        "fd00::1%eth0/64", "::ffff:10.0.0.1/96", "10.0.0.1/-1", "$(reboot)/24"})
    void refusesWhatIsNoAddress(String given) {
        assertThatThrownBy(() -> Addresses.interfaceAddress(given)).isInstanceOf(GuestException.class)
            .hasMessageContaining(given.substring(0, given.indexOf('/')));
    }

    @Test
    void anInterfaceNeedsAPrefixLength() {
        assertThatThrownBy(() -> Addresses.interfaceAddress("10.0.0.1")).hasMessageContaining("as in 10.0.0.1/24");
    }
}
