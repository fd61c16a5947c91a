package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.client.NetworkRecord.Kind;

/** Which hosts are meant. */
class TuningTest {
    @TempDir
    private Path directory;
    private Registry registry;

    @BeforeEach
    void remember() {
        registry = new Registry(new Home(directory));
    }

    private void up(String network, String... hosts) {
        registry.write(new NetworkRecord(network, "/net.yaml", "2026-01-01T00:00:00Z", Arrays.stream(hosts)
            .map(host -> new Host(host, Kind.DAEMON, "192.0.2.1:7000", null, "/" + host + ".sock")).toList()));
    }

    @Test
    void theNetworkThatHasBothIsMeant() {
        up("n1", "a", "b");
        up("n2", "a", "c");
        assertThat(Tuning.between(registry, null, "c", "a").network()).isEqualTo("n2");
        assertThat(Tuning.between(registry, "n1", "a", "b").network()).isEqualTo("n1");
    }

    @Test
    void whatIsNotClearIsAsked() {
        assertThatThrownBy(() -> Tuning.between(registry, null, "a", "b")).hasMessageContaining("no network is up");
        up("n1", "a", "b");
        up("n2", "a", "b", "c");
        assertThatThrownBy(() -> Tuning.between(registry, null, "a", "b"))
            .hasMessage("a and b are hosts of n1, n2: say which network");
        assertThatThrownBy(() -> Tuning.between(registry, null, "a", "d"))
            .hasMessage("no network has both a and d: there is n1 with a, b; n2 with a, b, c");
        assertThatThrownBy(() -> Tuning.between(registry, "n1", "a", "c"))
            .hasMessage("no network has both a and c: there is n1 with a, b");
        assertThatThrownBy(() -> Tuning.between(registry, "n3", "a", "b")).hasMessageContaining("no network n3 is up");
        assertThatThrownBy(() -> Tuning.between(registry, null, "a", "a")).hasMessageContaining("no tunnel to itself");
    }
}
