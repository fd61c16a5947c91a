package org.violin.dataplane.bridge;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;

/** Two ports joined like the ends of a cable: what comes in at one leaves at the other, whatever it is. */
public final class Patch implements Bridge {
    private static final int NO_EGRESS = Verdict.drop(DropReason.NO_EGRESS);

    private final Members members = new Members();

    @Override
    public void decide(int ingressPort, DirectBuffer storage, int[] offsets, int[] lengths, int count,
        int[] verdicts) {
        assert members.contains(ingressPort) : "port " + ingressPort + " is no member";
        int[] ports = members.ports();
        int verdict = members.count() < 2 ? NO_EGRESS : ports[0] == ingressPort ? ports[1] : ports[0];
        Arrays.fill(verdicts, 0, count, verdict);
    }

    @Override
    public boolean addPort(int port) {
        if (members.count() == 2) {
            return false;
        }
        members.add(port);
        return true;
    }

    @Override
    public void removePort(int port) {
        members.remove(port);
    }

    @Override
    public int[] members() {
        return members.ports();
    }

    @Override
    public int memberCount() {
        return members.count();
    }

    /** A cable learns nothing. */
    @Override
    public void forgetPort(int port) {
    }

    @Override
    public void onTick(long nowNs) {
    }
}
