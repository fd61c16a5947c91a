package org.violin.dataplane.bridge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.wire.GroupAddress;
import org.violin.dataplane.wire.GroupMessage;
import org.violin.dataplane.wire.GroupQuery;

/**
 * Who has joined which multicast groups at a switch, and who asks for it (RFC 4541).
 *
 * <p>Theory of operation. All of it is one immutable {@link Groups} behind one reference, which frames are looked up in
 * without a lock and without allocating. Who changes it makes another and puts that in its place by compare-and-set, or
 * tries again: joins are rare beside frames. What reports change all the time, the members' times, changes in place. A
 * member may so be renewed while it is being forgotten: who renews looks afterwards whether the reference is still the
 * same, and who forgets looks afterwards whether the time is still over, so one of them sees it and enters it again.
 *
 * <p>All is bounded: groups, ports of a group, and groups of a port, so that one guest cannot fill the table. What does
 * not fit is never lost: its port gets all groups, until it has asked for no more than fits for as long as a membership
 * lasts. A port that is new gets them, too, until it has been asked.
 *
 * <p>{@link #onTick}: one worker. {@link #removePort}, {@link #entries}: any thread. The rest: any worker.
 */
public final class GroupTable {
    /** Of {@link Entry#port}: the switch itself. */
    public static final int OWN = -1;

    private static final long SECOND_NS = 1_000_000_000;
    /** Members that one tick looks at, or some more. */
    private static final int SWEEP_MEMBERS = 4096;

    /** How many groups there are at most, ports in each, and groups that each port is in. */
    record Limits(int groups, int portsOfGroup, int groupsOfPort) {
        static final Limits DEFAULT = new Limits(1024, 256, 256);
    }

    /** What a port is to a group, or to all of a family. */
    public enum Role {
        /** It has joined. */
        MEMBER,
        /** It leads to a multicast router or querier, and gets all groups and reports. */
        ROUTER,
        /** It has not been asked yet, and gets all groups. */
        NEW,
        /** It wants more groups than there is room for, and gets all. */
        OVERFLOW,
        /** The one by which the family's querier asks. */
        QUERIER
    }

    /**
     * A line of the table.
     *
     * @param isIpv6     of {@link Role#ROUTER} and {@link Role#QUERIER}: the family
     * @param high       of {@link Role#MEMBER}: the group, {@link GroupAddress}
     * @param port       {@link #OWN}: the switch itself
     * @param version    of the message that said so; 0: of another protocol, or none
     * @param ageSeconds since it was said last
     */
    public record Entry(Role role, boolean isIpv6, long high, long low, int port, int version, int ageSeconds) {
    }

    private final Snooping config;
    private final Limits limits;
    private final Querier ipv4;
    private final Querier ipv6;
    private final AtomicReference<Groups> groups = new AtomicReference<>(Groups.NONE);
    private final Counters<GroupCounter> counters = new Counters<>(GroupCounter.class);
    private volatile long nowNs;
    /** The rest: by the worker that ticks. */
    private final UnsafeBuffer question = new UnsafeBuffer(new byte[GroupQuery.MAX_BYTES]);
    private final int[] onePort = new int[1];
    private int sweepAt;

    /** @param nowNs the clock that {@link #onTick} goes on with */
    public GroupTable(Snooping config, long nowNs) {
        this(config, Limits.DEFAULT, nowNs);
    }

    GroupTable(Snooping config, Limits limits, long nowNs) {
        this.config = config;
        this.limits = limits;
        this.nowNs = nowNs;
        ipv4 = new Querier(config, false, nowNs);
        ipv6 = new Querier(config, true, nowNs);
    }

    public Counters<GroupCounter> counters() {
        return counters;
    }

    Querier querier(boolean isIpv6) {
        return isIpv6 ? ipv6 : ipv4;
    }

