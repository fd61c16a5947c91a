package org.violin.dataplane.bridge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.DirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Allocations;
import org.violin.dataplane.bridge.GroupTable.Limits;
import org.violin.dataplane.bridge.GroupTable.Role;
import org.violin.dataplane.wire.GroupAddress;
import org.violin.dataplane.wire.GroupFrames;
import org.violin.dataplane.wire.GroupMessage;

/** A switch that snoops, with frames as hosts and routers send them and a manual clock. */
class SnoopingTest {
    private static final String GROUP = "239.1.2.3";
    private static final String OTHER = "239.9.9.9";
    private static final String GROUP6 = "ff15::9";
    private static final long MAC = 0x0200_0000_0050L;
    private static final int PORTS = 5;
    private static final long TICK_NS = 100_000_000;
    private static final String GENERAL = "1164 0000 00000000 027d 0000";

    /** A clock that has gone once round, as one may. */
    private long nowNs = Long.MAX_VALUE - 1_000_000_000;
    private final UnsafeBuffer storage = new UnsafeBuffer(0, 0);
    private final int[] verdicts = new int[1];
    /** What the switch has asked since {@link #takeAsked}. */
    private final List<String> asked = new ArrayList<>();
    private boolean hasRoom = true;
    private GroupTable table;
    private Switch bridge;

    private void make(boolean asks, boolean dropsUnknown) {
        make(asks, dropsUnknown, Limits.DEFAULT);
    }

    private void make(boolean asks, boolean dropsUnknown, Limits limits) {
        table = new GroupTable(new Snooping(asks, 125, dropsUnknown, MAC), limits, nowNs);
        bridge = new Switch(new MacTable(1024, 300, 42, nowNs), table);
        for (int port = 0; port < PORTS; port++) {
            bridge.addPort(port);
        }
    }

    /** A switch that asks, and has asked all its ports. */
    private void makeSettled(boolean dropsUnknown) {
        make(true, dropsUnknown);
        pass(136);
        takeAsked();
    }

    private void pass(double seconds) {
        for (int i = 0; i < Math.round(seconds * 10); i++) {
            nowNs += TICK_NS;
            bridge.onTick(nowNs, this::say);
        }
    }

    private boolean say(Bridge from, int[] ports, int count, DirectBuffer frame, int length) {
        GroupMessage message = new GroupMessage();
        assertThat(message.read(frame, 0, length)).isEqualTo(GroupMessage.Kind.QUERY);
        if (hasRoom) {
            asked.add((message.asksOfGroup() ? GroupAddress.format(message.groupHigh(), message.groupLow()) : "all")
                + (message.isIpv6() ? " ipv6 " : " ipv4 ") + Arrays.toString(Arrays.copyOf(ports, count)));
        }
        return hasRoom;
    }

    private List<String> takeAsked() {
        List<String> taken = List.copyOf(asked);
        asked.clear();
        return taken;
    }

    /** What becomes of a frame: {@code flood}, {@code [1, 3]}, or why it is dropped. */
    private String fate(int port, byte[] frame) {
        storage.wrap(frame);
        bridge.decide(port, storage, new int[1], new int[] {frame.length}, 1, verdicts);
        return verdicts[0] == Verdict.FLOOD ? "flood" : verdicts[0] == Verdict.CHOSEN
            ? Arrays.toString(bridge.chosen(0)) : Verdict.reason(verdicts[0]).label();
    }

    private String data(String group) {
        return fate(0, GroupFrames.data(group));
    }

    private void join(int port, String group) {
        fate(port, group.contains(":") ? GroupFrames.mld("83", group) : GroupFrames.igmp("16", group));
    }

    @Test
    void withoutAQuerierAllIsFlooded() {
        make(false, true);
        pass(300);
        assertThat(fate(1, GroupFrames.igmp("16", GROUP))).isEqualTo("flood");
        pass(30);
        assertThat(data(GROUP)).isEqualTo("flood");
        assertThat(data(OTHER)).isEqualTo("flood");
        assertThat(takeAsked()).isEmpty();
        assertThat(table.entries()).extracting(GroupTable.Entry::role).containsExactly(Role.MEMBER);
    }

