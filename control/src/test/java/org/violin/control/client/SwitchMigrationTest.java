package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.api.ApiServer;
import org.violin.control.api.HostDto;
import org.violin.control.host.Engine;
import org.violin.control.host.Events;
import org.violin.control.host.MemoryDriver;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Coherence;
import org.violin.control.topology.Plan;
import org.violin.control.topology.Planner;
import org.violin.control.topology.SwitchMove;
import org.violin.control.topology.TopologyFile;
import org.violin.dataplane.MacStatus;

/** Three daemons on hosts in memory, each with its API on a real socket. */
@Timeout(60)
class SwitchMigrationTest {
    private static final String FILE = """
        network: n
        hosts: {a: {netns: true}, b: {netns: true}, c: {netns: true}}
        switches: {lan: {host: a}}
        nodes:
          v: {host: a, nics: [{switch: lan, addresses: [10.0.0.1/24]}]}
          w: {host: b, nics: [{switch: lan, addresses: [10.0.0.2/24]}]}
          x: {host: c, nics: [{switch: lan, addresses: [10.0.0.3/24]}]}
        taps: {t: {host: a, switch: lan, addresses: [10.0.0.4/24]}}
        """;

    @TempDir
    private Path directory;
    private final Map<String, MemoryDriver> drivers = new TreeMap<>();
    private final List<AutoCloseable> closing = new ArrayList<>();
    private Registry registry;
    private SwitchMigration migration;

