package org.violin.dataplane.bridge;

import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.wire.GroupAddress;
import org.violin.dataplane.wire.GroupMessage;

/** Reads what frames to groups say, and decides by which ports they leave. One worker's, of a table that all share. */
final class Snooper {
    private static final int NO_MEMBER = Verdict.drop(DropReason.NO_MEMBER);
    private static final int REPORT_KEPT = Verdict.drop(DropReason.REPORT_KEPT);
    private static final int BAD_REPORT = Verdict.drop(DropReason.BAD_REPORT);

    private final GroupTable table;
    private final GroupMessage message = new GroupMessage();
    private int[] chosen;

    Snooper(GroupTable table) {
        this.table = table;
    }

    /**
     * Decides for a frame to a group's MAC address.
     *
     * @param source its source address
     * @return {@link Verdict#FLOOD}, {@link Verdict#CHOSEN}, or a drop
     */
    int decide(int ingressPort, DirectBuffer storage, int offset, int length, long source) {
        return switch (message.read(storage, offset, length)) {
            case OTHER -> Verdict.FLOOD;
            case DATA -> choose(table.egress(message.isIpv6(), message.groupHigh(), message.groupLow()),
                ingressPort, NO_MEMBER);
            case REPORT -> onReport(ingressPort);
            case QUERY -> {
                table.onQuery(message, source, ingressPort);
                yield Verdict.FLOOD;
            }
            case ROUTER -> {
                table.onRouter(message.isIpv6(), ingressPort, 0);
                yield Verdict.FLOOD;
            }
            case BAD -> BAD_REPORT;
        };
    }

    /** Of the frame decided last, for which {@link Verdict#CHOSEN} was decided. */
    int[] chosen() {
        return chosen;
    }

    private int onReport(int ingressPort) {
        while (message.next()) {
            long high = message.groupHigh();
            long low = message.groupLow();
            if (!GroupAddress.isGroup(high, low) || GroupAddress.isLinkLocal(high, low)) {
                continue;
            }
            if (message.joins()) {
                table.join(high, low, ingressPort, message.version());
            } else if (message.leaves()) {
                table.leave(high, low, ingressPort);
            }
        }
        return choose(table.reportEgress(message.isIpv6()), ingressPort, REPORT_KEPT);
    }

    private int choose(int[] ports, int ingressPort, int drop) {
        if (ports == null) {
            return Verdict.FLOOD;
        }
        if (ports.length == 0 || ports.length == 1 && ports[0] == ingressPort) {
            return drop;
        }
        chosen = ports;
        return Verdict.CHOSEN;
    }
}
