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
import org.violin.control.guest.GuestStatus.State;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

class EngineTest {
    private static final String LOCAL = "10.0.0.1:7000";
    private static final TapSpec TAP = new TapSpec("t1", "vt1", "lan1", 1500, List.of("10.0.0.9/24"));

    @TempDir
    private Path directory;
    private final MemoryDriver driver = new MemoryDriver();
    private final Events events = new Events(Clock.systemUTC(), 64, 64);
    private Engine engine;

    @BeforeEach
    void start() {
        engine = new Engine(driver, directory.resolve("journal"), events);
        engine.restore();
    }

    @AfterEach
    void stop() {
        engine.close();
        assertThat(driver.isClosed()).isTrue();
    }

    private void killAndStart() {
        engine.close();
        driver.loseDaemon();
        start();
    }

    private static GuestSpec guest(String bridge, int memoryMiB, String... addresses) {
        return new GuestSpec("g1", GuestSpec.Role.HOST, memoryMiB,
            List.of(new NicSpec("eth0", bridge, "02:00:00:00:00:01", 1500, List.of(addresses))), List.of(), "");
    }

    private static NetworkSpec spec(String network, List<TunnelSpec> tunnels, List<LinkSpec> links,
            List<GuestSpec> guests, TapSpec... taps) {
        return new NetworkSpec.Builder(network, "a").bridges(List.of(
                BridgeSpec.lan("lan1", 1024, 300),
                BridgeSpec.lan("lan2", 1024, 300)))
            .tunnels(tunnels).links(links).guests(guests).taps(List.of(taps)).build();
    }

    private static NetworkSpec withGuest(GuestSpec guest) {
        return spec("n1", List.of(), List.of(), List.of(guest));
    }

    private static NetworkSpec linked(String network, int linkId, String remote) {
        return spec(network, List.of(new TunnelSpec("b", remote, 0, FecSpec.OFF, Transport.UDP, LOCAL)),
            List.of(new LinkSpec("link:x", "lan1", "b", linkId, FitSpec.NONE)), List.of());
    }

    private State state() {
        return engine.nodes("n1").getFirst().status().state();
    }

    @Test
    void aGuestIsChangedWithoutARestartWhereItCanBe() {
        engine.apply(withGuest(guest("lan1", 64, "10.0.0.1/24")));
        assertThat(engine.apply(withGuest(guest("lan1", 64, "10.0.0.2/24")))).containsExactly("configure guest g1");
        assertThat(engine.apply(withGuest(guest("lan2", 64, "10.0.0.2/24")))).containsExactly(
            "move g1.eth0 from lan1 to lan2");
        assertThat(engine.apply(withGuest(guest("lan1", 64, "10.0.0.3/24")))).containsExactly(
            "move g1.eth0 from lan2 to lan1", "configure guest g1");
        GuestSpec one = guest("lan1", 64, "10.0.0.3/24");
        NicSpec second = new NicSpec("eth7", "lan2", "02:00:00:00:00:02", 1500, List.of());
        GuestSpec two = one.withNics(List.of(one.nics().getFirst(), second));
        assertThat(engine.apply(withGuest(two))).containsExactly(
            "open port g1.eth7 on lan2", "plug in eth7 of guest g1 and configure it");
        assertThat(driver.state()).containsEntry("vNIC n1/g1.eth7", true);
        assertThat(engine.apply(withGuest(one))).containsExactly(
            "close port g1.eth7 on lan2", "unplug eth7 of guest g1 and configure it");
        assertThat(driver.state()).doesNotContainKey("vNIC n1/g1.eth7");
        assertThat(engine.apply(withGuest(guest("lan1", 128, "10.0.0.3/24")))).containsExactly(
            "stop guest g1", "start guest g1");
        assertThat(driver.state()).containsEntry("vNIC n1/g1.eth0", true);
    }