    /** Where frames to a group go; null: to all. */
    int[] egress(boolean isIpv6, long high, long low) {
        if (!querier(isIpv6).restricts()) {
            return null;
        }
        Groups now = groups.get();
        Group group = now.find(high, low);
        return group != null ? group.egress : config.dropsUnknown() ? now.always(isIpv6) : null;
    }

    /** Where reports of a family go; null: to all. */
    int[] reportEgress(boolean isIpv6) {
        return querier(isIpv6).isKnown(nowNs) ? groups.get().routers(isIpv6) : null;
    }

    /** A station behind a port is a member. */
    void join(long high, long low, int port, int version) {
        boolean isIpv6 = !GroupAddress.isIpv4(high, low);
        enter(high, low, port, version, nowNs + querier(isIpv6).membershipNs(nowNs));
    }

    /**
     * A station behind a port is no member any more. If this switch is the querier it asks for others there; else the
     * querier does.
     */
    void leave(long high, long low, int port) {
        Group group = groups.get().find(high, low);
        Member member = group == null ? null : group.member(port);
        if (member != null && querier(!GroupAddress.isIpv4(high, low)).asks(nowNs)) {
            member.leave(nowNs);
        }
    }

    /** A query came in by a port. */
    void onQuery(GroupMessage query, long mac, int port) {
        if (!GroupAddress.isGroup(query.groupHigh(), query.groupLow())) {
            querier(query.isIpv6()).onQuery(query, mac, port, nowNs);
        } else if (query.asksOfGroup()) {
            Group group = groups.get().find(query.groupHigh(), query.groupLow());
            for (int i = 0; group != null && i < group.members.length; i++) {
                group.members[i].shorten(nowNs, GroupQuery.ROBUSTNESS * 1_000_000L * query.responseMillis());
            }
        }
        onRouter(query.isIpv6(), port, query.version());
    }

    /** A multicast router of a family, or a querier, is behind a port. */
    void onRouter(boolean isIpv6, int port, int version) {
        enter(0, isIpv6 ? Groups.IPV6_ROUTERS : Groups.IPV4_ROUTERS, port, version,
            nowNs + querier(isIpv6).membershipNs(nowNs));
    }

    /** A port is there, which gets everything until all behind it have been asked for certain. */
    void addPort(int port) {
        enter(0, Groups.NEW, port, 0, nowNs + config.intervalSeconds() * SECOND_NS
            + config.responseMillis() * 1_000_000L);
    }

    /** Makes a port a member, or renews it; where there is no room, it gets all groups. */
    void enter(long high, long low, int port, int version, long untilNs) {
        while (true) {
            Groups before = groups.get();
            Group group = before.find(high, low);
            Member member = group == null ? null : group.member(port);
            if (member != null) {
                member.renew(version, nowNs, untilNs);
                if (groups.get() == before) {
                    return;
                }
            } else if (Groups.isReal(high, low) && !hasRoom(before, group, port)) {
                counters.addShared(GroupCounter.REFUSED, 1);
                enter(0, Groups.OVERFLOWING, port, 0, untilNs);
                return;
            } else {
                Member[] members = Group.plus(group, new Member(port, version, nowNs, untilNs));
                if (groups.compareAndSet(before, before.with(high, low, members))) {
                    counters.addShared(GroupCounter.JOINED, Groups.isReal(high, low) ? 1 : 0);
                    return;
                }
            }
        }
    }

    private boolean hasRoom(Groups now, Group group, int port) {
        return now.held(port) < limits.groupsOfPort()
            && (group == null ? now.size() < limits.groups() : group.members.length < limits.portsOfGroup());
    }

    /** Forgets a port that no worker has any more. */
    void removePort(int port) {
        Groups before;
        do {
            before = groups.get();
        } while (!groups.compareAndSet(before, before.without(port)));
    }

