package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.wire.ReferenceFrame;

/** What is a packet socket's own: VLAN tags, filters, lengths, interfaces that come and go. */
@ParameterizedClass
@EnumSource(names = {"EPOLL", "IO_URING"})
class PacketChannelTest extends PollerTest {
    private static final int SLOTS = 1024;

    private final SplittableRandom random = Seeds.random("PacketChannelTest");

    /** With tags (type and value) behind its addresses. */
    private static byte[] tagged(byte[] frame, int... tags) {
        ByteBuffer bytes = ByteBuffer.allocate(frame.length + 4 * tags.length).put(frame, 0, 12);
        for (int tag : tags) {
            bytes.putInt(tag);
        }
        return bytes.put(frame, 12, frame.length - 12).array();
    }

    @Test
    void vlanTagsAreWhereTheyWere() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.packets(host, PacketFilter.all(false), 1500);
                List<byte[]> sent = new ArrayList<>();
                for (int i = 0; i < 60; i++) {
                    byte[] frame = PollerRig.frame(random, 60 + random.nextInt(1_400));
                    int vlan = random.nextInt(1, 1 << 16);
                    sent.add(switch (i % 4) {
                        case 0 -> frame;
                        case 1 -> tagged(frame, 0x8100_0000 | vlan);
                        case 2 -> tagged(frame, 0x88A8_0000 | vlan);
                        default -> tagged(frame, 0x88A8_0000 | vlan, 0x8100_0000 | random.nextInt(1 << 16));
                    });
                    rig.send(ends[0], sent.getLast());
                }
                PollerRig.assertFrames(rig.receive(ends[1], sent.size()), sent);
                byte[] superFrame = tagged(PollerRig.superFrame(random, 30_000), 0x8100_0007);
                long offload = Offload.superFrame(Offload.TCP4, 1400, 38, 16);
                rig.send(ends[1], superFrame, offload);
                List<PollerRig.Received> received = rig.receive(ends[0], 1);
                PollerRig.assertFrames(received, List.of(superFrame));
                assertThat(received.getFirst().offload()).isEqualTo(offload);
                assertThat(rig.counters.dropsByLabel()).isEmpty();
                PollerRig.close(ends);
            }
            return null;
        });
    }

    /** A kernel that may not know super-frames of UDP (before Linux 6.2) gets each datagram by itself, complete. */
    @Test
    void superFramesOfUdpAreCutWhereTheKernelMayNotTakeThem() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] taps = rig.taps(host, Layout.TAP_CHECKSUM | Layout.TAP_TCP);
                assertCutsUdp(rig, taps[0], taps[1]);
                FrameChannel[] ends = rig.packets(host, PacketFilter.all(false), 1500);
                assertCutsUdp(rig, ends[0], ends[1]);
                PollerRig.close(taps);
                PollerRig.close(ends);
            }
            return null;
        });
    }

    private void assertCutsUdp(PollerRig rig, FrameChannel from, FrameChannel to) {
        ReferenceFrame frame;
        do {
            frame = ReferenceFrame.random(random, 20_000);
        } while (!frame.isUdp());
        List<byte[]> segments = frame.cut(1_000).stream().map(ReferenceFrame::completed).toList();
        byte[] small = PollerRig.frame(random, 60);
        rig.send(from, frame.bytes(), frame.superFrame(1_000));
        rig.send(from, small);
        List<PollerRig.Received> received = rig.receive(to, segments.size() + 1);
        PollerRig.assertFrames(received.subList(0, segments.size()), segments);
        assertThat(received).allMatch(each -> each.offload() == Offload.NONE);
        assertThat(received.getLast().bytes()).isEqualTo(small);
        assertThat(rig.counters.dropsByLabel()).isEmpty();
    }

    /** The kernel's own view of the programs, with as many addresses as there may be. */
    @Test
    void filtersTakeWhatTheySay() {
        List<Long> macs = PacketFilterTest.stations(random, PacketFilter.MACS_MAX);
        assertTakes(PacketFilter.proxy(macs, true, false), PacketFilterTest.proxy(macs, true), macs);
        assertTakes(PacketFilter.proxy(macs, false, true), PacketFilterTest.proxy(macs, false), macs);
        assertTakes(PacketFilter.host(macs, false), PacketFilterTest.host(macs), macs);
    }

    private void assertTakes(PacketFilter filter, Predicate<PacketFilterTest.Addresses> expected, List<Long> macs) {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.packets(host, filter, 1500);
                List<byte[]> taken = new ArrayList<>();
                for (int i = 0; i < 300; i++) {
                    PacketFilterTest.Addresses each = PacketFilterTest.addresses(random, macs);
                    byte[] frame = each.frame(60);
                    frame[20] = (byte) i;
                    rig.send(ends[0], frame);
                    if (expected.test(each)) {
                        taken.add(frame);
                    }
                }
                PollerRig.assertFrames(rig.receive(ends[1], taken.size()), taken);
                assertThat(rig.receiveSome(ends[1], new ArrayList<>())).isZero();
                PollerRig.close(ends);
                host.ip("link del p0");
            }
            return null;
        });
    }

    @Test
    void whatIsLongerThanTheInterfaceCanSendIsDropped() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.packets(host, PacketFilter.all(false), 1000);
                List<byte[]> sent = List.of(PollerRig.frame(random, 1014),
                    tagged(PollerRig.frame(random, 1014), 0x8100_0001), PollerRig.superFrame(random, 20_000));
                rig.send(ends[0], PollerRig.frame(random, 1015));
                rig.send(ends[0], sent.get(0));
                rig.send(ends[0], tagged(PollerRig.frame(random, 1015), 0x8100_0001));
                rig.send(ends[0], sent.get(1));
                rig.send(ends[0], PollerRig.superFrame(random, 20_000),
                    Offload.superFrame(Offload.TCP4, 961, 34, 16));
                rig.send(ends[0], sent.get(2), Offload.superFrame(Offload.TCP4, 960, 34, 16));
                PollerRig.assertFrames(rig.receive(ends[1], 3), sent);
                assertThat(rig.counters.dropsByLabel()).isEqualTo(Map.of("over-mtu", 3L));
                PollerRig.close(ends);
            }
            return null;
        });
    }

    @Test
    void aSocketRestsWhileItsInterfaceIsDownAndIsDeafWhenThatIsGone() {
        host.in(() -> {
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                FrameChannel[] ends = rig.packets(host, PacketFilter.all(true), 1500);
                HostInterface before = Devices.lookAt("p1");
                assertThat(before).matches(HostInterface::isEthernet).matches(HostInterface::isUp)
                    .extracting(HostInterface::mtu).isEqualTo(1500);
                host.ip("link set p1 down");
                rig.poller.poll(0);
                assertThat(Devices.lookAt("p1")).matches(now -> now.index() == before.index() && !now.isUp());
                assertThat(rig.receiveSome(ends[1], new ArrayList<>())).isZero();
                rig.poller.poll(1_000_000);
                assertThat(rig.receiveSome(ends[1], new ArrayList<>())).isZero();
                host.ip("link set p1 up");
                host.awaitRunning("p0");
                byte[] frame = PollerRig.frame(random, 100);
                rig.send(ends[0], frame);
                PollerRig.assertFrames(rig.receive(ends[1], 1), List.of(frame));

                host.ip("link del p0");
                rig.poller.poll(0);
                assertThat(rig.receiveSome(ends[1], new ArrayList<>())).isZero();
                rig.send(ends[1], frame);
                assertThat(rig.counters.dropsByLabel()).isEqualTo(Map.of("egress-error", 1L));
                assertThat(Devices.lookAt("p1")).isNull();
                assertThatThrownBy(() -> Devices.openPacket("p1", before.index(), PacketFilter.all(false), 1))
                    .isInstanceOf(KernelException.class)
                    .hasMessage("interface p1: bind: ENODEV (there is no such interface)");
                PollerRig.close(ends);
            }
            return null;
        });
    }

    @Test
    void aSocketKnowsWhatItIsBoundToAndForgetsItsDropsWhenTheyAreTold() {
        host.in(() -> {
            PollerRig.cable(host);
            int index = Devices.lookAt("p1").index();
            int[] fds = Devices.openPacket("p1", index, PacketFilter.all(false), 2);
            assertThat(Devices.boundInterface(fds[1])).isEqualTo(index);
            try (PollerRig rig = new PollerRig(kind, SLOTS)) {
                int fd = Devices.openPacket("p0", Devices.lookAt("p0").index(), PacketFilter.all(false), 1)[0];
                FrameChannel sender = rig.poller.packet(fd, () -> 1500, () -> { });
                byte[] frame = PollerRig.superFrame(random, 60_000);
                for (int i = 0; i < 1_000; i++) {
                    rig.send(sender, frame, Offload.superFrame(Offload.TCP4, 1400, 34, 16));
                }
                sender.close();
            }
            assertThat(Devices.takePacketDrops(fds[0])).isBetween(1, 1_000);
            assertThat(Devices.takePacketDrops(fds[0])).isZero();
            host.ip("link del p0");
            assertThat(Devices.boundInterface(fds[0])).isNotPositive();
            for (int fd : fds) {
                Devices.close(fd);
            }
            return null;
        });
    }
}