    @Test
    void dependentsGoBeforeWhatTheyStandOnAndComeAfterIt() {
        NetworkSpec from = spec("n1",
            List.of(new TunnelSpec("b", "10.0.0.2:7000", 0, FecSpec.OFF, Transport.UDP, LOCAL)),
            List.of(new LinkSpec("link:x", "lan1", "b", 1, FitSpec.NONE)), List.of(guest("lan1", 64)), TAP);
        engine.apply(from);
        List<BridgeSpec> bridges = List.of(BridgeSpec.lan("lan1", 1024, 60),
            from.bridges().getLast());
        assertThat(engine.apply(from.toBuilder().bridges(bridges).build())).containsExactly("close TAP vt1 on lan1",
            "close port g1.eth0 on lan1", "close link:x from lan1 to b", "remove switch lan1", "add switch lan1",
            "open link:x from lan1 to b", "open port g1.eth0 on lan1", "open TAP vt1 on lan1",
            "re-plug eth0 of guest g1");
        assertThat(engine.remove("n1")).containsExactly("stop guest g1", "close TAP vt1 on lan1",
            "close port g1.eth0 on lan1", "close link:x from lan1 to b", "close tunnel to b at 10.0.0.2:7000",
            "remove switch lan1", "remove switch lan2", "delete the disk of guest g1");
    }

    /** As when a switch leaves this host: what was plugged into it has a patch and a link from then on. */
    @Test
    void portsMoveBetweenTheMakingAndTheGoingOfBridges() {
        TunnelSpec tunnel = new TunnelSpec("b", "10.0.0.2:7000", 0, FecSpec.OFF, Transport.UDP, LOCAL);
        NetworkSpec here = spec("n1", List.of(tunnel), List.of(), List.of(guest("lan1", 64)),
            new TapSpec("t1", "vt1", "lan1", 1500, List.of("10.0.0.8/24")));
        NetworkSpec away = new NetworkSpec.Builder("n1", "a").tunnels(List.of(tunnel))
            .bridges(List.of(here.bridges().getLast(), BridgeSpec.patch("g1.eth0"), BridgeSpec.patch("t1")))
            .links(List.of(new LinkSpec("link:g1.eth0", "g1.eth0", "b", 1, FitSpec.NONE),
                new LinkSpec("link:t1", "t1", "b", 2, FitSpec.NONE)))
            .guests(List.of(guest("g1.eth0", 64)))
            .taps(List.of(new TapSpec("t1", "vt1", "t1", 1500, List.of("10.0.0.9/24")))).build();
        engine.apply(here);
        Map<String, Object> before = driver.state();
        assertThat(engine.apply(away)).containsExactly("add patch g1.eth0", "add patch t1",
            "move g1.eth0 from lan1 to g1.eth0, t1 from lan1 to t1", "remove switch lan1",
            "open link:g1.eth0 from g1.eth0 to b", "open link:t1 from t1 to b", "guard g1.eth0: bpdu drop",
            "change the addresses of TAP vt1");
        assertThat(driver.state()).containsEntry("vNIC n1/g1.eth0", true);
        engine.start("n1", "g1");
        assertThat(engine.apply(here)).containsExactly("guard g1.eth0 no more", "add switch lan1",
            "move g1.eth0 from g1.eth0 to lan1, t1 from t1 to lan1", "close link:t1 from t1 to b",
            "close link:g1.eth0 from g1.eth0 to b", "remove patch t1", "remove patch g1.eth0",
            "change the addresses of TAP vt1");
        assertThat(driver.state()).isEqualTo(before);
    }

