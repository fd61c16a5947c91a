package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.violin.dataplane.sys.PacketFilter.JUMP_IF_EQUAL;
import static org.violin.dataplane.sys.PacketFilter.JUMP_IF_SET;
import static org.violin.dataplane.sys.PacketFilter.LOAD_BYTE;
import static org.violin.dataplane.sys.PacketFilter.LOAD_HALF;
import static org.violin.dataplane.sys.PacketFilter.LOAD_SCRATCH;
import static org.violin.dataplane.sys.PacketFilter.LOAD_WORD;
import static org.violin.dataplane.sys.PacketFilter.RETURN;
import static org.violin.dataplane.sys.PacketFilter.STORE_SCRATCH;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;
import org.violin.dataplane.wire.Ethernet;

/** The kernel's programs, run by an interpreter, beside what they are to say. */
class PacketFilterTest {
    /** BPF_MAXINSNS. */
    private static final int INSTRUCTIONS_MAX = 4096;
    private static final int FRAMES = 2_000;

    private final SplittableRandom random = Seeds.random("PacketFilterTest");

    /** A frame's addresses. */
    record Addresses(long destination, long source) {
        /** So many bytes of a frame. */
        byte[] frame(int length) {
            ByteBuffer frame = ByteBuffer.allocate(Math.max(length, 2 * Long.BYTES));
            frame.putLong(0, destination << Short.SIZE).putLong(6, source << Short.SIZE | 0x88B5);
            return Arrays.copyOf(frame.array(), length);
        }
    }

    static Predicate<Addresses> host(List<Long> macs) {
        return frame -> macs.contains(frame.source);
    }

    static Predicate<Addresses> proxy(List<Long> macs, boolean multicast) {
        return frame -> !macs.contains(frame.source) && (macs.contains(frame.destination)
            || frame.destination == Ethernet.BROADCAST || multicast && Ethernet.isGroup(frame.destination));
    }

    /** Stations that have much in common, so that many frames are right in one half of an address. */
    static List<Long> stations(SplittableRandom random, int count) {
        Set<Long> stations = new LinkedHashSet<>();
        while (stations.size() < count) {
            stations.add(address(random) & ~Ethernet.GROUP_BIT);
        }
        return List.copyOf(stations);
    }

    private static long address(SplittableRandom random) {
        long first = random.nextInt(4) == 0 ? random.nextInt() & 0xFFFF_FFFFL : 0xFA16_3E00L + random.nextInt(4);
        return first << Short.SIZE | (random.nextInt(4) == 0 ? random.nextInt(1 << 16) : 0xFFF8 + random.nextInt(8));
    }

    static Addresses addresses(SplittableRandom random, List<Long> stations) {
        return new Addresses(oneOf(random, stations), oneOf(random, stations));
    }

    private static long oneOf(SplittableRandom random, List<Long> stations) {
        return switch (random.nextInt(8)) {
            case 0 -> Ethernet.BROADCAST;
            case 1 -> address(random) | Ethernet.GROUP_BIT;
            case 2, 3 -> address(random);
            case 4 -> stations.get(random.nextInt(stations.size())) ^ 1L << random.nextInt(48);
            default -> stations.get(random.nextInt(stations.size()));
        };
    }

    /** What the program returns for a frame; the kernel has one that reads beyond a frame's end return 0. */
    private static int run(List<PacketFilter.Instruction> program, byte[] frame) {
        ByteBuffer bytes = ByteBuffer.wrap(frame);
        int[] scratch = new int[16];
        int accumulator = 0;
        for (int at = 0; ; at++) {
            PacketFilter.Instruction each = program.get(at);
            int size = each.code() == LOAD_WORD ? 4 : each.code() == LOAD_HALF ? 2 : each.code() == LOAD_BYTE ? 1 : 0;
            if (size > 0 && each.operand() + size > frame.length) {
                return 0;
            }
            switch (each.code()) {
                case LOAD_WORD -> accumulator = bytes.getInt(each.operand());
                case LOAD_HALF -> accumulator = bytes.getShort(each.operand()) & 0xFFFF;
                case LOAD_BYTE -> accumulator = bytes.get(each.operand()) & 0xFF;
                case LOAD_SCRATCH -> accumulator = scratch[each.operand()];
                case STORE_SCRATCH -> scratch[each.operand()] = accumulator;
                case JUMP_IF_EQUAL -> at += accumulator == each.operand() ? each.ifTrue() : each.ifFalse();
                case JUMP_IF_SET -> at += (accumulator & each.operand()) != 0 ? each.ifTrue() : each.ifFalse();
                case RETURN -> {
                    return each.operand();
                }
                default -> throw new AssertionError(each);
            }
        }
    }

    private void assertSays(PacketFilter filter, Predicate<Addresses> expected, List<Long> stations) {
        List<PacketFilter.Instruction> program = filter.program();
        assertThat(program).hasSizeLessThanOrEqualTo(INSTRUCTIONS_MAX);
        List<Boolean> seen = new ArrayList<>();
        for (int i = 0; i < FRAMES; i++) {
            Addresses frame = addresses(random, stations);
            boolean taken = expected.test(frame);
            seen.add(taken);
            assertThat(run(program, frame.frame(14 + random.nextInt(1_500)))).as("%s, %s", frame, stations)
                .isEqualTo(taken ? -1 : 0);
        }
        assertThat(seen).contains(true, false);
    }

    @Test
    void aHostTakesWhatComesFromItsStations() {
        for (int count : List.of(1, 2, 7, PacketFilter.MACS_MAX)) {
            List<Long> macs = stations(random, count);
            assertSays(PacketFilter.host(macs, true), host(macs), macs);
        }
    }

    @Test
    void aProxyTakesWhatIsForItsStationsOrForAllAndNotFromThem() {
        for (int count : List.of(1, 2, 7, PacketFilter.MACS_MAX)) {
            List<Long> macs = stations(random, count);
            for (boolean multicast : List.of(false, true)) {
                assertSays(PacketFilter.proxy(macs, multicast, false), proxy(macs, multicast), macs);
            }
        }
    }

    @Test
    void theRoleOfAllNeedsNoProgram() {
        assertThat(PacketFilter.all(true).program()).isEmpty();
        assertThat(PacketFilter.all(true).text()).isEqualTo("all promiscuous");
        assertThat(PacketFilter.proxy(List.of(2L), false, false).text()).isEqualTo("proxy");
    }

    /** Where a proxy is not promiscuous, the interface has to know for whom else frames come. */
    @Test
    void anInterfaceIsToldNoMoreThanNeeded() {
        List<Long> macs = List.of(0x0200_0000_0001L, 0x0200_0000_0002L);
        PacketFilter.Membership promiscuous = new PacketFilter.Membership(1, 0);
        assertThat(PacketFilter.all(false).memberships()).isEmpty();
        assertThat(PacketFilter.host(macs, true).memberships()).containsExactly(promiscuous);
        assertThat(PacketFilter.proxy(macs, true, true).memberships()).containsExactly(promiscuous);
        assertThat(PacketFilter.proxy(macs, true, false).memberships()).containsExactly(
            new PacketFilter.Membership(3, macs.get(0)), new PacketFilter.Membership(3, macs.get(1)),
            new PacketFilter.Membership(2, 0));
    }
}
