package org.violin.dataplane.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.wire.Ethernet;

class SwitchTest {
    private static final long A = 0x0200_0000_000AL;
    private static final long B = 0x0200_0000_000BL;
    private static final long C = 0x0200_0000_000CL;
    private static final long NEIGHBOUR_DISCOVERY = 0x3333_FF00_000BL;
    private static final Bridge.Speaker SILENT = (from, ports, count, frame, length) -> true;

    private final Switch bridge = new Switch(new MacTable(1024, 300, 42, 0));
    private final Frames frames = new Frames(64);

    @BeforeEach
    void threePorts() {
        for (int port = 0; port < 3; port++) {
            bridge.addPort(port);
        }
    }

    private int decide(int ingressPort, long destination, long source) {
        return frames.decideOne(bridge, ingressPort, destination, source);
    }

    private static DropReason reason(int verdict) {
        assertThat(Verdict.isDrop(verdict)).isTrue();
        return Verdict.reason(verdict);
    }

    @Test
    void verdictsTellThemselvesApart() {
        assertThat(Verdict.isDrop(Verdict.FLOOD)).isFalse();
        assertThat(Verdict.isDrop(Verdict.CHOSEN)).isFalse();
        assertThat(Verdict.isDrop(0)).isFalse();
        assertThat(DropReason.values()).allMatch(r -> Verdict.isDrop(Verdict.drop(r))
            && Verdict.reason(Verdict.drop(r)) == r);
    }

    @Test
    void floodsToTheUnknownAndLearnsFromTheAnswer() {
        assertThat(decide(0, B, A)).isEqualTo(Verdict.FLOOD);
        assertThat(decide(1, A, B)).isZero();
        assertThat(decide(0, B, A)).isEqualTo(1);
    }

    @Test
    void floodsBroadcastAndMulticast() {
        assertThat(decide(0, Ethernet.BROADCAST, A)).isEqualTo(Verdict.FLOOD);
        assertThat(decide(0, NEIGHBOUR_DISCOVERY, A)).isEqualTo(Verdict.FLOOD);
    }

    @Test
    void sendsNothingBackToWhereItCameFrom() {
        decide(0, Ethernet.BROADCAST, A);
        decide(0, Ethernet.BROADCAST, B);
        assertThat(reason(decide(0, A, B))).isEqualTo(DropReason.HAIRPIN);
    }

    @Test
    void followsAStationThatMoves() {
        decide(0, Ethernet.BROADCAST, A);
        decide(2, Ethernet.BROADCAST, A);
        assertThat(decide(1, A, B)).isEqualTo(2);
    }

    @Test
    void keepsLinkLocalFramesButTheSpanningTrees() {
        assertThat(decide(0, 0x0180_C200_0000L, A)).isEqualTo(Verdict.FLOOD);
        for (int i = 1; i < 16; i++) {
            assertThat(reason(decide(0, 0x0180_C200_0000L + i, A))).isEqualTo(DropReason.LINK_LOCAL_RESERVED);
        }
        assertThat(decide(0, 0x0180_C200_0010L, A)).isEqualTo(Verdict.FLOOD);
    }

    @Test
    void refusesSourcesThatNoStationHas() {
        assertThat(reason(decide(0, B, 0x0100_0000_0001L))).isEqualTo(DropReason.SOURCE_MULTICAST);
        assertThat(reason(decide(0, B, Ethernet.BROADCAST))).isEqualTo(DropReason.SOURCE_MULTICAST);
        assertThat(reason(decide(0, B, 0))).isEqualTo(DropReason.SOURCE_ZERO);
        assertThat(bridge.table().size()).isZero();
    }

    @Test
    void looksAtNoTag() {
        decide(1, Ethernet.BROADCAST, B);
        frames.clear().add(B, A, 0x8100).add(B, C, 0x88A8).add(B, C, 5).decide(bridge, 0);
        assertThat(Arrays.copyOf(frames.verdicts, 3)).containsOnly(1);
    }

    @Test
    void forgetsTheStationsOfAPortThatGoes() {
        decide(1, Ethernet.BROADCAST, B);
        bridge.removePort(1);
        bridge.removePort(1);
        bridge.forgetPort(1);
        assertThat(decide(0, B, A)).isEqualTo(Verdict.FLOOD);
        assertThat(Arrays.copyOf(bridge.members(), bridge.memberCount())).containsExactly(0, 2);
        assertThat(bridge.addPort(1)).isTrue();
        assertThat(decide(0, B, A)).isEqualTo(Verdict.FLOOD);
    }