    /** Nothing reaches a port between its last link's end and its move, unless a patch has no room before that. */
    @Test
    void linksOfABridgeGoWhenItsPortsHaveLeft() {
        NetworkSpec linked = new NetworkSpec.Builder("n1", "a")
            .bridges(List.of(BridgeSpec.lan("lan1", 1024, 300), BridgeSpec.patch("p")))
            .tunnels(List.of(new TunnelSpec("b", "10.0.0.2:7000", 0, FecSpec.OFF, Transport.UDP, LOCAL)))
            .links(List.of(new LinkSpec("link:x", "p", "b", 1, FitSpec.NONE)))
            .taps(List.of(TAP, new TapSpec("t2", "vt2", "p", 1500, List.of()))).build();
        NetworkSpec alone = linked.toBuilder().tunnels(List.of()).links(List.of()).build();
        List<TapSpec> taps = List.of(TAP, linked.taps().getLast().withBridge("lan1"));
        engine.apply(linked.withImpairment("link:x", delay(1)));
        assertThat(engine.apply(alone.toBuilder().taps(taps).build())).containsExactly("move t2 from p to lan1",
            "impair link:x no more", "close link:x from p to b", "close tunnel to b at 10.0.0.2:7000");
        engine.apply(linked);
        List<TapSpec> swapped = List.of(TAP.withBridge("p"), taps.getLast());
        assertThat(engine.apply(alone.toBuilder().taps(swapped).build())).containsExactly("close link:x from p to b",
            "close tunnel to b at 10.0.0.2:7000", "move t1 from lan1 to p, t2 from p to lan1");
    }

    private static LineSpec delay(int ms) {
        return new LineSpec(ms * 1_000_000L, 0, 0, 0, 0, 0, 0, 0, 0, false, 0);
    }

    @Test
    void anImpairmentIsChangedWithoutItsPortAndGoesAndComesWithIt() {
        NetworkSpec plain = spec("n1", List.of(), List.of(), List.of(guest("lan1", 64)), TAP);
        engine.apply(plain);
        assertThat(engine.apply(plain.withImpairment("g1.eth0", delay(20))))
            .containsExactly("impair g1.eth0: delay 20ms");
        assertThat(engine.apply(plain.withImpairment("g1.eth0", delay(30)).withImpairment("t1", delay(1))))
            .containsExactly("impair t1: delay 1ms", "impair g1.eth0: delay 30ms");
        killAndStart();
        assertThat(driver.state()).containsEntry("impairment n1/g1.eth0", delay(30));
        assertThat(engine.impairments()).isEqualTo(Map.of("n1/g1.eth0", delay(30), "n1/t1", delay(1)));
        NetworkSpec moved = spec("n1", List.of(), List.of(), List.of(guest("lan2", 64)), TAP)
            .withImpairment("g1.eth0", delay(30));
        assertThat(engine.apply(moved)).containsExactly("impair t1 no more",
            "move g1.eth0 from lan1 to lan2");
        driver.failAt("impair");
        assertThatThrownBy(() -> engine.apply(moved.withImpairment("t1", delay(2)))).isInstanceOf(HostException.class)
            .hasMessage("impair t1: delay 2ms: told to fail");
        driver.failAt("");
        assertThat(engine.impairments()).isEqualTo(Map.of("n1/g1.eth0", delay(30)));
        assertThat(engine.apply(plain)).doesNotContain("stop guest g1");
        assertThat(engine.impairments()).isEmpty();
    }

    @Test
    void aGuardIsChangedWithoutItsPortAndFollowsWhatIsDeclared() {
        NetworkSpec plain = withGuest(guest("lan1", 64, "10.0.0.1/24"));
        assertThat(engine.apply(plain)).noneMatch(step -> step.startsWith("guard"));
        assertThat(engine.apply(plain.toBuilder().portSecurity(true).build())).containsExactly(
            "guard g1.eth0: macs 02:00:00:00:00:01, addresses 10.0.0.1, bpdu drop");
        NetworkSpec moved = withGuest(guest("lan1", 64, "10.0.0.2/24")).toBuilder().portSecurity(true).build();
        assertThat(engine.apply(moved)).containsExactly(
            "guard g1.eth0: macs 02:00:00:00:00:01, addresses 10.0.0.2, bpdu drop", "configure guest g1");
        GuardSpec open = GuardSpec.open("g1.eth0");
        NetworkSpec opened = moved.toBuilder().guards(List.of(open)).build();
        assertThat(engine.apply(opened)).containsExactly("guard g1.eth0: bpdu pass");
        killAndStart();
        assertThat(driver.state()).containsEntry("guard n1/g1.eth0", open);
        driver.failAt("guard");
        assertThatThrownBy(() -> engine.apply(moved)).isInstanceOf(HostException.class)
            .hasMessageStartingWith("guard g1.eth0: macs").hasMessageEndingWith("told to fail");
        driver.failAt("");
        assertThat(driver.state()).containsEntry("guard n1/g1.eth0", open);
        assertThat(engine.apply(plain)).containsExactly("guard g1.eth0 no more", "configure guest g1");
        assertThat(driver.state()).doesNotContainKey("guard n1/g1.eth0");
    }

