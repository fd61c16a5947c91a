package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.api.ApiServer;
import org.violin.control.api.HostDto;
import org.violin.control.client.LinkChange.End;
import org.violin.control.client.NetworkRecord.Kind;
import org.violin.control.host.Engine;
import org.violin.control.host.Events;
import org.violin.control.host.MemoryDriver;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.topology.Planner;
import org.violin.control.topology.TopologyFile;

/** Two daemons on hosts in memory, over real sockets. */
@Timeout(30)
class LinkChangeTest {
    private static final LineSpec DELAYED = new LineSpec(20_000_000, 0, 0, 0, 0, 0, 0, 0, 0, false, 7);
    private static final LineSpec DOWN = LineSpec.NONE.withDown(true);

    @TempDir
    private Path directory;
    private final List<Host> hosts = new ArrayList<>();
    private LinkChange change;

    private final class Host implements AutoCloseable {
        private final MemoryDriver driver = new MemoryDriver();
        private final Engine engine;
        private final ApiServer server;
        private final NetworkRecord.Host record;

        Host(String name) {
            Path socket = directory.resolve(name + ".sock");
            engine = new Engine(driver, directory.resolve(name + ".journal"), new Events(Clock.systemUTC(), 16, 16));
            server = ApiServer.start(socket, new HostDto(name, "1", 1, null, "", "epoll", 1, "normal"), engine,
                network -> List.of(), shutdown -> { });
            record = new NetworkRecord.Host(name, Kind.DAEMON, "", null, socket.toString());
        }

        LineSpec line(String port) {
            return engine.spec("n").impairment(port);
        }

        @Override
        public void close() {
            server.close();
            engine.close();
        }
    }

    @BeforeEach
    void up() throws Exception {
        hosts.add(new Host("a"));
        hosts.add(new Host("b"));
        List<NetworkSpec> specs = Planner.plan(TopologyFile.parse("net.yaml", """
            network: n
            hosts:
              a: {daemon: /a, underlay: "192.0.2.1:7000"}
              b: {daemon: /b, underlay: "192.0.2.2:7000"}
            switches: {s1: {host: a}, s2: {host: b}}
            nodes:
              v1: {host: a, nics: [{}]}
              v2: {host: a, nics: [{}]}
              v3: {host: b, nics: [{switch: s1}]}
            links: [{ends: [s1, s2]}, {ends: [v1.eth0, v2.eth0]}]
            """.getBytes(StandardCharsets.UTF_8))).hosts().stream().map(host -> host.spec()).toList();
        for (int i = 0; i < hosts.size(); i++) {
            hosts.get(i).engine.apply(specs.get(i));
            hosts.get(i).driver.failAt(-1);
        }
        Registry registry = new Registry(new Home(directory.resolve("home")));
        registry.write(new NetworkRecord("n", "net.yaml", "", hosts.stream().map(host -> host.record).toList()));
        change = new LinkChange(registry, "n");
    }

    @AfterEach
    void down() {
        hosts.forEach(Host::close);
    }

    private Host a() {
        return hosts.getFirst();
    }

    private Host b() {
        return hosts.getLast();
    }

    private static UnaryOperator<PortSetting> to(LineSpec line) {
        return before -> before.withLine(line);
    }

    private static End end(String host, String port, LineSpec line) {
        return new End(host, port, port.startsWith("link:")
            ? new PortSetting(line, FecSpec.OFF, Transport.UDP, FitSpec.NONE)
            : new PortSetting(line, null, null, null), true);
    }

    @Test
    void bothEndsOfALinkAreChangedAndNothingElse() {
        assertThat(change.run("link:s1:s2", to(DELAYED))).containsExactly(
            end("a", "link:s1:s2", DELAYED), end("b", "link:s1:s2", DELAYED));
        assertThat(a().driver.calls()).containsExactly("impair link:s1:s2");
        assertThat(b().driver.calls()).containsExactly("impair link:s1:s2");
        assertThat(change.run("s2:s1", before -> before.withLine(before.line().withDown(true))))
            .extracting(end -> end.setting().line())
            .containsOnly(DELAYED.withDown(true));
        assertThat(change.run("s1:s2", before -> before)).extracting(End::changed).containsOnly(false);
        assertThat(a().driver.calls()).hasSize(2);
        change.run("s1:s2", before -> before.withLine(LineSpec.NONE.withSeed(before.line().seed())));
        assertThat(a().line("link:s1:s2")).as("the seed is kept for what comes next")
            .isEqualTo(LineSpec.NONE.withSeed(7));
        change.run("s1:s2", to(LineSpec.NONE));
        assertThat(a().engine.spec("n").impairments()).isEmpty();
    }

    @Test
    void aPortIsChangedWhereItIsAndACableOnOneHostAtItsGuests() {
        assertThat(change.run("v3.eth0", to(DOWN))).containsExactly(end("b", "v3.eth0", DOWN));
        assertThat(change.run("link:v3.eth0", to(DELAYED))).extracting(End::host).containsExactly("a", "b");
        assertThat(b().line("v3.eth0")).isEqualTo(DOWN);
        assertThat(change.run("v2.eth0:v1.eth0", to(DOWN))).containsExactly(
            end("a", "v1.eth0", DOWN), end("a", "v2.eth0", DOWN));
    }

