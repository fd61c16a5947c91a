package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.api.ApiServer;
import org.violin.control.api.HostDto;
import org.violin.control.guest.GuestStatus;
import org.violin.control.host.Engine;
import org.violin.control.host.Events;
import org.violin.control.host.MemoryHost;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.NodeMove;
import org.violin.control.topology.Plan;
import org.violin.control.topology.Planner;
import org.violin.control.topology.Topology;
import org.violin.control.topology.TopologyFile;

/** Daemons on hosts in memory whose guests have disks, each with its API on a real socket, which can be killed. */
@Timeout(120)
class NodeMigrationTest {
    private static final String KEPT = "kept since v was on a";
    private static final Map<String, String> IMAGES = Map.of("c", "another");
    private static final Map<String, String> KERNELS = Map.of("d", "another");

    @TempDir
    private Path directory;
    private final Map<String, Host> hosts = new TreeMap<>();
    private Registry registry;
    private NetworkRecord record;
    private NodeMigration migration;

    private final class Host {
        private final String name;
        private final MemoryHost driver;
        private Engine engine;
        private ApiServer server;

        private Host(String name, int number) throws Exception {
            this.name = name;
            driver = new MemoryHost(Files.createDirectory(directory.resolve(name)),
                IMAGES.getOrDefault(name, "image"), KERNELS.getOrDefault(name, "kernel"), 1_700_000_000 + number);
            driver.setTunnelStates("up");
            start();
        }

        private void start() {
            engine = new Engine(driver, directory.resolve(name + ".journal"),
                new Events(Clock.systemUTC(), 16, 16));
            engine.restore();
            server = ApiServer.start(socket(name),
                new HostDto(name, "1.0", 42, null, directory.toString(), "epoll", 1, "normal"), engine,
                network -> List.of(), stop -> { });
        }

        /** Its guests run on. */
        private void kill() {
            server.close();
            engine.close();
            driver.loseDaemon();
        }

        private boolean runs(String node) {
            return driver.guest("n", node).filter(guest -> guest.state() == GuestStatus.State.READY).isPresent();
        }
    }

    private Path socket(String host) {
        return directory.resolve(host + ".sock");
    }

    private String file(String hostOfV) {
        StringBuilder text = new StringBuilder("network: n\nhosts:\n");
        for (String host : List.of("a", "b", "c", "d")) {
            text.append("  ").append(host).append(": {daemon: ").append(socket(host)).append(", underlay: '192.0.2.")
                .append(1 + host.charAt(0) - 'a').append(":7000'}\n");
        }
        return text + """
            switches: {lan: {host: a}, far: {host: c}}
            nodes:
              v: {host: %s, nics: [{switch: lan, addresses: [10.0.0.1/24]}, {switch: far}, {}]}
              w: {host: b, nics: [{switch: lan, addresses: [10.0.0.2/24]}, {}]}
              x: {host: d, nics: [{switch: lan, addresses: [10.0.0.3/24]}]}
            links: [{ends: [v.eth2, w.eth1]}]
            """.formatted(hostOfV);
    }

    private static Topology topology(String file) throws Exception {
        return TopologyFile.parse("file", file.getBytes(StandardCharsets.UTF_8));
    }

    @BeforeEach
    void start() throws Exception {
        registry = new Registry(new Home(directory.resolve("home")));
        migration = new NodeMigration(registry, Duration.ofSeconds(5));
        Plan plan = Planner.plan(topology(file("a")));
        List<NetworkRecord.Host> members = new ArrayList<>();
        for (Plan.Host planned : plan.hosts()) {
            Host host = new Host(planned.name(), members.size());
            hosts.put(planned.name(), host);
            host.engine.apply(planned.spec());
            members.add(new NetworkRecord.Host(planned.name(), NetworkRecord.Kind.DAEMON, planned.underlay(), null,
                socket(planned.name()).toString()));
        }
        record = new NetworkRecord("n", "/net.yaml", "2026-01-01T00:00:00Z", members);
        registry.write(record);
        hosts.get("a").driver.write("n", "v", KEPT);
    }

    @AfterEach
    void stop() {
        hosts.values().forEach(Host::kill);
    }

    private Map<String, Object> state() {
        Map<String, Object> state = new HashMap<>();
        hosts.forEach((name, host) -> state.put(name, host.driver.state()));
        return state;
    }

    private DaemonClient client(String host) {
        return record.host(host).orElseThrow().client();
    }

    private NodePlacement placement() {
        return new NodePlacement(record, Duration.ofSeconds(5), () -> { });
    }

    private List<String> running() {
        return hosts.values().stream().filter(host -> host.runs("v")).map(host -> host.name).toList();
    }