    @Test
    void aTunnelIsProtectedWithoutBeingClosedAndAsWhoeverWantsIt() {
        NetworkSpec plain = linked("n1", 1, "10.0.0.2:7000");
        NetworkSpec other = linked("n2", 2, "10.0.0.2:7000");
        engine.apply(plain);
        engine.apply(other);
        assertThat(engine.apply(plain.withFec("b", FecSpec.AUTO)))
            .containsExactly("protect tunnel to b at 10.0.0.2:7000: auto");
        assertThat(driver.state()).containsEntry("protection 10.0.0.2:7000", FecSpec.AUTO);
        assertThat(engine.protections()).isEqualTo(Map.of("10.0.0.2:7000", FecSpec.AUTO));
        killAndStart();
        assertThat(driver.state()).containsEntry("protection 10.0.0.2:7000", FecSpec.AUTO);
        engine.apply(other.withFec("b", FecSpec.AUTO));
        assertThat(engine.apply(plain)).containsExactly("protect tunnel to b at 10.0.0.2:7000 no more");
        assertThat(driver.state()).as("the other one still wants it")
            .containsEntry("protection 10.0.0.2:7000", FecSpec.AUTO);
        FecSpec fixed = new FecSpec(10, 3, 4);
        assertThat(engine.apply(other.withFec("b", fixed)))
            .containsExactly("protect tunnel to b at 10.0.0.2:7000: 10+3x4");
        assertThatThrownBy(() -> engine.apply(plain.withFec("b", FecSpec.AUTO))).isInstanceOf(HostException.class)
            .hasMessageContaining("network n2 shares it with fec 10+3x4, not auto");
        driver.failAt("protect");
        assertThatThrownBy(() -> engine.apply(other.withFec("b", FecSpec.AUTO))).isInstanceOf(HostException.class)
            .hasMessage("protect tunnel to b at 10.0.0.2:7000: auto: told to fail");
        driver.failAt("");
        assertThat(driver.state()).containsEntry("protection 10.0.0.2:7000", fixed);
        engine.remove("n2");
        assertThat(driver.state()).doesNotContainKey("protection 10.0.0.2:7000");
        assertThat(engine.protections()).isEmpty();
    }

    @Test
    void aTunnelChangesItsTransportWithoutBeingClosedAndGoesByWhatAnyNetworkWants() {
        NetworkSpec plain = linked("n1", 1, "10.0.0.2:7000");
        NetworkSpec other = linked("n2", 2, "10.0.0.2:7000");
        engine.apply(plain);
        engine.apply(other.withTransport("b", Transport.TLS));
        assertThat(driver.state()).containsEntry("carriage 10.0.0.2:7000", "tls");
        assertThat(engine.transports()).isEqualTo(Map.of("10.0.0.2:7000", Transport.TLS));
        assertThatThrownBy(() -> engine.apply(plain.withTransport("b", Transport.TCP)))
            .isInstanceOf(HostException.class).hasMessageContaining(
                "tunnel to b at 10.0.0.2:7000: network n2 shares it with transport tls, not tcp: give both the same");
        assertThat(engine.apply(plain.withTransport("b", Transport.TLS)))
            .containsExactly("have tunnel to b at 10.0.0.2:7000 go by tls");
        assertThat(engine.apply(other)).containsExactly("have tunnel to b at 10.0.0.2:7000 go by udp");
        assertThat(driver.state()).as("the other one still wants it")
            .containsEntry("carriage 10.0.0.2:7000", "tls");
        assertThat(engine.apply(plain.withTransport("b", Transport.AUTO)))
            .containsExactly("have tunnel to b at 10.0.0.2:7000 go by auto");
        killAndStart();
        assertThat(driver.state()).containsEntry("carriage 10.0.0.2:7000", "auto");
        engine.apply(plain);
        assertThat(driver.state()).doesNotContainKey("carriage 10.0.0.2:7000");
    }

