package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.violin.control.TestRun;
import org.violin.control.os.Libc;
import org.violin.control.spec.GuestSpec;

/** Real User-Mode-Linux guests, two at most, as whatever user runs the test. */
@Timeout(120)
class GuestsIT {
    private static final String NET = "net";
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final List<GuestStatus> changes = new CopyOnWriteArrayList<>();
    private GuestPlatform platform;
    private Path directory;
    private Guests guests;

    @BeforeEach
    void setUp() throws IOException {
        platform = TestRun.requireGuests();
        directory = Files.createTempDirectory("vt-guests").toRealPath();
        guests = new Guests(directory, platform, changes::add);
    }

    @AfterEach
    void tearDown() throws IOException {
        for (GuestStatus status : guests.statuses()) {
            guests.kill(status.network(), status.name());
            assertThat(processes(status.name())).isEmpty();
        }
        guests.close();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    @Test
    void runsCommandsInAGuest() throws Exception {
        boot(spec("a"));
        Said said = run("a", "sh", "-c", "echo out; echo err >&2; exit 7");
        assertThat(said.exit).isEqualTo(7);
        assertThat(said.out()).isEqualTo("out\n");
        assertThat(said.err()).isEqualTo("err\n");

        assertThat(run("a", "hostname").out()).isEqualTo("a\n");
        assertThat(run("a", "printf", "%s|", "a b", "", "'\"$x", "\u00e9").out()).isEqualTo("a b||'\"$x|\u00e9|");
        assertThat(run("a", "sh", "-c", "kill -9 $$").exit).isEqualTo(128 + 9);
        Said unknown = run("a", "frobnicate");
        assertThat(unknown.exit).isEqualTo(127);
        assertThat(unknown.err()).isEqualTo("frobnicate: No such file or directory\n");
        // What a command leaves in the background keeps its outputs open, but nobody waiting.
        assertThat(run("a", "sh", "-c", "sleep 1000 & echo done").out()).isEqualTo("done\n");
        for (String tool : List.of("iperf3", "tcpdump", "nft", "traceroute", "ping", "arping", "ip", "tc", "bridge")) {
            assertThat(run("a", "which", tool).exit).as(tool).isZero();
        }
        // Modules are loaded as they are needed.
        for (String command : List.of("nft add table bridge t", "iptables -t nat -A POSTROUTING -j MASQUERADE",
            "ip link add br0 type bridge", "tc qdisc add dev lo root netem delay 1ms",
            "ip link add link br0 name br0.5 type vlan id 5")) {
            Said modular = run("a", command.split(" "));
            assertThat(modular.exit).as(command + ": " + modular.err()).isZero();
        }
    }

    @Test
    void carriesLargeBinaryOutputWhole() throws Exception {
        boot(spec("a"));
        Said said = run("a", "sh", "-c", "head -c 3000000 /dev/urandom >/tmp/x; cat /tmp/x; sha256sum </tmp/x >&2");
        assertThat(said.out.size()).isEqualTo(3_000_000);
        byte[] digest = java.security.MessageDigest.getInstance("SHA-256").digest(said.out.toByteArray());
        assertThat(said.err()).startsWith(java.util.HexFormat.of().formatHex(digest));
    }

    @Test
    void runsCommandsAtOnceAndASlowReaderStopsNobodyElse() throws Exception {
        boot(spec("a"));
        AtomicBoolean go = new AtomicBoolean();
        CompletableFuture<Said> slow = inBackground(() -> {
            Said said = new Said();
            said.blockedUntil = go::get;
            said.exit = guests.exec(NET, "a", List.of("head", "-c", "1000000", "/dev/zero"), said, () -> false);
            return said;
        });
        List<CompletableFuture<Said>> others = Stream.iterate(0, i -> i + 1).limit(8)
            .map(i -> inBackground(() -> run("a", "sh", "-c", "sleep 0.2; echo " + i))).toList();
        for (int i = 0; i < others.size(); i++) {
            assertThat(others.get(i).get(20, TimeUnit.SECONDS).out()).isEqualTo(i + "\n");
        }
        assertThat(slow).isNotDone();
        go.set(true);
        assertThat(slow.get(20, TimeUnit.SECONDS).out.size()).isEqualTo(1_000_000);
    }

    @Test
    void cancelsACommandAndItsChildren() throws Exception {
        boot(spec("a"));
        AtomicBoolean cancel = new AtomicBoolean();
        Said said = new Said();
        CompletableFuture<Integer> exit = inBackground(() -> guests.exec(NET, "a",
            List.of("sh", "-c", "trap '' TERM; echo up; sleep 777; sleep 777"), said, cancel::get));
        TestRun.await("output", () -> said.out().equals("up\n"));
        cancel.set(true);
        assertThat(exit.get(15, TimeUnit.SECONDS)).isEqualTo(128 + 9);
        assertThat(run("a", "sh", "-c", "ps | grep -c '[s]leep 777'").out()).isEqualTo("0\n");
        // Output that throws cancels as well.
        assertThatThrownBy(() -> guests.exec(NET, "a", List.of("sh", "-c", "echo x; sleep 888"), new Said() {
            @Override
            public void onStdout(byte[] bytes, int length) {
                throw new IllegalStateException("client gone");
            }
        }, () -> false)).hasMessage("client gone");
        TestRun.await("the end of sleep 888",
            () -> run("a", "sh", "-c", "ps | grep -c '[s]leep 888'").out().equals("0\n"));
    }

    @Test
    void keepsTheConsoleAndTypesAtIt() throws Exception {
        boot(spec("a"));
        guests.consoleInput(NET, "a", "echo typed $((6 * 7))\n".getBytes(StandardCharsets.UTF_8));
        TestRun.await("the echo", () -> read(guests.consoleLog(NET, "a")).contains("typed 42"));
        assertThat(read(guests.consoleLog(NET, "a"))).contains("Linux version");
        guests.consoleInput(NET, "a", "head -c 1500000 /dev/zero | tr '\\0' x; echo; echo en''d\n".getBytes());
        Path older = directory.resolve("net/a/console.log.1");
        TestRun.await("a cut log", () -> Files.exists(older));
        TestRun.await("the end", () -> (read(older) + read(guests.consoleLog(NET, "a"))).contains("\nend"));
        TestRun.await("a short log", () -> size(guests.consoleLog(NET, "a")) <= Console.LOG_BYTES_MAX);
    }

    @Test
    void stopsInOrderAndKeepsItsDisk() throws Exception {
        boot(spec("a"));
        run("a", "sh", "-c", "echo kept >/root/file");
        assertThatThrownBy(() -> guests.remove(NET, "a")).hasMessageContaining("stop it first");
        guests.stop(NET, "a", GRACE);
        assertThat(guests.status(NET, "a").state()).isEqualTo(GuestStatus.State.STOPPED);
        assertThat(processes("a")).isEmpty();
        assertThatThrownBy(() -> run("a", "true")).hasMessage("net/a: not running");
        boot(spec("a"));
        assertThat(run("a", "cat", "/root/file").out()).isEqualTo("kept\n");
        guests.stop(NET, "a", GRACE);
        guests.remove(NET, "a");
        assertThat(directory.resolve("net/a")).doesNotExist();
    }

    @Test
    void aKilledGuestIsDeadWithItsLastWords() throws Exception {
        boot(spec("a"));
        guests.consoleInput(NET, "a", "echo last-''words\n".getBytes(StandardCharsets.UTF_8));
        TestRun.await("the echo", () -> read(guests.consoleLog(NET, "a")).contains("last-words"));
        CompletableFuture<Said> running = inBackground(() -> run("a", "sleep", "1000"));
        TestRun.await("its start", () -> run("a", "sh", "-c", "ps | grep -c '[s]leep 1000'").out().equals("1\n"));
        long pid = guests.status(NET, "a").pid();
        Libc.sendSignal(pid, Libc.SIGKILL);
        awaitState("a", GuestStatus.State.DEAD);
        assertThat(guests.status(NET, "a").detail()).startsWith("killed by signal 9").contains("last-words");
        assertThat(processes("a")).isEmpty();
        assertThatThrownBy(() -> running.get(5, TimeUnit.SECONDS)).hasMessageContaining("killed by signal 9");
        boot(spec("a"));
        assertThat(run("a", "true").exit).isZero();
    }

    @Test
    void aGuestWhoseKernelPanicsIsDead() throws Exception {
        boot(spec("a"));
        guests.consoleInput(NET, "a", "echo c >/proc/sysrq-trigger\n".getBytes(StandardCharsets.UTF_8));
        awaitState("a", GuestStatus.State.DEAD);
        assertThat(guests.status(NET, "a").detail()).contains("killed by signal 6", "Kernel panic");
        assertThat(processes("a")).isEmpty();
    }

    /** UML holds the guest's programs by ptrace: when it is killed, none may run on as a program of this host. */
    @Test
    void whenUmlIsKilledNothingOfTheGuestRunsOn() {
        boot(spec("g1"));
        inBackground(() -> run("g1", "sh", "-c", "while :; do /bin/true; done"));
        ProcessHandle confined = ProcessHandle.of(guests.status(NET, "g1").pid()).orElseThrow();
        confined.children().findFirst().orElseThrow().destroyForcibly();
        awaitState("g1", GuestStatus.State.DEAD);
        String home = directory.resolve(NET).resolve("g1").toString();
        TestRun.await("the end of all its processes", () -> ProcessHandle.allProcesses().noneMatch(process -> {
            try {
                return Files.readSymbolicLink(Path.of("/proc", "" + process.pid(), "cwd")).toString().equals(home);
            } catch (IOException e) {
                return false;
            }
        }));
    }

    @Test
    void aGuestCanBeKilledAndStartedOverAndOver() {
        GuestSpec spec = spec("a");
        guests.start(NET, spec);
        for (int i = 0; i < 10; i++) {
            // The guest's own process makes its log, some time after start has returned.
            Path log = guests.consoleLog(NET, "a");
            TestRun.await("a boot", () -> Files.exists(log) && read(log).contains("Linux version"));
            guests.kill(NET, "a");
            guests.start(NET, spec);
        }
        awaitState("a", GuestStatus.State.READY);
        assertThat(read(guests.consoleLog(NET, "a"))).doesNotContain("panic");
    }

    @Test
    void anAgentThatRestartsIsTalkedToAgain() throws Exception {
        boot(spec("a"));
        List<CompletableFuture<Said>> lost =
            Stream.generate(() -> inBackground(() -> run("a", "sleep", "1000"))).limit(8).toList();
        TestRun.await("eight commands", () -> run("a", "sh", "-c", "ps | grep -c '[s]leep 1000'").out().equals("8\n"));
        assertThatThrownBy(() -> run("a", "killall", "-9", "violin-agent")).hasMessageContaining("started anew");
        for (CompletableFuture<Said> command : lost) {
            assertThatThrownBy(() -> command.get(10, TimeUnit.SECONDS)).hasMessageContaining("started anew");
        }
        TestRun.await("the new agent", () -> {
            try {
                return run("a", "true").exit == 0;
            } catch (GuestException e) {
                return false;
            }
        });
    }

    @Test
    void aGuestThatPowersItselfOffIsStopped() throws Exception {
        for (String command : List.of("poweroff", "reboot")) {
            boot(spec("a"));
            guests.consoleInput(NET, "a", (command + "\n").getBytes(StandardCharsets.UTF_8));
            awaitState("a", GuestStatus.State.STOPPED);
            assertThat(guests.status(NET, "a").detail()).isEqualTo("powered itself off");
            assertThat(processes("a")).isEmpty();
        }
    }

    @Test
    void joinsGuestsAndAdoptsThemWithTheirLinks() throws Exception {
        Path socketA = guests.nicSocket(NET, "a", "eth0");
        Path socketB = guests.nicSocket(NET, "b", "eth0");
        Cable cable = new Cable(socketA, socketB);
        try {
            GuestSpec specA = spec("a", nic("02:00:00:00:00:0a", "10.1.0.1/24", "fd00:1:0::1/64"));
            GuestSpec specB = spec("b", nic("02:00:00:00:00:0b", "10.1.0.2/24", "fd00:1::2/64"));
            boot(specA, specB);
            assertPings();
            assertThat(run("a", "ip", "link", "show", "eth0").out()).contains("mtu 1400").contains("02:00:00:00:00:0a");

            // The daemon dies: the switch with it.
            guests.close();
            cable.close();
            guests = new Guests(directory, platform, changes::add);
            cable = new Cable(socketA, socketB);
            long pid = guests.adopt().getFirst().pid();
            awaitState("a", GuestStatus.State.READY);
            awaitState("b", GuestStatus.State.READY);
            assertThat(guests.status(NET, "a").pid()).isEqualTo(pid);
            assertPings();
            guests.consoleInput(NET, "a", "echo again $((6 * 8))\n".getBytes(StandardCharsets.UTF_8));
            TestRun.await("the echo", () -> read(guests.consoleLog(NET, "a")).contains("again 48"));

            guests.configure(NET, new GuestSpec("a", GuestSpec.Role.ROUTER, 96,
                List.of(nic("02:00:00:00:00:0a", "10.2.0.1/24", "10.1.0.9/24")),
                List.of(new GuestSpec.RouteSpec("10.9.0.0/16", "10.1.0.2")), ""));
            assertThat(run("a", "ip", "-o", "addr", "show", "dev", "eth0", "scope", "global").out())
                .contains("10.2.0.1/24", "10.1.0.9/24").doesNotContain("10.1.0.1/", "fd00");
            assertThat(run("a", "ip", "route").out()).contains("10.9.0.0/16 via 10.1.0.2");
            assertThat(run("a", "cat", "/proc/sys/net/ipv4/ip_forward").out()).isEqualTo("1\n");
            guests.configure(NET, specA);
            assertThat(run("a", "ip", "route").out()).doesNotContain("10.9.0.0");
            assertPings();

            assertThatThrownBy(() -> guests.configure(NET, new GuestSpec("a", GuestSpec.Role.HOST, 96, specA.nics(),
                List.of(new GuestSpec.RouteSpec("default", "192.0.2.1")), "")))
                .hasMessageContaining("ip -4 route replace default via 192.0.2.1")
                .hasMessageContaining("invalid gateway");

            Libc.sendSignal(guests.status(NET, "a").pid(), Libc.SIGKILL);
            awaitState("a", GuestStatus.State.DEAD);
            assertThat(processes("a")).isEmpty();
        } finally {
            cable.close();
        }
    }

    @Test
    void plugsNicsIntoAGuestThatRunsAndUnplugsThem() throws Exception {
        GuestSpec.NicSpec eth0 = nic("02:00:00:00:00:0a", "10.1.0.1/24");
        GuestSpec.NicSpec eth5 = new GuestSpec.NicSpec("eth5", "x", "02:00:00:00:00:0b", 1400, List.of("10.2.0.1/24"));
        try (Cable cable = new Cable(guests.nicSocket(NET, "a", "eth0"), guests.nicSocket(NET, "a", "eth5"))) {
            assertThat(cable).isNotNull();
            boot(spec("a", eth0));
            guests.configure(NET, spec("a", eth0, eth5));
            assertThat(run("a", "ip", "-br", "addr").out()).contains("eth5", "10.2.0.1/24").doesNotContain("vec");
            guests.close();
            guests = new Guests(directory, platform, changes::add);
            guests.adopt();
            awaitState("a", GuestStatus.State.READY);
            // Another MAC address and another MTU make another vNIC.
            guests.configure(NET, spec("a", new GuestSpec.NicSpec("eth5", "x", "02:00:00:00:00:0c", 9000, List.of())));
            assertThat(run("a", "ip", "link").out()).contains("eth5", "mtu 9000", "02:00:00:00:00:0c")
                .doesNotContain("eth0", "02:00:00:00:00:0b");
        }
        assertThatThrownBy(() -> guests.configure(NET, spec("a", eth0))).hasMessageContaining("ip link set dev eth0");
        guests.configure(NET, spec("a"));
        assertThat(run("a", "ip", "link").out()).doesNotContain("eth0", "eth5");
    }

    @Test
    void aGuestWhoseDaemonIsGoneTakesItsLinksDown() throws Exception {
        Path socket = guests.nicSocket(NET, "a", "eth0");
        Cable cable = new Cable(socket, directory.resolve("other.sock"));
        boot(spec("a", nic("02:00:00:00:00:0a", "10.1.0.1/24")));
        guests.close();
        cable.close(); // from now on UML turns in circles on the closed socket
        GuestProcess process = GuestProcess.of(guests.status(NET, "a").pid());
        Path usage = Path.of("/proc", Long.toString(process.pid()), "stat");
        TestRun.await("rest", () -> {
            long before = cpuTicks(usage);
            LockSupport.parkNanos(Duration.ofSeconds(1).toNanos());
            return cpuTicks(usage) - before < 20;
        });
        cable = new Cable(socket, directory.resolve("other.sock"));
        guests = new Guests(directory, platform, changes::add);
        guests.adopt();
        awaitState("a", GuestStatus.State.READY);
        assertThat(run("a", "ip", "addr", "show", "dev", "eth0").out()).contains(",UP,", "10.1.0.1/24");
        cable.close();
        cable = new Cable(socket, directory.resolve("other.sock"));
        guests.reconnect(NET, "a", Set.of("eth0"));
        assertThat(run("a", "ip", "addr", "show", "dev", "eth0").out()).contains(",UP,", "10.1.0.1/24");
        cable.close();
    }

    @Test
    void stopsAGuestThatStillBoots() {
        guests.start(NET, spec("a"));
        guests.stop(NET, "a", GRACE);
        assertThat(guests.status(NET, "a").state()).isEqualTo(GuestStatus.State.STOPPED);
        assertThat(processes("a")).isEmpty();
    }

    @Test
    void givesBigFramesTheirMtu() throws Exception {
        Path socket = guests.nicSocket(NET, "a", "eth0");
        Cable cable = new Cable(socket, directory.resolve("other.sock"));
        boot(spec("a", new GuestSpec.NicSpec("eth0", "lan", "02:00:00:00:00:0a", 9000, List.of())));
        assertThat(run("a", "ip", "link", "show", "dev", "eth0").out()).contains("mtu 9000");
        cable.close();
    }

    @Test
    void aGuestWithoutItsSocketSaysSo() {
        guests.start(NET, spec("a", nic("02:00:00:00:00:0a", "10.1.0.1/24")));
        awaitState("a", GuestStatus.State.READY);
        assertThat(guests.status(NET, "a").detail()).contains("configuration failed: ip link set dev eth0");
        // A change is told when it has been made.
        TestRun.await("two changes", () -> changes.size() == 2);
        assertThat(changes).extracting(GuestStatus::state)
            .containsExactly(GuestStatus.State.BOOTING, GuestStatus.State.READY);
        assertThatThrownBy(() -> guests.nicSocket("..", "a", "eth0")).hasMessageContaining("no name");
    }

    @Test
    void aGuestThatDiedUnwatchedIsAdoptedAsDead() throws Exception {
        boot(spec("a"));
        guests.close();
        Libc.sendSignal(guests.status(NET, "a").pid(), Libc.SIGKILL);
        TestRun.await("its end", () -> !GuestProcess.of(guests.status(NET, "a").pid()).isAlive());
        guests = new Guests(directory, platform, changes::add);
        assertThat(guests.adopt()).singleElement().satisfies(status -> {
            assertThat(status.state()).isEqualTo(GuestStatus.State.DEAD);
            assertThat(status.detail()).contains("no daemon watched it");
        });
        assertThat(processes("a")).isEmpty();
    }

    private void assertPings() {
        for (String to : List.of("10.1.0.2", "fd00:1::2")) {
            Said said = run("a", "ping", "-c", "2", "-i", "0.2", "-W", "2", to);
            assertThat(said.exit).as(said.out() + said.err()).isZero();
        }
    }

    private static GuestSpec spec(String name, GuestSpec.NicSpec... nics) {
        return new GuestSpec(name, GuestSpec.Role.HOST, 96, List.of(nics), List.of(), "");
    }

    private static GuestSpec.NicSpec nic(String mac, String... addresses) {
        return new GuestSpec.NicSpec("eth0", "lan", mac, 1400, List.of(addresses));
    }

    private void boot(GuestSpec... specs) {
        for (GuestSpec spec : specs) {
            guests.start(NET, spec);
        }
        for (GuestSpec spec : specs) {
            awaitState(spec.name(), GuestStatus.State.READY);
            assertThat(guests.status(NET, spec.name()).detail()).isEmpty();
        }
    }

    private Said run(String guest, String... argv) {
        Said said = new Said();
        said.exit = guests.exec(NET, guest, List.of(argv), said, () -> false);
        return said;
    }

    private static <T> CompletableFuture<T> inBackground(Supplier<T> work) {
        return CompletableFuture.supplyAsync(work, task -> Thread.ofVirtual().start(task));
    }

    private List<Long> processes(String guest) {
        return GuestProcess.all(platform.kernel(), directory.resolve(NET).resolve(guest)).stream()
            .filter(pid -> GuestProcess.of(pid).isAlive()).toList();
    }

    private void awaitState(String guest, GuestStatus.State state) {
        TestRun.await(guest + " " + state, () -> guests.status(NET, guest).state() == state,
            () -> guests.status(NET, guest) + "\n" + read(guests.consoleLog(NET, guest)));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static long cpuTicks(Path stat) {
        String[] fields = read(stat).replaceFirst("^.*\\) ", "").split(" ");
        return Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** What a command said. */
    private static class Said implements ExecOutput {
        final ByteArrayOutputStream out = new ByteArrayOutputStream();
        final ByteArrayOutputStream err = new ByteArrayOutputStream();
        BooleanSupplier blockedUntil = () -> true;
        int exit = -1;

        @Override
        public void onStdout(byte[] bytes, int length) {
            TestRun.await("the reader's consent", blockedUntil);
            out.write(bytes, 0, length);
        }

        @Override
        public void onStderr(byte[] bytes, int length) {
            err.write(bytes, 0, length);
        }

        String out() {
            return out.toString(StandardCharsets.UTF_8);
        }

        String err() {
            return err.toString(StandardCharsets.UTF_8);
        }
    }
}