    /** On this host alone, as planned there, with its disk. */
    private void assertIsOn(String name, String what) throws Exception {
        assertThat(running()).as(what).containsExactly(name);
        for (Host host : hosts.values()) {
            assertThat(host.driver.hasFiles("n", "v")).as(what + ", on " + host.name).isEqualTo(host.name.equals(name));
        }
        assertThat(hosts.get(name).driver.read("n", "v")).as(what).isEqualTo(KEPT);
        for (Plan.Host host : Planner.plan(topology(file(name))).hosts()) {
            assertThat(client(host.name()).network("n")).as(what).contains(host.spec());
        }
        assertThat(NodeFinder.find(registry, "v").daemon().hostName()).as(what).isEqualTo(name);
        hosts.forEach((host, its) -> assertThat(its.driver.state()).as(what + ", " + host).doesNotContainValue(false));
    }

    @Test
    void aNodeIsMovedWithItsDiskAndNoOtherIsUnplugged() throws Exception {
        Map<String, Object> before = state();
        NodeMigration.Done done = migration.migrate("v", "b");
        assertThat(List.of(done.network(), done.node(), done.from(), done.to())).containsExactly("n", "v", "a", "b");
        assertThat(done.bytes()).isPositive();
        assertThat(done.blackout()).isPositive();
        assertIsOn("b", "there");
        hosts.values().forEach(host ->
            assertThat(host.driver.calls()).noneMatch(call -> call.startsWith("replugGuest")));
        migration.migrate("n/v", "a");
        assertIsOn("a", "back");
        assertThat(state()).isEqualTo(before);
    }

    /** At whichever call of whichever host: before the commit all is taken back, after it the rest is mended. */
    @Test
    void whereverItFailsTheNodeIsInOnePlace() throws Exception {
        Map<String, Object> before = state();
        Map<String, List<String>> calls = new TreeMap<>();
        hosts.values().forEach(host -> host.driver.failAt(-1));
        migration.migrate("v", "b");
        hosts.forEach((name, host) -> calls.put(name, host.driver.calls()));
        migration.migrate("v", "a");
        int takenBack = 0;
        for (String name : calls.keySet()) {
            for (int call = 0; call < calls.get(name).size(); call++) {
                String what = name + ", " + calls.get(name).get(call);
                hosts.get(name).driver.failAt(call);
                try {
                    migration.migrate("v", "b");
                } catch (ClientException e) {
                    boolean isBack = e.getMessage().endsWith(". All is as it was");
                    takenBack += isBack ? 1 : 0;
                    assertThat(e.getMessage()).as(what).containsAnyOf("told to fail", "unexpected error");
                    assertThat(running()).as(what + ": " + e.getMessage()).containsExactly(isBack ? "a" : "b");
                }
                hosts.get(name).driver.failAt(-1);
                placement().mend();
                assertThat(running()).as(what).hasSize(1);
                assertThat(hosts.get(running().getFirst()).driver.read("n", "v")).as(what).isEqualTo(KEPT);
                placement().bring("v", "b");
                placement().bring("v", "a");
                assertThat(state()).as(what).isEqualTo(before);
            }
        }
        assertThat(takenBack).isGreaterThan(5);
    }

    /** What the command does, piece by piece; a commit is the fifth. */
    private List<Runnable> steps() {
        Map<String, NetworkSpec> specs = new LinkedHashMap<>();
        Map<String, String> underlays = new LinkedHashMap<>();
        record.hosts().forEach(host -> {
            specs.put(host.name(), client(host.name()).network("n").orElseThrow());
            underlays.put(host.name(), host.address());
        });
        NodeMove.Moved moved = new NodeMove("n", specs, underlays).move("v", "b");
        Map<String, NetworkSpec> others = new LinkedHashMap<>(moved.specs());
        others.keySet().removeAll(List.of("a", "b"));
        return List.of(
            () -> record.each(moved.prepared(), DaemonClient::put),
            () -> client("a").leave("n", "v", "b"),
            () -> client("a").copyDisk("n", "v", client("b")),
            () -> record.each(others, DaemonClient::put),
            () -> client("b").put(moved.specs().get("b"), "v", false),
            () -> record.each(Map.of("a", moved.specs().get("a")), DaemonClient::put));
    }