    @Test
    void aTunnelIsProtectedAtBothEndsAndNowhereElse() {
        PortSetting setting = new PortSetting(LineSpec.NONE, FecSpec.AUTO, Transport.UDP, FitSpec.NONE);
        assertThat(change.run("s1:s2", before -> before.withFec(FecSpec.AUTO))).containsExactly(
            new End("a", "link:s1:s2", setting, true), new End("b", "link:s1:s2", setting, true));
        assertThat(a().driver.calls()).containsExactly("protect 192.0.2.2:7000");
        assertThat(b().driver.calls()).containsExactly("protect 192.0.2.1:7000");
        assertThat(change.run("link:v3.eth0", before -> before.withFec(FecSpec.AUTO))).as("the same tunnel")
            .extracting(End::changed).containsExactly(false, false);
        assertThat(change.run("link:s1:s2", to(DELAYED))).extracting(end -> end.setting().text())
            .containsOnly("delay 20ms, seed 7, fec auto");
        assertThatThrownBy(() -> change.run("v3.eth0", before -> before.withFec(FecSpec.AUTO)))
            .isInstanceOf(ClientException.class).hasMessage("v3.eth0 on b would have fec: only a link between two hosts"
                + " has a tunnel that this is for. Nothing is changed");
    }

    @Test
    void aTunnelChangesItsTransportAtBothEnds() {
        assertThat(change.run("s1:s2", before -> before.withTransport(Transport.TLS)))
            .extracting(end -> end.setting().text()).containsOnly("not impaired, transport tls");
        assertThat(a().driver.calls()).containsExactly("carry 192.0.2.2:7000");
        assertThat(b().driver.calls()).containsExactly("carry 192.0.2.1:7000");
        assertThat(change.run("link:v3.eth0", before -> before.withTransport(Transport.TLS))).as("the same tunnel")
            .extracting(End::changed).containsExactly(false, false);
        assertThatThrownBy(() -> change.run("v3.eth0", before -> before.withTransport(Transport.TLS)))
            .isInstanceOf(ClientException.class).hasMessageContaining("transport: only a link between two hosts");
    }

    @Test
    void whatIsSaidThroughALinkIsTheLinksOwn() {
        FitSpec fit = new FitSpec(FitSpec.MSS_AUTO, true);
        assertThat(change.run("s1:s2", before -> before.withFit(none -> fit))).extracting(end -> end.setting().text())
            .containsOnly("not impaired, mss-clamp auto, df honor");
        assertThat(a().driver.calls()).containsExactly("fit link:s1:s2");
        assertThat(b().driver.calls()).containsExactly("fit link:s1:s2");
        assertThat(change.run("link:v3.eth0", before -> before)).extracting(end -> end.setting().fit())
            .containsOnly(FitSpec.NONE);
        assertThatThrownBy(() -> change.run("v3.eth0", before -> before.withFit(none -> fit)))
            .isInstanceOf(ClientException.class).hasMessage("v3.eth0 on b would have mss-clamp, df: only a link between"
                + " two hosts has a tunnel to fit. Nothing is changed");
    }

    @Test
    void whatIsNotThereIsToldWithWhatIs() {
        assertThatThrownBy(() -> change.run("s1", to(DOWN))).isInstanceOf(ClientException.class)
            .hasMessage("no link s1 is up: there is link:s1:s2, link:v3.eth0, v1.eth0, v2.eth0, v3.eth0");
        Registry registry = new Registry(new Home(directory.resolve("home")));
        assertThatThrownBy(() -> new LinkChange(registry, "m").run("s1", to(DOWN)))
            .isInstanceOf(ClientException.class).hasMessage("no network m is up: there is n");
    }

    @Test
    void aRefusalOrADaemonThatIsGoneChangesNothing() {
        assertThatThrownBy(() -> change.run("s1:s2", before -> {
            throw new IllegalArgumentException("jitter: 5 ns: at most the delay, 0 ns");
        })).isInstanceOf(ClientException.class).hasMessage(
            "link:s1:s2 on a would have jitter: 5 ns: at most the delay, 0 ns. Nothing is changed");
        b().server.close();
        assertThatThrownBy(() -> change.run("s1:s2", to(DOWN))).isInstanceOf(ClientException.class)
            .hasMessageStartingWith("link:s1:s2: b: its daemon does not answer at ")
            .hasMessageEndingWith(". Nothing is changed");
        assertThat(a().driver.calls()).isEmpty();
        assertThat(change.run("v1.eth0", to(DOWN))).hasSize(1);
    }

    @Test
    void whenOneEndRefusesItIsToldWhatEachHas() {
        change.run("s1:s2", to(DOWN));
        b().driver.failAt(0);
        assertThatThrownBy(() -> change.run("s1:s2", to(DELAYED))).isInstanceOf(ClientException.class)
            .hasMessage("s1:s2: b: impair link:s1:s2: delay 20ms, seed 7: told to fail. Now: a: link:s1:s2: delay 20ms,"
                + " seed 7; b: link:s1:s2: down");
        assertThat(a().line("link:s1:s2")).isEqualTo(DELAYED);
        assertThat(b().line("link:s1:s2")).isEqualTo(DOWN);
        b().driver.failAt(-1);
        assertThat(change.run("s1:s2", to(DELAYED))).extracting(End::changed).containsExactly(false, true);
    }
}