    @Test
    void aQuerierAsksAtOnceAndSoonAgainAndThenAtItsInterval() {
        make(true, false);
        hasRoom = false;
        pass(1);
        assertThat(takeAsked()).isEmpty();
        hasRoom = true;
        pass(0.1);
        assertThat(takeAsked()).containsExactly("all ipv4 [0, 1, 2, 3, 4]", "all ipv6 [0, 1, 2, 3, 4]");
        pass(31);
        assertThat(takeAsked()).isEmpty();
        pass(0.5);
        assertThat(takeAsked()).hasSize(2);
        pass(124);
        assertThat(takeAsked()).isEmpty();
        pass(1.5);
        assertThat(takeAsked()).hasSize(2);
    }

    /** RFC 4541, 2.1.2: a group's frames to its members, unknown ones and those of the link to all. */
    @Test
    void aGroupsFramesGoToItsMembersAlone() {
        make(true, false);
        join(1, GROUP);
        join(1, GROUP6);
        pass(9.9);
        assertThat(data(GROUP)).as("before all have answered").isEqualTo("flood");
        pass(1);
        assertThat(data(GROUP)).as("before all have been asked for certain").isEqualTo("[0, 1, 2, 3, 4]");
        pass(125);
        assertThat(data(GROUP)).isEqualTo("[1]");
        assertThat(data(GROUP6)).isEqualTo("[1]");
        join(3, GROUP);
        assertThat(data(GROUP)).isEqualTo("[1, 3]");
        assertThat(fate(3, GroupFrames.data(GROUP))).as("the worker leaves out where it came from")
            .isEqualTo("[1, 3]");
        assertThat(fate(1, GroupFrames.data(GROUP6))).isEqualTo("no-member");
        for (String everybodys : List.of(OTHER, "ff15::1:9", "224.0.0.251", "ff02::fb", "ff02::1:ff00:1")) {
            assertThat(data(everybodys)).as(everybodys).isEqualTo("flood");
        }
        join(1, "224.0.0.251");
        join(1, "ff02::1:ff00:1");
        assertThat(data("224.0.0.251")).isEqualTo("flood");
        assertThat(table.entries().stream().filter(entry -> entry.role() == Role.MEMBER)).hasSize(3);
    }

    @Test
    void unknownGroupsAreDroppedWhereThatIsWanted() {
        makeSettled(true);
        assertThat(data(OTHER)).isEqualTo("no-member");
        assertThat(data("224.0.0.251")).isEqualTo("flood");
        fate(4, GroupFrames.pim("10.0.0.9"));
        assertThat(data(OTHER)).as("routers get all").isEqualTo("[4]");
        assertThat(data("ff15::1:9")).as("of their family").isEqualTo("no-member");
    }

    /** 2 x 125 s + 10 s (RFC 3376, 8.4). */
    @Test
    void aMembershipThatNobodyRenewsAges() {
        makeSettled(false);
        join(1, GROUP);
        join(3, GROUP);
        pass(200);
        join(3, GROUP);
        pass(59);
        assertThat(data(GROUP)).isEqualTo("[1, 3]");
        pass(1.1);
        assertThat(data(GROUP)).isEqualTo("[3]");
        pass(200);
        assertThat(data(GROUP)).isEqualTo("flood");
        assertThat(table.counters().get(GroupCounter.JOINED)).isEqualTo(2);
        assertThat(table.counters().get(GroupCounter.AGED)).isEqualTo(2);
    }