    /** The command is killed after each of its steps, and daemons with it. */
    @Test
    void whateverDiesWheneverTheNodeIsInOnePlaceAndTheNextCommandMendsIt() throws Exception {
        Map<String, Object> before = state();
        int all = steps().size();
        for (List<String> killed : List.of(List.<String>of(), List.of("a"), List.of("b"), List.of("a", "b", "d"))) {
            for (int count = 0; count <= all; count++) {
                String what = count + " steps, then the death of " + killed;
                steps().subList(0, count).forEach(step -> {
                    step.run();
                    assertThat(running()).as(what).hasSizeLessThan(2);
                });
                killed.forEach(host -> hosts.get(host).kill());
                killed.forEach(host -> hosts.get(host).start());
                String place = count < 5 ? "a" : "b";
                assertThat(running()).as(what).isEqualTo(count < 2 || count >= 5 ? List.of(place) : List.of());
                assertThat(NodeFinder.find(registry, "v").daemon().hostName()).as(what).isEqualTo(place);
                placement().mend();
                if (count != 1) { // A tunnel that nobody needs may stay until the next change.
                    assertIsOn(place, what);
                }
                placement().bring("v", "b");
                placement().bring("v", "a");
                assertIsOn("a", what);
                assertThat(state()).as(what).isEqualTo(before);
            }
        }
    }

