package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.PacketConfig.Role;
import org.violin.dataplane.wire.Ethernet;

/** A host with an interface, {@code p0}, that leads to a machine on a LAN, whose is {@code p1}. */
@ParameterizedClass
@EnumSource(names = {"EPOLL", "IO_URING"})
class PacketPortTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int TYPE = 0x88B5;
    private static final int FRAME_BYTES = 60;
    private static final int NUMBER = 14;
    private static final long VM = 0x0200_0000_0001L;
    private static final long MACHINE = 0x0200_0000_0002L;
    private static final long GROUP = 0x0100_5E00_0001L;
    private static final int LAST = 99;
    private static final int BYTES = 16 << 20;

    @Parameter
    private IoEngine engine;

    @TempDir
    private Path directory;

    private final SplittableRandom random = Seeds.random("PacketPortTest");
    private Namespace host;
    private Namespace lan;
    private Dataplane dataplane;

    @BeforeEach
    void cable() {
        host = new Namespace();
        lan = new Namespace();
        host.silence();
        lan.silence();
        join();
    }

    private void join() {
        host.ip("link add p0 type veth peer name p1 netns " + lan.path(), "link set p0 up");
        lan.ip("link set p1 up");
        host.awaitRunning("p0");
        lan.awaitRunning("p1");
    }

    private void launch(int workers) {
        DataplaneConfig config = DataplaneConfig.of("packet", null).withEngine(engine).withWorkers(workers, List.of());
        try {
            dataplane = host.in(() -> Dataplane.launch(config));
        } catch (DataplaneException e) {
            assumeThat(e).as("io_uring is there").hasMessageNotContaining("io_uring_setup");
            throw e;
        }
        dataplane.addPatch("cable");
    }

    @AfterEach
    void close() {
        if (dataplane != null) {
            dataplane.close();
            dataplane.terminated().join();
        }
        Stream.of(host, lan).filter(Objects::nonNull).forEach(Namespace::close);
    }

    private void open(Role role, boolean multicast, boolean promiscuous) {
        List<Long> macs = role == Role.ALL ? List.of() : List.of(MACHINE + 7, VM);
        open(new PacketConfig("out", "p0", role, macs, multicast, promiscuous));
    }

    private void open(PacketConfig config) {
        host.in(() -> {
            dataplane.openPacket(config, "cable");
            return null;
        });
    }

    private void look() {
        host.in(() -> {
            dataplane.lookAtInterfaces();
            return null;
        });
    }

    private PortStatus port() {
        return FastPath.port(dataplane, "out");
    }

    private TestGuest guest() {
        Path socket = directory.resolve("guest");
        dataplane.openUnix(new UnixPortConfig("guest", socket), "cable");
        TestGuest guest = new TestGuest(socket);
        FastPath.await("the guest", () -> FastPath.port(dataplane, "guest").up());
        return guest;
    }

    private PacketSocket machine() {
        return new PacketSocket(lan, "p1", TYPE, false);
    }

    private static byte[] frame(long destination, long source, int number) {
        return ByteBuffer.allocate(FRAME_BYTES).putLong(0, destination << Short.SIZE)
            .putLong(6, source << Short.SIZE | TYPE).putInt(NUMBER, number).array();
    }

    @Test
    void eachRoleTakesWhatIsItsOwnAndSendsEverything() {
        launch(1);
        try (TestGuest guest = guest(); PacketSocket machine = machine()) {
            assertTaken(guest, machine, Role.ALL, false, List.of(0, 1, 2, 3, 4, 5, 6, 7));
            assertTaken(guest, machine, Role.HOST, false, List.of(0, 1, 2, 3));
            assertTaken(guest, machine, Role.PROXY, false, List.of(4, 6));
            assertTaken(guest, machine, Role.PROXY, true, List.of(4, 6, 7));
        }
    }

    /** Frames from the VM's address, then from the machine's, to: VM, machine, all, a group. */
    private void assertTaken(
            TestGuest guest, PacketSocket machine, Role role, boolean multicast, List<Integer> expected) {
        open(role, multicast, false);
        int number = 0;
        for (long source : List.of(VM, MACHINE)) {
            for (long destination : List.of(VM, MACHINE, Ethernet.BROADCAST, GROUP)) {
                machine.send(frame(destination, source, number++));
            }
        }
        machine.send(role == Role.HOST ? frame(MACHINE, VM, LAST) : frame(VM, MACHINE, LAST));
        List<Integer> taken = new ArrayList<>();
        for (int last = 0; last != LAST;) {
            byte[] frame = guest.receive(DEADLINE);
            assertThat(frame).as("a frame after %s", taken).isNotNull();
            last = ByteBuffer.wrap(frame).getInt(NUMBER);
            if (last != LAST) {
                taken.add(last);
            }
        }
        assertThat(taken).as("%s", role).isEqualTo(expected);
        for (long source : List.of(VM, MACHINE)) {
            guest.send(frame(GROUP, source, 7));
            assertThat(machine.receive(DEADLINE)).isEqualTo(frame(GROUP, source, 7));
        }
        assertThat(port().drops()).isEmpty();
        dataplane.closePort("out");
    }

    /** A guest, by a TAP that was moved to a host of its own, has the machine for a neighbour. */
    @Test
    void superFramesPassBothWays() throws Exception {
        launch(2);
        open(Role.ALL, false, true);
        try (Namespace guest = new Namespace()) {
            host.in(() -> {
                dataplane.openTap(new TapConfig("tap", "t0", 1500), "cable");
                return null;
            });
            host.ip("link set t0 netns " + guest.path());
            guest.ip("address add 10.88.0.1/24 dev t0", "link set t0 up");
            lan.ip("address add 10.88.0.2/24 dev p1");
            TcpStreams.exchange(guest, lan, "10.88.0.2", BYTES, random.nextLong());
            assertThat(port().detail()).isEqualTo("p0 all promiscuous");
            assertThat(port().rxFrames()).as("super-frames from the machine").isLessThan(BYTES / 1500);
            assertThat(port().txFrames()).as("super-frames to the machine").isLessThan(BYTES / 1500);
            assertThat(port().drops()).isEmpty();
        }
    }

    @Test
    void whatTheKernelDropsIsCounted() throws Exception {
        launch(1);
        open(Role.ALL, false, false);
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch free = new CountDownLatch(1);
        Thread holder = new Thread(() -> dataplane.command(0, "hold", worker -> {
            held.countDown();
            try {
                free.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }));
        holder.start();
        held.await();
        long before = lan.device("p1").txFrames();
        try (PacketSocket machine = machine()) {
            byte[] frame = new byte[1514];
            System.arraycopy(frame(VM, MACHINE, 0), 0, frame, 0, FRAME_BYTES);
            for (int i = 0; i < 20_000; i++) {
                machine.offer(frame);
            }
        } finally {
            free.countDown();
            holder.join();
        }
        long all = lan.device("p1").txFrames() - before;
        FastPath.await("the frames", () -> {
            look();
            return port().rxFrames() + port().drops().getOrDefault("receive-overflow", 0L) >= all;
        });
        assertThat(port().rxFrames() + port().drops().get("receive-overflow")).isEqualTo(all);
    }

    @Test
    void aPortGoesOnWhenItsInterfaceIsBack() {
        launch(2);
        open(Role.ALL, false, true);
        try (TestGuest guest = guest()) {
            assertPasses(guest);
            host.ip("link set p0 down");
            look();
            assertThat(port().up()).isFalse();
            host.ip("link set p0 up");
            assertPasses(guest);

            host.ip("link del p0");
            look();
            assertThat(port().up()).isFalse();
            guest.send(frame(MACHINE, VM, 0));
            FastPath.await("the drop", () -> port().drops().getOrDefault("not-connected", 0L) == 1);
            join();
            assertPasses(guest);
            assertThat(host.run("", "ip", "-d", "link", "show", "p0")).contains("promiscuity 1 ");

            host.ip("link set p0 down", "link set p0 name q0", "link set q0 up");
            look();
            assertThat(port().up()).isFalse();
            assertThat(host.run("", "ip", "-d", "link", "show", "q0")).contains("promiscuity 0 ");
            host.ip("link set q0 down", "link set q0 name p0", "link set p0 up");
            assertPasses(guest);

            // Away and back between two looks, perhaps with the index that it had.
            host.ip("link set p0 netns " + lan.path());
            lan.ip("link set p0 netns " + host.path());
            host.ip("link set p0 up");
            assertPasses(guest);
        }
        dataplane.closePort("out");
        assertThat(host.run("", "ip", "-d", "link", "show", "p0")).contains("promiscuity 0 ");
    }

    private void assertPasses(TestGuest guest) {
        host.awaitRunning("p0");
        lan.awaitRunning("p1");
        FastPath.await("the port", () -> {
            look();
            return port().up();
        });
        try (PacketSocket machine = machine()) {
            guest.send(frame(MACHINE, VM, 1));
            assertThat(machine.receive(DEADLINE)).isEqualTo(frame(MACHINE, VM, 1));
            machine.send(frame(VM, MACHINE, 2));
            assertThat(guest.receive(DEADLINE)).isEqualTo(frame(VM, MACHINE, 2));
        }
    }

    @Test
    void theInterfacesMtuIsTheLimitAlsoWhenItChanges() {
        launch(1);
        open(Role.ALL, false, false);
        try (TestGuest guest = guest(); PacketSocket machine = machine()) {
            byte[] frame = new byte[1200];
            System.arraycopy(frame(MACHINE, VM, 1), 0, frame, 0, FRAME_BYTES);
            guest.send(frame);
            assertThat(machine.receive(DEADLINE)).isEqualTo(frame);
            host.ip("link set p0 mtu 1000");
            look();
            guest.send(frame);
            guest.send(frame(MACHINE, VM, 2));
            assertThat(machine.receive(DEADLINE)).isEqualTo(frame(MACHINE, VM, 2));
            assertThat(port().drops()).containsOnlyKeys("over-mtu").containsEntry("over-mtu", 1L);
        }
    }

    @Test
    void whatCannotBeOpenedSaysWhy() {
        launch(1);
        host.ip("link add idle type veth peer name other");
        String[][] refused = {
            {"nosuch", "interface nosuch: SIOCGIFINDEX: ENODEV (there is no such interface)"},
            {"idle", "interface idle: bind: ENETDOWN (the interface is down: 'ip link set' sets it up)"},
            {"lo", "interface lo: carries no Ethernet frames"}};
        for (String[] each : refused) {
            assertThatThrownBy(() -> open(new PacketConfig("out", each[0], Role.ALL, List.of(), false, false)))
                .isInstanceOf(DataplaneException.class).hasMessage(each[1]);
        }
        assertThat(dataplane.ports()).isEmpty();
        open(Role.HOST, false, false);
        assertThat(host.run("", "ip", "-d", "link", "show", "p0")).contains("promiscuity 0 ");
        assertThat(port()).extracting(PortStatus::kind, PortStatus::detail, PortStatus::up)
            .containsExactly("packet", "p0 host", true);
    }

    @Test
    void configurationsThatMakeNoSenseAreRefused() {
        List<Long> macs = List.of(VM);
        assertRefused("interface: 'a b'", "a b", Role.ALL, List.of(), false);
        assertRefused("macs: 1: none, with role all", "p0", Role.ALL, macs, false);
        assertRefused("macs: 0: 1 to 64", "p0", Role.PROXY, List.of(), false);
        assertRefused("macs: there are two alike", "p0", Role.HOST, List.of(VM, VM), false);
        assertRefused("macs: 01:00:5e:00:00:01: no station's address", "p0", Role.HOST, List.of(GROUP), false);
        assertRefused("multicast: is for role proxy", "p0", Role.HOST, macs, true);
    }

    private static void assertRefused(String why, String device, Role role, List<Long> macs, boolean multicast) {
        assertThatThrownBy(() -> new PacketConfig("out", device, role, macs, multicast, false))
            .isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }
}
