package org.violin.dataplane.bridge;

import java.util.Arrays;

/** A group and its members. Immutable, but for the members' times. */
final class Group {
    static final int[] NO_PORTS = {};

    final long high;
    final long low;
    /** By port, ascending. */
    final Member[] members;
    /** The members'. */
    final int[] ports;
    /** Where its frames go: to the members, and to those that get all groups. */
    final int[] egress;

    Group(long high, long low, Member[] members, int[] always) {
        this.high = high;
        this.low = low;
        this.members = members;
        ports = new int[members.length];
        for (int i = 0; i < ports.length; i++) {
            ports[i] = members[i].port;
        }
        egress = union(ports, always);
    }

    /** The same, with others that get all groups. */
    Group with(int[] always) {
        return new Group(high, low, members, always);
    }

    /** Null: the port is no member. */
    Member member(int port) {
        int index = Arrays.binarySearch(ports, port);
        return index < 0 ? null : members[index];
    }

    /** The members of {@code group}, which may be null, and one more. */
    static Member[] plus(Group group, Member member) {
        if (group == null) {
            return new Member[] {member};
        }
        int at = ~Arrays.binarySearch(group.ports, member.port);
        Member[] members = new Member[group.members.length + 1];
        System.arraycopy(group.members, 0, members, 0, at);
        members[at] = member;
        System.arraycopy(group.members, at, members, at + 1, group.members.length - at);
        return members;
    }

    Member[] without(int port) {
        return Arrays.stream(members).filter(member -> member.port != port).toArray(Member[]::new);
    }

    /** Those whose time is not over. */
    Member[] living(long nowNs) {
        return Arrays.stream(members).filter(member -> !member.isOver(nowNs)).toArray(Member[]::new);
    }

    /** Two ascending lists as one. */
    static int[] union(int[] some, int[] others) {
        int[] all = Arrays.copyOf(some, some.length + others.length);
        System.arraycopy(others, 0, all, some.length, others.length);
        Arrays.sort(all);
        int count = 0;
        for (int port : all) {
            if (count == 0 || all[count - 1] != port) {
                all[count++] = port;
            }
        }
        return Arrays.copyOf(all, count);
    }
}
