package org.violin.dataplane.bridge;

import java.util.Arrays;
import org.agrona.DirectBuffer;
import org.violin.dataplane.counters.DropReason;

/** Two ports joined like the ends of a cable: what comes in at one leaves at the other, whatever it is. */
public final class Patch extends Bridge {
    private static final int NO_EGRESS = Verdict.drop(DropReason.NO_EGRESS);

    @Override
    public void decide(int ingressPort, DirectBuffer storage, int[] offsets, int[] lengths, int count,
        int[] verdicts) {
        assert isMember(ingressPort) : "port " + ingressPort + " is no member";
        int[] ports = members();
        int verdict = memberCount() < 2 ? NO_EGRESS : ports[0] == ingressPort ? ports[1] : ports[0];
        Arrays.fill(verdicts, 0, count, verdict);
    }

    @Override
    public boolean addPort(int port) {
        return memberCount() < 2 && super.addPort(port);
    }

    /** A cable learns nothing. */
    @Override
    public void forgetPort(int port) {
    }

    @Override
    public void limitPort(int port, int stations) {
    }

    @Override
    public void onTick(long nowNs, Speaker speaker) {
    }
}