    @Test
    void whatIsToldThroughALinkIsChangedWithoutTheLink() {
        NetworkSpec plain = linked("n1", 1, "10.0.0.2:7000");
        engine.apply(plain);
        FitSpec clamped = new FitSpec(1300, false);
        FitSpec both = new FitSpec(FitSpec.MSS_AUTO, true);
        assertThat(engine.apply(plain.withFit("link:x", clamped)))
            .containsExactly("fit what passes link:x: mss-clamp 1300");
        assertThat(engine.apply(plain.withFit("link:x", both)))
            .containsExactly("fit what passes link:x: mss-clamp auto, df honor");
        killAndStart();
        assertThat(driver.state()).containsEntry("fit n1/link:x", both);
        assertThat(engine.apply(plain)).containsExactly("fit what passes link:x no more");
        assertThat(driver.state()).doesNotContainKey("fit n1/link:x");
    }

    @Test
    void networksShareATunnel() {
        engine.apply(linked("n1", 1, "10.0.0.2:7000"));
        assertThatThrownBy(() -> engine.apply(linked("n2", 1, "10.0.0.2:7000"))).isInstanceOf(HostException.class)
            .hasMessageContaining("link id 1 is used by link:x of network n1")
            .extracting("kind").isEqualTo(Kind.CONFLICT);
        assertThat(engine.networks()).containsExactly("n1");
        engine.apply(linked("n2", 2, "10.0.0.2:7000"));
        assertThat(driver.calls()).containsOnlyOnce("openTunnel 10.0.0.2:7000");
        killAndStart();
        engine.remove("n1");
        assertThat(driver.state()).containsKey("tunnel 10.0.0.2:7000").containsKey("port n2/link:x");
        engine.apply(linked("n2", 2, "10.0.0.3:7000"));
        assertThat(driver.state()).doesNotContainKey("tunnel 10.0.0.2:7000").containsKey("tunnel 10.0.0.3:7000");
    }

    @Test
    void oneNetworksFailureLeavesTheOthersAlone() {
        engine.apply(linked("n1", 1, "10.0.0.2:7000"));
        Map<String, Object> before = driver.state();
        driver.failAt("openTap");
        NetworkSpec failing = spec("n2", List.of(), List.of(), List.of(guest("lan1", 64)), TAP);
        assertThatThrownBy(() -> engine.apply(failing)).hasMessage("open TAP vt1 on lan1: told to fail");
        assertThat(driver.state()).isEqualTo(before);
        driver.failAt("");
        engine.apply(failing);
    }

    @Test
    void aGuestThatTheOperatorStoppedStaysStopped() {
        engine.apply(withGuest(guest("lan1", 64)));
        engine.stop("n1", "g1");
        assertThat(engine.plan(withGuest(guest("lan1", 64)))).isEmpty();
        assertThat(engine.apply(withGuest(guest("lan1", 64, "10.0.0.1/24"))))
            .containsExactly("change stopped guest g1");
        engine.apply(withGuest(guest("lan2", 128, "10.0.0.1/24")));
        assertThat(state()).isEqualTo(State.STOPPED);
        killAndStart();
        assertThat(state()).isEqualTo(State.STOPPED);
        assertThat(engine.nodes("n1").getFirst().wanted()).isFalse();
        assertThat(engine.start("n1", "g1").status().state()).isEqualTo(State.READY);
        killAndStart();
        assertThat(state()).isEqualTo(State.READY);
    }

