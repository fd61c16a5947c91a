package org.violin.dataplane.bridge;

import java.util.Arrays;
import org.violin.dataplane.wire.GroupAddress;

/**
 * All groups at one moment, in the order of their addresses. Immutable, but for the members' times: a change makes
 * another of it, and costs as much as there are groups.
 *
 * <p>Ports that get more than they have joined are members of groups that no frame is sent to, whose addresses no group
 * has: those that lead to routers of either family, those that are new, those that want more groups than there is room
 * for.
 */
final class Groups {
    /** Low longs of such addresses; the high one is 0. */
    static final long IPV4_ROUTERS = 0;
    static final long IPV6_ROUTERS = 1;
    static final long NEW = 2;
    static final long OVERFLOWING = 3;

    static final Groups NONE = new Groups(new Group[0], Group.NO_PORTS, Group.NO_PORTS, Group.NO_PORTS);

    private final Group[] groups;
    /** High and low of each, so that a search finds them side by side. */
    private final long[] addresses;
    /** By port: of how many groups it is a member. */
    private final int[] held;
    /** Ports that get all groups of a family. */
    private final int[] ipv4Always;
    private final int[] ipv6Always;
    private final int size;

    private Groups(Group[] groups, int[] held, int[] ipv4Always, int[] ipv6Always) {
        this.groups = groups;
        this.held = held;
        this.ipv4Always = ipv4Always;
        this.ipv6Always = ipv6Always;
        addresses = new long[2 * groups.length];
        int real = 0;
        for (int i = 0; i < groups.length; i++) {
            addresses[2 * i] = groups[i].high;
            addresses[2 * i + 1] = groups[i].low;
            real += isReal(groups[i].high, groups[i].low) ? 1 : 0;
        }
        size = real;
    }

    /** Whether an address is a group's. */
    static boolean isReal(long high, long low) {
        return high != 0 || low > OVERFLOWING;
    }

    /** Null: nobody has joined it. */
    Group find(long high, long low) {
        int index = index(high, low);
        return index < 0 ? null : groups[index];
    }

    private int index(long high, long low) {
        int from = 0;
        int to = groups.length - 1;
        while (from <= to) {
            int middle = from + to >>> 1;
            int order = Long.compareUnsigned(addresses[2 * middle], high);
            if (order == 0) {
                order = Long.compareUnsigned(addresses[2 * middle + 1], low);
            }
            if (order == 0) {
                return middle;
            }
            if (order < 0) {
                from = middle + 1;
            } else {
                to = middle - 1;
            }
        }
        return ~from;
    }

    /** The same with these members of a group, ascending by port; with none there is no such group. */
    Groups with(long high, long low, Member[] members) {
        int index = index(high, low);
        boolean isThere = index >= 0;
        boolean stays = members.length > 0;
        if (!isThere && !stays) {
            return this;
        }
        int at = isThere ? index : ~index;
        int rest = isThere ? at + 1 : at;
        Group[] changed = new Group[groups.length + (stays ? 1 : 0) - (isThere ? 1 : 0)];
        System.arraycopy(groups, 0, changed, 0, at);
        System.arraycopy(groups, rest, changed, stays ? at + 1 : at, groups.length - rest);
        if (!isReal(high, low)) {
            if (stays) {
                changed[at] = new Group(high, low, members, Group.NO_PORTS);
            }
            return withOthersAlways(changed);
        }
        if (stays) {
            changed[at] = new Group(high, low, members, always(!GroupAddress.isIpv4(high, low)));
        }
        return new Groups(changed, count(isThere ? groups[at].ports : Group.NO_PORTS, members), ipv4Always,
            ipv6Always);
    }

    private Groups withOthersAlways(Group[] changed) {
        int[] both = Group.union(ports(changed, NEW), ports(changed, OVERFLOWING));
        int[] ipv4 = Group.union(both, ports(changed, IPV4_ROUTERS));
        int[] ipv6 = Group.union(both, ports(changed, IPV6_ROUTERS));
        for (int i = 0; i < changed.length; i++) {
            if (isReal(changed[i].high, changed[i].low)) {
                changed[i] = changed[i].with(GroupAddress.isIpv4(changed[i].high, changed[i].low) ? ipv4 : ipv6);
            }
        }
        return new Groups(changed, held, ipv4, ipv6);
    }

    private static int[] ports(Group[] groups, long low) {
        for (Group group : groups) {
            if (group.high == 0 && group.low == low) {
                return group.ports;
            }
        }
        return Group.NO_PORTS;
    }

    private int[] count(int[] before, Member[] now) {
        int ports = now.length == 0 ? 0 : now[now.length - 1].port + 1;
        int[] counts = Arrays.copyOf(held, Math.max(held.length, ports));
        for (int port : before) {
            counts[port]--;
        }
        for (Member member : now) {
            counts[member.port]++;
        }
        return counts;
    }

    /** The same without a port. */
    Groups without(int port) {
        Groups left = this;
        for (Group group : groups) {
            if (group.member(port) != null) {
                left = left.with(group.high, group.low, group.without(port));
            }
        }
        return left;
    }

    /** Groups that a port is a member of. */
    int held(int port) {
        return port < held.length ? held[port] : 0;
    }

    /** Groups that somebody has joined. */
    int size() {
        return size;
    }

    /** All, also those of ports that get more than they have joined. */
    int count() {
        return groups.length;
    }

    Group group(int index) {
        return groups[index];
    }

    /** Ports that lead to a family's routers. */
    int[] routers(boolean isIpv6) {
        Group routers = find(0, isIpv6 ? IPV6_ROUTERS : IPV4_ROUTERS);
        return routers == null ? Group.NO_PORTS : routers.ports;
    }

    /** Ports that get all groups of a family. */
    int[] always(boolean isIpv6) {
        return isIpv6 ? ipv6Always : ipv4Always;
    }
}
