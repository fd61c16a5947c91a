package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Latency;
import org.violin.dataplane.PortStatus;

/** A network may be carried by another one, and by one below that, but not by itself. */
class NestingTest {
    private static final String LEVEL_1 = "192.0.2.2:7000";
    private static final String LEVEL_2 = "10.1.0.2:7000";
    private static final String LEVEL_3 = "10.2.0.2:7000";
    private static final Map<String, Set<String>> REMOTES =
        Map.of("one", Set.of(LEVEL_1), "two", Set.of(LEVEL_2), "three", Set.of(LEVEL_3));
    private static final Map<String, String> TAPS = Map.of("tap1", "one", "tap2", "two", "tap3", "three");
    private static final List<String> NETWORKS = List.of("one", "two", "three");

    private static Nesting nesting(String first, String second, String third) {
        return new Nesting(REMOTES, TAPS, Map.of(LEVEL_1, first, LEVEL_2, second, LEVEL_3, third));
    }

    private static void assertLoop(Nesting nesting, String network, String remote, String device) {
        assertThatThrownBy(() -> nesting.requireNoLoop(network)).isInstanceOf(HostException.class)
            .hasMessageContaining("network " + network + " would be carried by itself: the route to " + remote
                + ", where its frames go, leads into " + device);
        assertThat(nesting.isLoop(remote, device)).isTrue();
    }

    @Test
    void networksMayBeNested() {
        Nesting nesting = nesting("eth0", "tap1", "tap2");
        NETWORKS.forEach(network ->
            assertThatCode(() -> nesting.requireNoLoop(network)).doesNotThrowAnyException());
        assertThat(nesting.isLoop(LEVEL_3, "tap2")).isFalse();
        assertThat(nesting.isLoop(LEVEL_3, "eth0")).isFalse();
        assertThat(nesting.isLoop(LEVEL_1, "tap3")).as("were its route changed").isTrue();
    }

    @Test
    void aNetworkIsNotCarriedByItself() {
        Nesting nesting = nesting("tap1", "eth0", "eth0");
        assertLoop(nesting, "one", LEVEL_1, "tap1");
        assertThatCode(() -> nesting.requireNoLoop("two")).as("another's trouble").doesNotThrowAnyException();
    }

    @Test
    void norByWayOfOthers() {
        Nesting nesting = nesting("tap3", "tap1", "tap2");
        NETWORKS.forEach(network -> assertThatThrownBy(() -> nesting.requireNoLoop(network))
            .isInstanceOf(HostException.class).hasMessageContaining("network " + network + " would be carried"));
        assertThat(nesting.isLoop(LEVEL_1, "tap3")).isTrue();
        assertThat(nesting.isLoop(LEVEL_2, "tap1")).isTrue();
        assertThat(nesting.isLoop(LEVEL_3, "tap2")).isTrue();
    }

    @Test
    void whatIsAbsentLeadsNowhere() {
        Nesting nesting = new Nesting(Map.of("two", Set.of(LEVEL_2)), TAPS, Map.of());
        NETWORKS.forEach(network ->
            assertThatCode(() -> nesting.requireNoLoop(network)).doesNotThrowAnyException());
        assertThat(nesting.isLoop(LEVEL_2, "tap1")).isFalse();
    }

    @Test
    void isMadeOfPortsAndTheKernelsRoutes() {
        Nesting nesting = Nesting.of(List.of(port("one/t", "tap", "lo csum"), port("one/l", "link", LEVEL_1)),
            Map.of("one/l", "127.0.0.1:7000", "one/u", "[::1]:4789", "two/l", "127.0.0.2:7000"));
        assertThat(nesting.networks()).isEqualTo(Map.of("lo", "one"));
        assertThat(nesting.devices()).containsEntry("127.0.0.1:7000", "lo").containsEntry("127.0.0.2:7000", "lo");
        assertThat(nesting.isLoop("127.0.0.1:7000", "lo")).isTrue();
        assertThat(nesting.isLoop("127.0.0.2:7000", "lo")).as("another network's").isFalse();
        assertThat(Nesting.of(List.of(), Map.of("one/l", "127.0.0.1:7000")).devices()).isEmpty();
    }

    private static PortStatus port(String name, String kind, String detail) {
        return new PortStatus(name, kind, "one/lan", detail, true, 0, 0, 0, 0, new Latency(List.of(), 0), Map.of());
    }
}