    /** RFC 4541, 2.1.1: to where routers are, by whichever of their signs. */
    @Test
    void reportsGoToRoutersAlone() {
        makeSettled(false);
        assertThat(fate(1, GroupFrames.igmp("16", GROUP))).isEqualTo("report-kept");
        assertThat(fate(3, GroupFrames.igmp("10.0.0.9", "224.0.0.1", GENERAL))).isEqualTo("flood");
        assertThat(fate(1, GroupFrames.igmp("16", GROUP))).isEqualTo("[3]");
        assertThat(fate(3, GroupFrames.igmp("16", GROUP))).isEqualTo("report-kept");
        assertThat(data(GROUP)).isEqualTo("[1, 3]");
        assertThat(fate(4, GroupFrames.pim("10.0.0.8"))).isEqualTo("flood");
        assertThat(fate(2, GroupFrames.igmp("10.0.0.7", "224.0.0.106", "3014 0000 00000000"))).isEqualTo("flood");
        assertThat(fate(1, GroupFrames.igmp("17", GROUP))).isEqualTo("[2, 3, 4]");
        assertThat(fate(1, GroupFrames.mld("83", GROUP6))).as("IPv6 has other routers").isEqualTo("report-kept");
        fate(2, GroupFrames.pim("fe80::9"));
        assertThat(fate(1, GroupFrames.mld("83", GROUP6))).isEqualTo("[2]");
        pass(261);
        join(1, GROUP);
        assertThat(data(GROUP)).as("a router that says nothing has gone").isEqualTo("[1]");
    }

    /** RFC 2236, 3: who is left is asked twice, and has a second to answer each time. */
    @Test
    void aMemberThatLeavesIsForgottenWhenNobodyElseAnswers() {
        makeSettled(false);
        join(1, GROUP);
        join(3, GROUP);
        fate(2, GroupFrames.igmp("17", GROUP));
        pass(1);
        assertThat(takeAsked()).as("no member left").isEmpty();
        fate(1, GroupFrames.igmp("17", GROUP));
        pass(0.5);
        assertThat(takeAsked()).containsExactly("239.1.2.3 ipv4 [1]");
        fate(1, GroupFrames.igmp("17", GROUP));
        pass(1);
        assertThat(takeAsked()).containsExactly("239.1.2.3 ipv4 [1]");
        assertThat(data(GROUP)).isEqualTo("[1, 3]");
        pass(1.2);
        assertThat(data(GROUP)).isEqualTo("[3]");
        join(1, GROUP);
        fate(1, GroupFrames.igmp3("03000000" + GroupFrames.hex(GROUP)));
        pass(0.5);
        join(1, GROUP);
        pass(200);
        assertThat(data(GROUP)).as("somebody is left").isEqualTo("[1, 3]");
        takeAsked();
        join(4, GROUP6);
        fate(4, GroupFrames.mld("84", GROUP6));
        pass(3);
        assertThat(takeAsked()).containsExactly("ff15::9 ipv6 [4]", "ff15::9 ipv6 [4]");
        assertThat(data(GROUP6)).isEqualTo("flood");
    }

    /** Its question is not sent by this switch, but shortens the members' time all the same (RFC 3376, 6.6.1). */
    @Test
    void anotherQueriersQuestionOfAGroupIsHeeded() {
        make(false, false);
        pass(136);
        fate(4, GroupFrames.igmp("10.0.0.9", "224.0.0.1", GENERAL));
        join(1, GROUP);
        join(3, GROUP);
        pass(11);
        fate(1, GroupFrames.igmp("17", GROUP));
        pass(5);
        assertThat(data(GROUP)).isEqualTo("[1, 3, 4]");
        fate(4, GroupFrames.igmp("10.0.0.9", GROUP, "110a 0000 ef010203 0a7d 0000"));
        pass(5);
        assertThat(data(GROUP)).as("routers alone are not to heed it").isEqualTo("[1, 3, 4]");
        assertThat(fate(4, GroupFrames.igmp("10.0.0.9", GROUP, "110a 0000 ef010203"))).isEqualTo("flood");
        join(3, GROUP);
        pass(3);
        assertThat(data(GROUP)).isEqualTo("[3, 4]");
    }

