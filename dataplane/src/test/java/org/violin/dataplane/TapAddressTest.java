package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The MAC addresses of TAPs: whose they are, and how long they last. */
class TapAddressTest {
    private static final String DEVICE = "t0";
    private static final String LOCALLY_ADMINISTERED_UNICAST = "[0-9a-f][26ae](:[0-9a-f]{2}){5}";

    private static String mac(Namespace host) {
        return host.in(() -> {
            Process process = new ProcessBuilder("ip", "-o", "link", "show", "dev", DEVICE).start();
            String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(line).contains("link/ether ");
            return line.replaceAll("(?s).*link/ether (\\S+) .*", "$1");
        });
    }

    private static Dataplane launch(Namespace host, int workers) {
        Dataplane dataplane = host.in(
            () -> Dataplane.launch(DataplaneConfig.of("host", null).withWorkers(workers, List.of())));
        dataplane.addSwitch(SwitchConfig.of("lan"));
        return dataplane;
    }

    private static String macOfNew(Namespace host, Dataplane dataplane, String identity) {
        open(host, dataplane, identity);
        String mac = mac(host);
        dataplane.closePort("tap");
        return mac;
    }

    private static void open(Namespace host, Dataplane dataplane, String identity) {
        host.in(() -> {
            dataplane.openTap(new TapConfig("tap", DEVICE, 1500, identity), "lan");
            return null;
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aTapHasItsAddressAgainWheneverItIsMade(int workers) {
        try (Namespace host = new Namespace(); Dataplane dataplane = launch(host, workers)) {
            String mac = macOfNew(host, dataplane, "left");
            assertThat(mac).matches(LOCALLY_ADMINISTERED_UNICAST);
            assertThat(macOfNew(host, dataplane, "left")).isEqualTo(mac);
            assertThat(macOfNew(host, dataplane, "right")).matches(LOCALLY_ADMINISTERED_UNICAST).isNotEqualTo(mac);
            assertThat(macOfNew(host, dataplane, null)).isNotEqualTo(macOfNew(host, dataplane, null));
        }
    }

    @Test
    void addressesAreOfOneStationAndDiffer() {
        long[] macs = IntStream.range(0, 10_000)
            .mapToLong(i -> new TapConfig("tap", DEVICE, 1500, "identity " + i).mac()).toArray();
        assertThat(macs).doesNotHaveDuplicates();
        for (long mac : macs) {
            assertThat(mac >>> 40 & 3).isEqualTo(2);
            assertThat(mac >>> 48).isZero();
        }
    }

    @Test
    void aDeviceThatIsThereKeepsItsAddress() {
        try (Namespace host = new Namespace(); Dataplane dataplane = launch(host, 1)) {
            host.ip("tuntap add " + DEVICE + " mode tap");
            String mac = mac(host);
            assertThatThrownBy(() -> open(host, dataplane, "left")).hasMessageContaining("EBUSY");
            assertThat(mac(host)).isEqualTo(mac);
        }
    }
}