    @Test
    void whileItIsNotKnownWhereANodeIsNobodyRunsIt() throws Exception {
        steps().subList(0, 5).forEach(Runnable::run);
        hosts.get("b").kill();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> placement().mend()).isInstanceOf(ClientException.class).hasMessageContainingAll(
                "node v was on its way from a to b", "not known: b: its daemon does not answer");
            for (String action : List.of("start", "restart")) {
                assertThatThrownBy(() -> client("a").node("n", "v", action)).isInstanceOf(ApiException.class)
                    .hasMessageContaining("guest v is on its way to host b");
            }
            assertThat(client("a").nodes("n").getFirst().state()).isEqualTo("leaving");
            assertThat(hosts.get("a").runs("v")).isFalse();
            hosts.get("a").kill();
            hosts.get("a").start();
        }
        hosts.get("b").start();
        placement().mend();
        assertIsOn("b", "known");
    }

    /** A commit that a killed command has sent, and that comes late, comes to nothing once the node is taken back. */
    @Test
    void whatWasTakenBackCannotBeCommitted() throws Exception {
        List<Runnable> steps = steps();
        steps.subList(0, 4).forEach(Runnable::run);
        placement().mend();
        assertThatThrownBy(() -> steps.get(4).run()).isInstanceOf(ApiException.class)
            .hasMessageContaining("its disk has not come");
        assertThatThrownBy(() -> client("b").copyDisk("n", "v", client("a"))).isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> client("a").copyDisk("n", "v", client("b"))).isInstanceOf(ApiException.class)
            .hasMessageContaining("guest v is not leaving this host");
        assertIsOn("a", "taken back");
    }

    /** The answer comes although the disk is still on its way. */
    @Test
    void aDiskForANodeThatIsThereIsRefused() {
        hosts.get("a").driver.write("n", "v", KEPT + " ".repeat(5_000_000));
        List<Runnable> steps = steps();
        steps.subList(0, 5).forEach(Runnable::run);
        assertThatThrownBy(() -> client("a").copyDisk("n", "v", client("b"))).isInstanceOf(ApiException.class)
            .hasMessage("b: guest v is on this host already");
        steps.get(5).run();
        assertThat(hosts.get("b").driver.read("n", "v")).startsWith(KEPT).hasSize(KEPT.length() + 5_000_000);
    }

    /** By a command that died in the middle of it. */
    @Test
    void aDiskThatIsCutOffIsNotTaken() throws Exception {
        List<Runnable> steps = steps();
        steps.subList(0, 2).forEach(Runnable::run);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        hosts.get("a").driver.write("n", "v", " ".repeat(1_000_000));
        hosts.get("a").driver.disks().send("n", "v", whole);
        byte[] half = Arrays.copyOf(whole.toByteArray(), whole.size() / 2);
        InputStream death = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("told to fail");
            }
        };
        try (UnixHttp http = UnixHttp.connect(socket("b"), Duration.ofSeconds(10))) {
            assertThatThrownBy(() -> http.upload("PUT", "/v1/networks/n/nodes/v/disk", "application/octet-stream",
                new SequenceInputStream(new ByteArrayInputStream(half), death))).hasMessage("told to fail");
        }
        TestRun.await("the end of what has come", () -> {
            String[] left = directory.resolve("b/guests/n/v").toFile().list();
            return left != null && left.length == 0;
        });
        assertThatThrownBy(() -> steps.get(4).run()).hasMessageContaining("its disk has not come");
    }

    @Test
    void aNodeThatIsStoppedStaysStopped() {
        client("a").node("n", "v", "stop");
        assertThat(migration.migrate("v", "b").text()).contains("it stays stopped");
        hosts.get("b").kill();
        hosts.get("b").start();
        assertThat(running()).isEmpty();
        assertThat(hosts.get("b").driver.read("n", "v")).isEqualTo(KEPT);
        assertThat(client("b").node("n", "v", "start").state()).isEqualTo("ready");
    }

    @Test
    void aNodeDoesNotGoWhereNoTunnelLeads() {
        Map<String, Object> before = state();
        hosts.get("b").driver.setTunnelStates("connecting");
        assertThatThrownBy(() -> new NodeMigration(registry, Duration.ofMillis(50)).migrate("v", "b"))
            .isInstanceOf(ClientException.class).hasMessageContainingAll("node v cannot be on b",
                "b -> a is connecting", "violin netcheck n", ". All is as it was");
        assertThat(state()).isEqualTo(before);
    }

    @Test
    void whatIsWrongIsToldAndNothingIsChanged() {
        Map<String, Object> before = state();
        hosts.values().forEach(host -> host.driver.failAt(-1));
        assertRefused("v", "a", "node v is on a already");
        assertRefused("u", "b", "there is no node 'u'; did you mean 'v'?");
        assertRefused("n/lan", "b", "there is no node 'lan': it is a switch, which 'violin switch migrate lan");
        assertRefused("m/v", "b", "no network m is up: there is n");
        assertRefused("v", "e", "there is no host 'e'; ");
        assertRefused("v", "c", "node v cannot run on c, which has another guest image than a (SHA-256 ");
        assertRefused("v", "d", "node v cannot run on d, which has another guest kernel (linux.uml) than a (SHA-256 ");
        try (Registry.Lock lock = registry.lock("n")) {
            assertThat(lock).isNotNull();
            assertRefused("v", "b", "another violin command is changing it");
        }
        hosts.get("d").server.close();
        assertRefused("v", "b", "d: its daemon does not answer");
        hosts.values().forEach(host -> assertThat(host.driver.calls()).isEmpty());
        assertThat(state()).isEqualTo(before);
    }

    /** Of a switch, or of another node: what is half done is not moved. */
    @Test
    void whatIsInBetweenStaysUntilItIsMended() throws Exception {
        steps().subList(0, 5).forEach(Runnable::run);
        assertThatThrownBy(() -> new SwitchMigration(registry).migrate("far", "b"))
            .isInstanceOf(ClientException.class).hasMessageContainingAll("node v is on a and b",
                "a change of network n was broken off: run 'violin up' again first. Nothing is changed");
        placement().mend();
        assertIsOn("b", "mended");
        NetworkSpec spec = client("c").network("n").orElseThrow();
        List<BridgeSpec> bridges = new ArrayList<>(spec.bridges());
        bridges.add(BridgeSpec.lan("lan", 1024, 300));
        client("c").put(spec.toBuilder().bridges(bridges).build());
        assertRefused("v", "a", "switch lan is on a and c: a change of network n was broken off");
        assertThat(running()).containsExactly("b");
    }

    private void assertRefused(String node, String host, String why) {
        assertThatThrownBy(() -> migration.migrate(node, host)).isInstanceOf(ClientException.class)
            .hasMessageContaining(why);
    }

    private List<String> up(String file) throws Exception {
        Progress silent = new Progress() {
            @Override
            public void begin(String what, String text) { }

            @Override
            public void done(String what, String text) { }

            @Override
            public void failed(String what, String text) { }

            @Override
            public void abandon() { }
        };
        return new Up(registry, directory.resolve("violin"), silent).run(topology(file), directory.resolve("net.yaml"),
            Duration.ofSeconds(10));
    }

    /** Where the file says, and with its disk; if the rest of the change fails, it goes back. */
    @Test
    void upMovesNodesToWhereTheFileSays() throws Exception {
        migration.migrate("v", "b");
        assertThat(up(file("a"))).isEmpty();
        assertIsOn("a", "the file as it was");
        assertThat(up(file("b"))).isEmpty();
        assertIsOn("b", "another file");
        hosts.get("d").driver.failAt("addBridge more");
        assertThatThrownBy(() -> up(file("a").replace("far: {host: c}", "far: {host: c}, more: {host: d}")))
            .hasMessageContaining("told to fail");
        hosts.get("d").driver.failAt("");
        assertIsOn("b", "taken back");
        steps("a");
        assertThat(up(file("a"))).isEmpty();
        assertIsOn("a", "after a command that was killed");
    }

    /** Leaves a move from b half done. */
    private void steps(String to) {
        client("b").leave("n", "v", to);
        client("b").copyDisk("n", "v", client(to));
    }
}
