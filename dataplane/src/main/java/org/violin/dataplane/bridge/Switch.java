package org.violin.dataplane.bridge;

import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.GroupAddress;

/**
 * A learning switch. It learns the source of every frame, sends a frame to a known station out of that station's port,
 * and floods broadcast and frames to unknown stations. Multicast is flooded, too, unless the switch snoops: then a
 * group's frames go to its members (see {@link GroupTable}). Tags are not looked at: a tagged frame is switched by its
 * addresses like any other, and flooded if these are a group's.
 *
 * <p>The addresses 01-80-C2-00-00-01 to -0F are for a bridge's neighbour and never forwarded (IEEE 802.1Q, table 8-1).
 * 01-80-C2-00-00-00 is flooded: this switch runs no spanning tree, and the trees of the bridges round it have to see
 * each other through it, or they could not break a loop that it is part of. Guests' ports let none of them in, unless
 * it is said otherwise ({@link PortGuard}).
 *
 * <p>The switches of several workers are one, in the eyes of stations, when they share their tables.
 */
public final class Switch extends Bridge {
    private static final int SOURCE_MULTICAST = Verdict.drop(DropReason.SOURCE_MULTICAST);
    private static final int SOURCE_ZERO = Verdict.drop(DropReason.SOURCE_ZERO);
    private static final int LINK_LOCAL_RESERVED = Verdict.drop(DropReason.LINK_LOCAL_RESERVED);
    private static final int HAIRPIN = Verdict.drop(DropReason.HAIRPIN);
    private static final int NO_EGRESS = Verdict.drop(DropReason.NO_EGRESS);

    private final MacTable table;
    /** Null, like the snooper: it does not snoop. */
    private final GroupTable groups;
    private final Snooper snooper;
    private final int[][] chosen = new int[FrameBatch.CAPACITY][];

    /** One that does not snoop. */
    public Switch(MacTable table) {
        this(table, null);
    }

    /** @param groups null: it does not snoop */
    public Switch(MacTable table, GroupTable groups) {
        this.table = table;
        this.groups = groups;
        snooper = groups == null ? null : new Snooper(groups);
    }

    public MacTable table() {
        return table;
    }

    /** Null: it does not snoop. */
    public GroupTable groups() {
        return groups;
    }

    @Override
    public void decide(int ingressPort, DirectBuffer storage, int[] offsets, int[] lengths, int count,
        int[] verdicts) {
        assert isMember(ingressPort) : "port " + ingressPort + " is no member";
        int flood = memberCount() < 2 ? NO_EGRESS : Verdict.FLOOD;
        long learned = 0;
        for (int i = 0; i < count; i++) {
            long source = Ethernet.source(storage, offsets[i]);
            // Frames come in runs of one station: nothing new is to be learned from all but the first.
            if (source != learned || source == 0) {
                if (Ethernet.isGroup(source) || source == 0) {
                    verdicts[i] = source == 0 ? SOURCE_ZERO : SOURCE_MULTICAST;
                    continue;
                }
                table.learn(source, ingressPort);
                learned = source;
            }
            long destination = Ethernet.destination(storage, offsets[i]);
            int verdict = Ethernet.isGroup(destination)
                ? toGroup(destination, ingressPort, storage, offsets[i], lengths[i], source)
                : toStation(destination, ingressPort);
            if (verdict == Verdict.CHOSEN) {
                chosen[i] = snooper.chosen();
            }
            verdicts[i] = verdict == Verdict.FLOOD ? flood : verdict;
        }
    }

    @Override
    public int[] chosen(int frame) {
        return chosen[frame];
    }

    private int toGroup(long destination, int ingressPort, DirectBuffer storage, int offset, int length, long source) {
        if (snooper != null && GroupAddress.isGroupMac(destination)) {
            return snooper.decide(ingressPort, storage, offset, length, source);
        }
        boolean reserved = Ethernet.isLinkLocal(destination) && destination != Ethernet.LINK_LOCAL_FIRST;
        return reserved ? LINK_LOCAL_RESERVED : Verdict.FLOOD;
    }

    private int toStation(long destination, int ingressPort) {
        int port = table.lookup(destination);
        if (port == ingressPort) {
            return HAIRPIN;
        }
        return port == MacTable.ABSENT ? Verdict.FLOOD : port;
    }

    @Override
    public boolean addPort(int port) {
        super.addPort(port);
        table.addPort(port);
        if (groups != null) {
            groups.addPort(port);
        }
        return true;
    }

    @Override
    public void forgetPort(int port) {
        table.removePort(port);
        if (groups != null) {
            groups.removePort(port);
        }
    }

    @Override
    public void limitPort(int port, int stations) {
        table.limitPort(port, stations);
    }

    @Override
    public void onTick(long nowNs, Speaker speaker) {
        table.onTick(nowNs);
        if (groups != null) {
            groups.onTick(nowNs, this, speaker);
        }
    }
}