    @Test
    void anotherQuerierIsWaitedForAndMissed() {
        make(false, false);
        pass(136);
        fate(4, GroupFrames.igmp("0.0.0.0", "224.0.0.1", GENERAL));
        join(1, GROUP);
        assertThat(fate(1, GroupFrames.igmp("16", GROUP))).as("whose reports are for it").isEqualTo("[4]");
        pass(9.9);
        assertThat(data(GROUP)).as("before all have answered").isEqualTo("flood");
        pass(0.2);
        assertThat(data(GROUP)).isEqualTo("[1, 4]");
        assertThat(data(GROUP6)).isEqualTo("flood");
        pass(240);
        join(1, GROUP);
        assertThat(data(GROUP)).isEqualTo("[1, 4]");
        pass(6);
        assertThat(data(GROUP)).as("255 s after its last word").isEqualTo("flood");
    }

    @Test
    void theLowestAddressAsks() {
        makeSettled(false);
        fate(4, GroupFrames.from(0x51, GroupFrames.igmp("0.0.0.0", "224.0.0.1", GENERAL)));
        fate(4, GroupFrames.mld("fe80::ffff:ffff:ffff:ffff", "ff02::1", query6()));
        assertThat(queriers()).as("a higher one yields").containsExactly(GroupTable.OWN, GroupTable.OWN);
        fate(4, GroupFrames.from(0x4F, GroupFrames.igmp("0.0.0.0", "224.0.0.1", GENERAL)));
        fate(3, GroupFrames.mld("fe80::1", "ff02::1", query6()));
        assertThat(queriers()).containsExactly(4, 3);
        fate(2, GroupFrames.igmp("10.0.0.9", "224.0.0.1", GENERAL));
        fate(1, GroupFrames.igmp("10.0.0.10", "224.0.0.1", GENERAL));
        fate(1, GroupFrames.mld("fe80::2", "ff02::1", query6()));
        assertThat(queriers()).as("any address is lower than none").containsExactly(2, 3);
        takeAsked();
        pass(250);
        assertThat(takeAsked()).isEmpty();
        pass(10);
        assertThat(takeAsked()).as("it is missed, and asked in its place")
            .containsExactlyInAnyOrder("all ipv4 [0, 1, 2, 3, 4]", "all ipv6 [0, 1, 2, 3, 4]");
        assertThat(queriers()).containsExactly(GroupTable.OWN, GroupTable.OWN);
    }

    private static String query6() {
        return "8200 0000 2710 0000" + "00".repeat(16) + "027d 0000";
    }

    private List<Integer> queriers() {
        return table.entries().stream().filter(entry -> entry.role() == Role.QUERIER).map(GroupTable.Entry::port)
            .toList();
    }

    /** A querier that asks seldom says so (RFC 3376, 4.1.7): nobody ages before it has asked. */
    @Test
    void membershipsLastAsLongAsTheQuerierTakes() {
        make(false, false);
        pass(136);
        fate(4, GroupFrames.igmp("10.0.0.9", "224.0.0.1", "1164 0000 00000000 0292 0000"));
        join(1, GROUP);
        pass(500);
        assertThat(data(GROUP)).as("it asks every 288 s").isEqualTo("[1, 4]");
        pass(90);
        fate(4, GroupFrames.igmp("10.0.0.9", "224.0.0.1", "1164 0000 00000000 0292 0000"));
        assertThat(data(GROUP)).isEqualTo("flood");
    }

    /** What does not fit is counted, and its port gets everything, until it asks for no more than fits. */
    @Test
    void aPortThatWantsTooMuchGetsEverythingAndTakesNobodysPlace() {
        make(true, true, new Limits(6, 2, 3));
        pass(136);
        for (int i = 1; i <= 9; i++) {
            join(1, "239.0.0." + i);
        }
        join(2, "239.0.0.9");
        assertThat(data("239.0.0.3")).isEqualTo("[1]");
        assertThat(data("239.0.0.7")).as("one that did not fit").isEqualTo("[1]");
        assertThat(data("239.0.0.9")).isEqualTo("[1, 2]");
        assertThat(table.counters().get(GroupCounter.REFUSED)).isEqualTo(6);
        join(3, "239.0.0.1");
        join(4, "239.0.0.1");
        assertThat(data("239.0.0.1")).as("more ports than a group has").isEqualTo("[1, 3, 4]");
        join(2, "239.0.0.10");
        join(2, "239.0.0.11");
        join(0, "239.0.0.12");
        assertThat(data("239.0.0.99")).as("who overflows gets it").isEqualTo("[0, 1, 4]");
        pass(200);
        join(1, "239.0.0.1");
        pass(61);
        assertThat(data("239.0.0.1")).isEqualTo("[1]");
        assertThat(data("239.0.0.7")).isEqualTo("no-member");
    }