    @BeforeEach
    void start() throws Exception {
        registry = new Registry(new Home(directory.resolve("home")));
        migration = new SwitchMigration(registry);
        Plan plan = plan(FILE);
        List<NetworkRecord.Host> hosts = new ArrayList<>();
        for (Plan.Host host : plan.hosts()) {
            MemoryDriver driver = new MemoryDriver();
            driver.setTunnelStates("up");
            drivers.put(host.name(), driver);
            Path socket = directory.resolve(host.name() + ".sock");
            Engine engine = new Engine(driver, directory.resolve(host.name() + ".journal"),
                new Events(Clock.systemUTC(), 16, 16));
            engine.apply(host.spec());
            ApiServer server = ApiServer.start(socket,
                new HostDto(host.name(), "1.0", 42, null, directory.toString(), "epoll", 1, "normal"), engine,
                network -> List.of(), stop -> { });
            closing.add(engine);
            closing.add(server);
            hosts.add(new NetworkRecord.Host(host.name(), NetworkRecord.Kind.DAEMON, host.underlay(), null,
                socket.toString()));
        }
        registry.write(new NetworkRecord("n", "/net.yaml", "2026-01-01T00:00:00Z", hosts));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : closing.reversed()) {
            each.close();
        }
    }

    private static Plan plan(String file) throws Exception {
        return Planner.plan(TopologyFile.parse("file", file.getBytes(StandardCharsets.UTF_8)));
    }

    private Map<String, Object> state() {
        Map<String, Object> state = new HashMap<>();
        drivers.forEach((host, driver) -> state.put(host, driver.state()));
        return state;
    }

    @Test
    void theHostsAreAsPlannedAndNoGuestIsUnplugged() throws Exception {
        Map<String, Object> before = state();
        SwitchMigration.Done done = migration.migrate("lan", "b");
        assertThat(List.of(done.network(), done.from(), done.to())).containsExactly("n", "a", "b");
        for (Plan.Host host : plan(FILE.replace("lan: {host: a}", "lan: {host: b}")).hosts()) {
            assertThat(client(host.name()).network("n")).contains(host.spec());
        }
        drivers.forEach((host, driver) -> {
            assertThat(driver.calls()).noneMatch(call -> call.startsWith("replugGuest"));
            assertThat(driver.state()).as(host).doesNotContainValue(false);
        });
        assertThat(drivers.get("b").calls()).contains("movePorts w.eth0");
        assertThat(drivers.get("b").learned()).extracting(MacStatus::bridge, MacStatus::port, MacStatus::ageSeconds)
            .containsExactlyInAnyOrder(tuple("n/lan", "n/link:v.eth0", 1), tuple("n/lan", "n/link:t", 1),
                tuple("n/lan", "n/link:x.eth0", 1), tuple("n/lan", "n/w.eth0", 1));
        assertThat(done.stations()).isEqualTo(4);
        migration.migrate("n/lan", "a");
        assertThat(state()).isEqualTo(before);
    }

    /** At whichever call of whichever host: the others have changed by then, or are about to. */
    @Test
    void whereverItFailsAllIsTakenBack() {
        Map<String, Object> before = state();
        Map<String, List<String>> calls = new TreeMap<>();
        drivers.values().forEach(driver -> driver.failAt(-1));
        migration.migrate("lan", "b");
        drivers.forEach((host, driver) -> calls.put(host, driver.calls()));
        migration.migrate("lan", "a");
        assertThat(calls.get("c")).isNotEmpty();
        calls.forEach((host, all) -> {
            for (int call = 0; call < all.size(); call++) {
                drivers.get(host).failAt(call);
                String what = host + ", " + all.get(call);
                assertThatThrownBy(() -> migration.migrate("lan", "b")).as(what).isInstanceOf(ClientException.class)
                    .hasMessageMatching("(?s)" + host + ": .*told to fail\\. All is as it was");
                assertThat(state()).as(what).isEqualTo(before);
                drivers.get(host).failAt(-1);
            }
        });
    }

    /** Whichever daemons have come how far when the command is killed: what is there is told, and up mends it. */
    @Test
    void whereverItIsBrokenOffThatIsToldAndUpMendsIt() throws Exception {
        Map<String, Object> start = state();
        Plan plan = plan(FILE);
        Map<String, NetworkSpec> before = new TreeMap<>();
        Map<String, String> underlays = new TreeMap<>();
        plan.hosts().forEach(host -> before.put(host.name(), host.spec()));
        plan.hosts().forEach(host -> underlays.put(host.name(), host.underlay()));
        SwitchMove.Moved moved = new SwitchMove("n", before, underlays).move("lan", "b");
        List<Map<String, NetworkSpec>> steps = List.of(before, moved.prepared(), moved.specs());
        for (int far = 0; far < 27; far++) {
            List<Integer> reached = List.of(far / 9, far / 3 % 3, far % 3);
            for (int i = 0; i < 3; i++) {
                String host = List.of("a", "b", "c").get(i);
                client(host).put(steps.get(reached.get(i)).get(host));
            }
            // To be prepared is for c to have a tunnel more.
            boolean isWhole = List.of(0, 1, 26).contains(far);
            Map<String, NetworkSpec> now = new TreeMap<>();
            before.keySet().forEach(host -> now.put(host, client(host).network("n").orElseThrow()));
            assertThat(Coherence.faults(now.values()).isEmpty()).as("a, b and c are at " + reached).isEqualTo(isWhole);
            assertThat(Coherence.faults(List.of(now.get("c")))).as("nothing is known of the others").isEmpty();
            if (!isWhole) {
                assertRefused("n/lan", "c", "a change of network n was broken off: run 'violin up' again first."
                    + " Nothing is changed");
            }
            before.forEach((host, spec) -> client(host).put(spec));
            assertThat(state()).as("up after " + reached).isEqualTo(start);
        }
    }

    private DaemonClient client(String host) {
        return new DaemonClient(host, directory.resolve(host + ".sock"));
    }

    @Test
    void aSwitchDoesNotGoWhereNoTunnelLeads() {
        Map<String, Object> before = state();
        drivers.get("b").setTunnelStates("connecting");
        assertThatThrownBy(() -> new SwitchMigration(registry, Duration.ofMillis(50)).migrate("lan", "b"))
            .isInstanceOf(ClientException.class).hasMessageContainingAll("the switch cannot be on b",
                "b -> a is connecting", "b -> c is connecting", "violin netcheck n", ". All is as it was");
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void whatIsWrongIsTold() throws Exception {
        Map<String, Object> before = state();
        assertRefused("lan", "a", "switch lan is on a already");
        assertRefused("lam", "b", "there is no switch 'lam'; did you mean 'lan'?");
        assertRefused("n/lam", "b", "there is no switch 'lam'; did you mean 'lan'?");
        assertRefused("m/lan", "b", "no network m is up: there is n");
        assertRefused("lan", "d", "there is no host 'd'; ");
        registry.write(new NetworkRecord("o", "/o.yaml", "2026-01-01T00:00:00Z", List.of()));
        try (Registry.Lock lock = registry.lock("n")) {
            assertThat(lock).isNotNull();
            assertRefused("lan", "b", "another violin command is changing it");
        }
        closing.removeLast().close();
        closing.removeLast().close();
        assertRefused("lan", "b", "c: its daemon does not answer");
        assertThat(state()).isEqualTo(before);
    }

    private void assertRefused(String switchName, String host, String why) {
        assertThatThrownBy(() -> migration.migrate(switchName, host)).isInstanceOf(ClientException.class)
            .hasMessageContaining(why);
    }
}
