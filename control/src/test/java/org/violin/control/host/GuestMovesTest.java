package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.guest.GuestException;
import org.violin.control.guest.GuestStatus.State;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.NetworkSpec;

/** One daemon's part of the way of a guest. */
class GuestMovesTest {
    private static final GuestSpec GUEST = new GuestSpec("g", GuestSpec.Role.HOST, 64,
        List.of(new NicSpec("eth0", "lan", "02:00:00:00:00:01", 1500, List.of())), List.of(), "");
    private static final NetworkSpec WITHOUT = new NetworkSpec.Builder("n", "a")
        .bridges(List.of(BridgeSpec.lan("lan", 1024, 300))).build();
    private static final NetworkSpec WITH = WITHOUT.toBuilder().guests(List.of(GUEST)).build();

    @TempDir
    private Path directory;
    private MemoryHost driver;
    private Engine engine;

    @BeforeEach
    void start() {
        driver = new MemoryHost(directory, "image", "kernel", 1);
        begin();
    }

    private void begin() {
        engine = new Engine(driver, directory.resolve("journal"), new Events(Clock.systemUTC(), 16, 16));
        engine.restore();
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private void killAndStart() {
        engine.close();
        driver.loseDaemon();
        begin();
    }

    private void assertLeaving() {
        Node node = engine.nodes("n").getFirst();
        assertThat(node.leavingFor()).isEqualTo("b");
        assertThat(node.wanted()).isTrue();
        assertThat(node.status().state()).isEqualTo(State.STOPPED);
        assertThatThrownBy(() -> engine.start("n", "g")).isInstanceOf(HostException.class)
            .hasMessageContaining("guest g is on its way to host b").extracting("kind").isEqualTo(Kind.CONFLICT);
    }

    @Test
    void whoIsLeavingDoesNotRunUntilItStays() {
        engine.apply(WITH);
        engine.moves().leave("n", "g", "b");
        engine.moves().leave("n", "g", "b");
        assertThatThrownBy(() -> engine.moves().leave("n", "g", "c")).hasMessageContaining("on its way to host b");
        assertLeaving();
        assertThat(engine.apply(WITH)).isEmpty();
        assertLeaving();
        killAndStart();
        assertLeaving();
        assertThat(engine.plan(WITH)).isEmpty();
        assertThat(engine.moves().stay("n", "g").status().state()).isEqualTo(State.READY);
        assertThat(engine.moves().stay("n", "g").leavingFor()).isNull();
        killAndStart();
        assertThat(engine.nodes("n").getFirst().status().state()).isEqualTo(State.READY);
    }

    /** Also when the daemon dies after a change that it had to take back. */
    @Test
    void aChangeThatIsTakenBackKeepsWhoIsLeaving() {
        engine.apply(WITH);
        engine.moves().leave("n", "g", "b");
        for (String call : List.of("closePort g.eth0", "addBridge more")) {
            driver.failAt(call);
            NetworkSpec wanted = WITHOUT.toBuilder().bridges(List.of(BridgeSpec.lan("lan", 1024, 300),
                BridgeSpec.lan("more", 1024, 300))).build();
            assertThatThrownBy(() -> engine.apply(wanted)).extracting("kind").isEqualTo(Kind.ROLLED_BACK);
            driver.failAt("");
            assertLeaving();
            killAndStart();
            assertLeaving();
            assertThat(driver.hasFiles("n", "g")).isTrue();
        }
        engine.apply(WITHOUT);
        assertThat(driver.hasFiles("n", "g")).isFalse();
        engine.apply(WITH);
        assertThat(engine.nodes("n").getFirst().leavingFor()).as("another of this name").isNull();
    }

    private byte[] sent() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        engine.moves().send("n", "g", out);
        return out.toByteArray();
    }

    @Test
    void aGuestBeginsWithTheDiskThatHasComeOrNotAtAll() {
        engine.apply(WITH);
        driver.write("n", "g", "its own");
        assertThatThrownBy(this::sent).hasMessageContaining("guest g is not leaving this host");
        engine.moves().leave("n", "g", "b");
        byte[] disk = sent();
        ByteArrayInputStream early = new ByteArrayInputStream(disk);
        assertThatThrownBy(() -> engine.moves().receive("n", "g", early))
            .hasMessageContaining("guest g is on this host already");
        engine.apply(WITHOUT);
        Map<String, Object> before = driver.state();
        Arrival arrival = new Arrival("g", false);

        assertThatThrownBy(() -> engine.apply(WITH, arrival)).hasMessageContaining("its disk has not come");
        ByteArrayInputStream cut = new ByteArrayInputStream(Arrays.copyOf(disk, disk.length - 1));
        assertThatThrownBy(() -> engine.moves().receive("n", "g", cut)).isInstanceOf(GuestException.class);
        assertThatThrownBy(() -> engine.apply(WITH, arrival)).hasMessageContaining("its disk has not come");
        assertThat(engine.spec("n")).isEqualTo(WITHOUT);

        engine.moves().receive("n", "g", new ByteArrayInputStream(disk));
        driver.failAt("startGuest g");
        assertThatThrownBy(() -> engine.apply(WITH, arrival)).extracting("kind").isEqualTo(Kind.ROLLED_BACK);
        driver.failAt("");
        assertThat(driver.state()).isEqualTo(before);
        assertThat(driver.hasFiles("n", "g")).isFalse();

        engine.moves().receive("n", "g", new ByteArrayInputStream(disk));
        engine.moves().discard("n", "g");
        assertThat(driver.hasFiles("n", "g")).isFalse();
        engine.moves().receive("n", "g", new ByteArrayInputStream(disk));
        engine.apply(WITH, arrival);
        assertThat(driver.read("n", "g")).isEqualTo("its own");
        assertThat(engine.nodes("n").getFirst().status().state()).isEqualTo(State.READY);
        assertThatThrownBy(() -> engine.moves().discard("n", "g")).hasMessageContaining("on this host already");
    }
}