    @Test
    void aGuestOfTheSameNameIsNotBornStopped() {
        engine.apply(withGuest(guest("lan1", 64)));
        engine.stop("n1", "g1");
        engine.apply(spec("n1", List.of(), List.of(), List.of()));
        engine.apply(withGuest(guest("lan1", 64)));
        assertThat(state()).isEqualTo(State.READY);
    }

    @Test
    void aDeadGuestIsStartedByTheNextUpOrRestart() {
        engine.apply(withGuest(guest("lan1", 64)));
        driver.die("n1", "g1");
        assertThat(engine.nodes("n1").getFirst().wanted()).isTrue();
        assertThat(engine.apply(withGuest(guest("lan1", 64)))).containsExactly("start guest g1");
        assertThat(state()).isEqualTo(State.READY);
        driver.die("n1", "g1");
        engine.restart("n1", "g1");
        assertThat(state()).isEqualTo(State.READY);
        driver.die("n1", "g1");
        assertThat(engine.apply(spec("n1", List.of(), List.of(), List.of()))).contains("delete the disk of guest g1");
        assertThat(driver.state()).doesNotContainKey("guest n1/g1");
    }

    @Test
    void whatCannotBeRestoredIsToldAndTheRestIsRestored() {
        NetworkSpec spec = spec("n1", List.of(), List.of(), List.of(guest("lan1", 64)), TAP);
        engine.apply(spec);
        driver.failAt("openTap");
        killAndStart();
        assertThat(state()).isEqualTo(State.READY);
        assertThat(events.recent()).anyMatch(event -> event.kind().equals("restore-failed")
            && event.text().equals("open TAP vt1 on lan1: told to fail"));
        driver.failAt("");
        assertThat(engine.apply(spec)).containsExactly("open TAP vt1 on lan1");
    }

    @Test
    void aGuestThatNobodyWantsIsRemovedAtTheStart() {
        engine.apply(withGuest(guest("lan1", 64)));
        engine.close();
        try (Journal journal = Journal.open(directory.resolve("journal"))) {
            journal.forget("n1");
        }
        driver.loseDaemon();
        start();
        assertThat(driver.state()).isEmpty();
    }

    @Test
    void aRemovalThatFailsGoesOnAndCanBeTriedAgain() {
        engine.apply(spec("n1", List.of(), List.of(), List.of(guest("lan1", 64)), TAP));
        driver.failAt("closePort t1");
        assertThatThrownBy(() -> engine.remove("n1")).isInstanceOf(HostException.class)
            .hasMessageContaining("close TAP vt1 on lan1: told to fail").extracting("kind").isEqualTo(Kind.HALF_DONE);
        assertThat(driver.state()).doesNotContainKey("port n1/g1.eth0").containsKey("port n1/t1");
        driver.failAt("");
        engine.remove("n1");
        assertThat(engine.networks()).isEmpty();
        assertThat(driver.state()).isEmpty();
    }

    @Test
    void aChangeThatCannotBeUndoneSaysSoAndIsMendedByTheNext() {
        engine.apply(spec("n1", List.of(), List.of(), List.of(), TAP));
        driver.failAt("openTap");
        NetworkSpec other = spec("n1", List.of(), List.of(), List.of(),
            new TapSpec("t1", "vt1", "lan1", 1400, List.of()));
        assertThatThrownBy(() -> engine.apply(other)).isInstanceOf(HostException.class)
            .hasMessageContaining("undoing it failed too").extracting("kind").isEqualTo(Kind.HALF_DONE);
        driver.failAt("");
        assertThat(engine.apply(spec("n1", List.of(), List.of(), List.of(), TAP)))
            .containsExactly("open TAP vt1 on lan1");
    }

    @Test
    void guestsStoppedWithTheDaemonRunAgainWithIt() {
        engine.apply(withGuest(guest("lan1", 64)));
        engine.stopGuests();
        assertThat(state()).isEqualTo(State.STOPPED);
        killAndStart();
        assertThat(state()).isEqualTo(State.READY);
        engine.close();
        assertThatThrownBy(() -> engine.remove("n1")).hasMessageContaining("the daemon is stopping");
    }
}