    @Test
    void aloneItDropsWithAReason() {
        bridge.removePort(1);
        bridge.removePort(2);
        assertThat(reason(decide(0, Ethernet.BROADCAST, A))).isEqualTo(DropReason.NO_EGRESS);
        assertThat(reason(decide(0, B, A))).isEqualTo(DropReason.NO_EGRESS);
    }

    @Test
    void takesManyPorts() {
        for (int port = 3; port < 1000; port++) {
            bridge.addPort(port);
        }
        bridge.addPort(MacTable.MAX_PORT);
        decide(MacTable.MAX_PORT, Ethernet.BROADCAST, B);
        assertThat(decide(0, B, A)).isEqualTo(MacTable.MAX_PORT);
        assertThat(bridge.memberCount()).isEqualTo(1001);
        assertThatThrownBy(() -> bridge.addPort(999)).hasMessageContaining("999");
        assertThatThrownBy(() -> bridge.addPort(-1)).hasMessageContaining("65534");
    }

    /** What the standard says, in the plainest words. */
    private static final class ReferenceSwitch {
        final List<Integer> ports = new ArrayList<>();
        final Map<Long, Integer> stations = new HashMap<>();

        int decide(int ingressPort, long destination, long source) {
            if (source == 0) {
                return Verdict.drop(DropReason.SOURCE_ZERO);
            }
            if ((source >> 40 & 1) == 1) {
                return Verdict.drop(DropReason.SOURCE_MULTICAST);
            }
            stations.put(source, ingressPort);
            if (destination >= 0x0180_C200_0001L && destination <= 0x0180_C200_000FL) {
                return Verdict.drop(DropReason.LINK_LOCAL_RESERVED);
            }
            int port = stations.getOrDefault(destination, Verdict.FLOOD);
            if (port == ingressPort) {
                return Verdict.drop(DropReason.HAIRPIN);
            }
            return port == Verdict.FLOOD && ports.size() == 1 ? Verdict.drop(DropReason.NO_EGRESS) : port;
        }

        void removePort(int port) {
            ports.remove((Integer) port);
            stations.values().removeIf(p -> p == port);
        }
    }

    @Test
    void agreesWithAReference() {
        SplittableRandom random = Seeds.random("Switch against a reference");
        Switch subject = new Switch(new MacTable(1 << 16, 300, random.nextLong(), 0));
        ReferenceSwitch reference = new ReferenceSwitch();
        long[] addresses = new long[300];
        for (int i = 0; i < addresses.length; i++) {
            long[] kinds = {random.nextLong(1L << 48), 0x0200_0000_0000L + i, 0x0180_C200_0000L + random.nextInt(18),
                Ethernet.BROADCAST, 0};
            addresses[i] = kinds[Math.min(random.nextInt(20), random.nextInt(kinds.length))];
        }
        for (int batch = 0; batch < 20_000; batch++) {
            if (reference.ports.isEmpty() || random.nextInt(20) == 0) {
                int port = random.nextInt(100);
                if (reference.ports.contains(port)) {
                    subject.removePort(port);
                    subject.forgetPort(port);
                    reference.removePort(port);
                } else {
                    subject.addPort(port);
                    reference.ports.add(port);
                }
                continue;
            }
            int ingress = reference.ports.get(random.nextInt(reference.ports.size()));
            frames.clear();
            int[] expected = new int[1 + random.nextInt(64)];
            for (int i = 0; i < expected.length; i++) {
                long destination = addresses[random.nextInt(addresses.length)];
                long source = addresses[random.nextInt(random.nextInt(addresses.length) + 1)];
                frames.add(destination, source);
                expected[i] = reference.decide(ingress, destination, source);
            }
            frames.decide(subject, ingress);
            assertThat(Arrays.copyOf(frames.verdicts, frames.count)).isEqualTo(expected);
        }
    }

    @Test
    void decidesWithoutAllocating() {
        SplittableRandom random = Seeds.random("Switch allocation");
        frames.clear();
        for (int i = 0; i < 64; i++) {
            frames.add(0x0200_0000_0000L + random.nextInt(5000), 0x0200_0000_0000L + random.nextInt(5000));
        }
        Runnable work = () -> {
            for (int i = 0; i < 20_000; i++) {
                frames.storage.putInt(frames.offsets[i & 63] + 8, i);
                frames.decide(bridge, i % 3);
                bridge.onTick(i * 10_000_000L, SILENT);
            }
        };
        assertThat(Allocations.of(20, work)).isZero();
    }
}
