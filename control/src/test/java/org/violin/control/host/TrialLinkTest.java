package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

class TrialLinkTest {
    private static final String REMOTE = "10.0.0.2:7000";
    private static final int LINK_ID = 0x2a;

    @TempDir
    private Path directory;
    private final MemoryDriver driver = new MemoryDriver();
    private Engine engine;

    @BeforeEach
    void start() {
        engine = new Engine(driver, directory.resolve("journal"), new Events(Clock.systemUTC(), 64, 64));
        engine.restore();
        engine.apply(network(FecSpec.OFF));
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private static NetworkSpec network(FecSpec fec) {
        return network(fec, Transport.UDP);
    }

    private static NetworkSpec network(FecSpec fec, Transport transport) {
        return new NetworkSpec.Builder("n1", "a")
            .bridges(List.of(BridgeSpec.lan("lan1", 1024, 300)))
            .tunnels(List.of(new TunnelSpec("b", REMOTE, 0, fec, transport, "10.0.0.1:7000")))
            .links(List.of(new LinkSpec("link:trunk", "lan1", "b", 7, FitSpec.NONE))).build();
    }

    private TrialLink open(FecSpec fec) {
        return open(fec, Transport.UDP);
    }

    private TrialLink open(FecSpec fec, Transport transport) {
        return engine.openTrial("n1", "b", LINK_ID, fec, transport);
    }

    private Object protection() {
        return driver.state().get("protection " + REMOTE);
    }

    @Test
    void itIsGoneWithoutATrace() {
        Map<String, Object> before = driver.state();
        TrialLink link = open(FecSpec.AUTO);
        assertThat(link.device()).isEqualTo("vtune0000002a");
        assertThat(driver.state()).hasSize(before.size() + 4);
        assertThat(protection()).isEqualTo(FecSpec.AUTO);
        link.close();
        link.close();
        assertThat(driver.state()).isEqualTo(before);
    }

    @Test
    void networksHaveWhatTheyWantWhenItIsOver() {
        try (TrialLink link = open(FecSpec.AUTO)) {
            engine.apply(network(new FecSpec(10, 3, 1)));
            assertThat(protection()).as(link.device()).isEqualTo(FecSpec.AUTO);
        }
        assertThat(protection()).isEqualTo(new FecSpec(10, 3, 1));
        try (TrialLink link = open(FecSpec.OFF)) {
            assertThat(protection()).as(link.device()).isNull();
        }
        assertThat(protection()).isEqualTo(new FecSpec(10, 3, 1));
    }

    @Test
    void theTunnelGoesByWhatIsTriedAndBack() {
        String carriage = "carriage " + REMOTE;
        engine.apply(network(FecSpec.AUTO, Transport.TCP));
        assertThat(driver.state()).containsEntry(carriage, "tcp");
        try (TrialLink link = open(FecSpec.OFF, Transport.TLS)) {
            assertThat(driver.state()).containsEntry(carriage, "tls");
            assertThat(protection()).isNull();
            assertThat(link.isCarried()).isTrue();
            engine.apply(network(FecSpec.AUTO));
        }
        assertThat(driver.state()).doesNotContainKey(carriage);
        assertThat(protection()).isEqualTo(FecSpec.AUTO);
        open(FecSpec.AUTO, Transport.UDP).close();
        assertThat(protection()).isEqualTo(FecSpec.AUTO);
    }

    @Test
    void thereIsOneAtATimeOnATunnel() {
        TrialLink link = open(FecSpec.AUTO);
        Map<String, Object> before = driver.state();
        assertThatThrownBy(() -> open(FecSpec.OFF)).hasMessageContaining("tunnel to b is being measured already")
            .satisfies(e -> assertThat(((HostException) e).kind()).isEqualTo(Kind.CONFLICT));
        assertThat(driver.state()).isEqualTo(before);
        link.close();
        open(FecSpec.OFF).close();
    }

    @Test
    void theTunnelOutlivesTheNetworkAsLongAsItIsMeasured() {
        TrialLink link = open(FecSpec.AUTO);
        engine.remove("n1");
        assertThat(driver.state()).containsKey("tunnel " + REMOTE);
        link.close();
        assertThat(driver.state()).isEmpty();
    }

    @Test
    void whatFailsLeavesNothing() {
        Map<String, Object> before = driver.state();
        for (int call = 0; call < 5; call++) {
            driver.failAt(call);
            assertThatThrownBy(() -> open(FecSpec.AUTO, Transport.TLS)).as("call %d", call)
                .isInstanceOf(RuntimeException.class);
            assertThat(driver.state()).as("call %d", call).isEqualTo(before);
        }
        driver.failAt(-1);
        open(FecSpec.AUTO).close();
        assertThatThrownBy(() -> engine.openTrial("n1", "c", LINK_ID, FecSpec.OFF, Transport.UDP))
            .hasMessage("n1: there is no tunnel to c from here");
    }
}