    /** Sets the clock, asks what is to be asked, and forgets members whose time is over. */
    void onTick(long now, Bridge bridge, Bridge.Speaker speaker) {
        nowNs = now;
        askAll(false, bridge, speaker);
        askAll(true, bridge, speaker);
        Groups all = groups.get();
        int looked = 0;
        for (int i = 0; i < all.count() && looked < SWEEP_MEMBERS; i++) {
            sweepAt = sweepAt + 1 < all.count() ? sweepAt + 1 : 0;
            Group group = all.group(sweepAt);
            looked += group.members.length;
            boolean isOver = false;
            for (Member member : group.members) {
                isOver |= member.isOver(now);
                if (member.isToBeAsked(now)) {
                    askLast(group, member, bridge, speaker);
                }
            }
            if (isOver) {
                forget(group.high, group.low);
            }
        }
    }

    private void askAll(boolean isIpv6, Bridge bridge, Bridge.Speaker speaker) {
        Querier querier = querier(isIpv6);
        if (querier.onTick(nowNs)) {
            int length = GroupQuery.write(isIpv6, 0, 0, config.mac(), config.responseMillis(),
                config.intervalSeconds(), question);
            if (speaker.say(bridge, bridge.members(), bridge.memberCount(), question, length)) {
                querier.onAsked(nowNs);
            }
        }
    }

    private void askLast(Group group, Member member, Bridge bridge, Bridge.Speaker speaker) {
        boolean isIpv6 = !GroupAddress.isIpv4(group.high, group.low);
        if (!querier(isIpv6).asks(nowNs)) {
            member.dropQuestions();
            return;
        }
        int length = GroupQuery.write(isIpv6, group.high, group.low, config.mac(), Member.LAST_RESPONSE_MILLIS,
            config.intervalSeconds(), question);
        onePort[0] = member.port;
        if (speaker.say(bridge, onePort, 1, question, length)) {
            member.onAsked(nowNs);
        }
    }

    private void forget(long high, long low) {
        Groups before;
        Group group;
        Member[] living;
        do {
            before = groups.get();
            group = before.find(high, low);
            if (group == null) {
                return;
            }
            living = group.living(nowNs);
        } while (!groups.compareAndSet(before, before.with(high, low, living)));
        int kept = 0;
        for (Member member : group.members) {
            if (kept < living.length && living[kept] == member) {
                kept++;
                continue;
            }
            if (Groups.isReal(high, low)) {
                counters.addShared(GroupCounter.AGED, 1);
            }
            if (!member.isOver(nowNs)) {
                enter(high, low, member.port, member.version(), member.untilNs());
            }
        }
    }

    /** Who asks, if anybody does, and what is in the table in the order of addresses. */
    public List<Entry> entries() {
        List<Entry> entries = new ArrayList<>();
        long now = nowNs;
        for (boolean isIpv6 : new boolean[] {false, true}) {
            Querier querier = querier(isIpv6);
            if (querier.isKnown(now)) {
                Querier.Other other = querier.other(now);
                entries.add(new Entry(Role.QUERIER, isIpv6, 0, 0, other == null ? OWN : other.port(),
                    other != null ? other.version() : isIpv6 ? 2 : 3, seconds(now - querier.askedNs(now))));
            }
        }
        Groups all = groups.get();
        for (int i = 0; i < all.count(); i++) {
            Group group = all.group(i);
            Role role = role(group);
            boolean isIpv6 = role == Role.MEMBER ? !GroupAddress.isIpv4(group.high, group.low)
                : group.low == Groups.IPV6_ROUTERS;
            for (Member member : group.members) {
                entries.add(new Entry(role, isIpv6, group.high, group.low, member.port, member.version(),
                    seconds(now - member.heardNs())));
            }
        }
        return entries;
    }

    private static Role role(Group group) {
        if (Groups.isReal(group.high, group.low)) {
            return Role.MEMBER;
        }
        return group.low == Groups.NEW ? Role.NEW : group.low == Groups.OVERFLOWING ? Role.OVERFLOW : Role.ROUTER;
    }

    private static int seconds(long ns) {
        return (int) Math.max(0, ns / SECOND_NS);
    }
}