    @Test
    void aPortThatGoesIsForgottenAndOneThatComesGetsAll() {
        makeSettled(true);
        join(1, GROUP);
        join(3, GROUP);
        fate(3, GroupFrames.pim("10.0.0.9"));
        bridge.removePort(3);
        bridge.forgetPort(3);
        assertThat(data(GROUP)).isEqualTo("[1]");
        assertThat(fate(1, GroupFrames.igmp("16", GROUP))).isEqualTo("report-kept");
        bridge.addPort(3);
        assertThat(data(GROUP)).isEqualTo("[1, 3]");
        assertThat(data(OTHER)).isEqualTo("[3]");
        pass(135.1);
        assertThat(data(GROUP)).isEqualTo("[1]");
        assertThat(data(OTHER)).isEqualTo("no-member");
    }

    @Test
    void whatCannotBeReliedOnIsDroppedAndChangesNothing() {
        makeSettled(false);
        byte[] report = GroupFrames.igmp("16", GROUP);
        report[report.length - 1] ^= 1;
        assertThat(fate(1, report)).isEqualTo("bad-report");
        assertThat(data(GROUP)).isEqualTo("flood");
        assertThat(fate(0, Arrays.copyOf(GroupFrames.data(GROUP), 33))).as("cut short").isEqualTo("flood");
        assertThat(fate(0, Arrays.copyOf(GroupFrames.data(GROUP), 14))).isEqualTo("flood");
    }

    @Test
    void theTableIsListed() {
        makeSettled(false);
        join(1, GROUP);
        fate(2, GroupFrames.mld2("04000000" + GroupFrames.hex(GROUP6)));
        fate(4, GroupFrames.pim("10.0.0.9"));
        bridge.addPort(5);
        pass(7);
        assertThat(table.entries().stream().map(entry -> entry.role() + " " + entry.isIpv6() + " " + entry.port() + " "
            + entry.version() + " " + (entry.role() == Role.QUERIER ? "" : entry.ageSeconds())).toList())
            .containsExactly("QUERIER false -1 3 ", "QUERIER true -1 2 ", "ROUTER false 4 0 7", "NEW false 5 0 7",
                "MEMBER false 1 2 7", "MEMBER true 2 2 7");
    }

    /** Frames to groups, reports that renew, and queries, as they come all the time. */
    @Test
    void allocatesNothing() {
        makeSettled(true);
        join(1, GROUP);
        byte[][] frames = {GroupFrames.data(GROUP), GroupFrames.data(OTHER), GroupFrames.data(GROUP6),
            GroupFrames.igmp("16", GROUP), GroupFrames.mld2("04000000" + GroupFrames.hex(GROUP6)),
            GroupFrames.igmp3("04000000" + GroupFrames.hex(GROUP)), GroupFrames.pim("10.0.0.9"),
            GroupFrames.igmp("10.0.0.9", "224.0.0.1", GENERAL), GroupFrames.data("ff02::fb")};
        UnsafeBuffer all = new UnsafeBuffer(new byte[frames.length * 128]);
        int[] offsets = new int[frames.length];
        int[] lengths = new int[frames.length];
        int[] fates = new int[frames.length];
        for (int i = 0; i < frames.length; i++) {
            offsets[i] = 128 * i;
            lengths[i] = frames[i].length;
            all.putBytes(offsets[i], frames[i]);
        }
        Bridge.Speaker speaker = (from, ports, count, frame, length) -> true;
        Runnable work = () -> {
            for (int i = 0; i < 20_000; i++) {
                bridge.decide(2, all, offsets, lengths, frames.length, fates);
                nowNs += TICK_NS;
                bridge.onTick(nowNs, speaker);
            }
        };
        assertThat(Allocations.of(20, work)).isZero();
    }
}
