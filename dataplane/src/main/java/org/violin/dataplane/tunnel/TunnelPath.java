package org.violin.dataplane.tunnel;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.KernelException;

/**
 * Where a tunnel's peer is, and how long packets may be that go there.
 *
 * <p>Theory of operation. The peer of a sealed tunnel is known by its keys, not by its address: that may change, as its
 * host moves or a NAT forgets it. When the newest of its datagrams comes from elsewhere, a hello goes there that asks
 * for an answer; only when that answer comes from there as well is everything sent there. So somebody who sends a copy
 * of the peer's datagrams from an address that is not theirs does not turn the tunnel to it. The same check stands
 * before a move that is asked for, which therefore loses nothing. The size of packets is searched for anew after any
 * move.
 *
 * <p>The worker that receives for the tunnel owns it; {@link #remote} and {@link #size} are anybody's.
 */
final class TunnelPath {
    /** Packets where the route is not known: Ethernet's. */
    private static final int UNKNOWN_MTU = 1500;
    /** IPv4's longest. */
    private static final int LONGEST = 65_535;
    private static final long CHECK_INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(250);
    /** An address that does not answer so many checks is given up; one that was asked for, after more. */
    private static final int CHECKS = 4;
    private static final int CHECKS_WANTED = 20;
    /** The peer takes so long, at most, to follow a move; meanwhile it may send from where it was. */
    private static final long FOLLOW_NS = TimeUnit.SECONDS.toNanos(3);

    private final int fixedSize;
    private final PathMtu mtu = new PathMtu();
    private volatile Endpoint remote;
    private volatile int size;

    private Endpoint noted;
    private Endpoint candidate;
    private final long[] checkTimestamps = new long[CHECKS_WANTED];
    private int checks;
    private int checksMax;
    private long checkDueNs;
    private long stayUntilNs;
    private CompletableFuture<Long> pingAnswer;
    private long pingTimestamp;
    private long pingNs;

    /**
     * @param remote    null: not known until the peer shows itself
     * @param fixedSize the largest packet in bytes; 0: to be found out
     */
    TunnelPath(Endpoint remote, int fixedSize, long nowNs) {
        this.fixedSize = fixedSize;
        stayUntilNs = nowNs;
        moveTo(remote, nowNs);
    }

    private void moveTo(Endpoint next, long nowNs) {
        candidate = null;
        remote = next;
        if (fixedSize == 0 && next != null) {
            mtu.begin(ceiling(), nowNs);
        }
        publish();
    }

    private void publish() {
        size = fixedSize != 0 ? fixedSize : mtu.size();
    }

    /** What this host's own interface carries to the peer. */
    private int ceiling() {
        try {
            return Math.clamp(Devices.pathMtu(remote), PathMtu.FLOOR, LONGEST);
        } catch (KernelException e) {
            return UNKNOWN_MTU;
        }
    }

    /** Any thread: where everything is sent to; null: not known. */
    Endpoint remote() {
        return remote;
    }

    /** The {@link #remote} by which the tunnel is found; null: none. */
    Endpoint noted() {
        return noted;
    }

    void onNoted(Endpoint found) {
        noted = found;
    }

    /** Any thread: the largest IP packet to send, in bytes. */
    int size() {
        return size;
    }

    /** Whether {@link #onElsewhere} is of interest. */
    boolean mayMove(long nowNs) {
        return candidate == null && nowNs - stayUntilNs >= 0;
    }

    /** The newest authentic datagram came from somewhere else than {@link #remote}; one address at a time. */
    void onElsewhere(Endpoint source, long nowNs) {
        check(source, CHECKS, nowNs);
    }

    /** Everything is to be sent to another address, as soon as it has proved to lead to the peer. */
    void want(Endpoint next, boolean up, long nowNs) {
        if (!up) {
            moveTo(next, nowNs);
        } else if (next.equals(remote)) {
            candidate = null;
        } else {
            check(next, CHECKS_WANTED, nowNs);
        }
    }

    private void check(Endpoint next, int most, long nowNs) {
        candidate = next;
        checks = 0;
        checksMax = most;
        checkDueNs = nowNs;
    }

    /** Where a hello is to be sent now that asks for an answer, to check the address; null: nowhere. */
    Endpoint checkDue(long nowNs) {
        if (candidate == null || nowNs - checkDueNs < 0) {
            return null;
        }
        if (checks == checksMax) {
            candidate = null;
        }
        return candidate;
    }

    void onChecked(long timestamp, long nowNs) {
        checkTimestamps[checks++] = timestamp;
        checkDueNs = nowNs + CHECK_INTERVAL_NS;
    }

    /** Whether the address under way is being checked; then {@link #onEcho} wants to know where an answer is from. */
    boolean isChecking() {
        return candidate != null;
    }

    /**
     * A hello came that echoes a timestamp.
     *
     * @param source   where from; null, if that is {@link #remote} or nobody asked
     * @param sent   datagrams of the session, to tell traffic from silence
     */
    void onEcho(long timestamp, Endpoint source, long sent, long nowNs) {
        for (int i = 0; candidate != null && i < checks; i++) {
            if (checkTimestamps[i] == timestamp && candidate.equals(source)) {
                stayUntilNs = nowNs + (checksMax == CHECKS_WANTED ? FOLLOW_NS : 0);
                moveTo(candidate, nowNs);
            }
        }
        if (pingAnswer != null && timestamp == pingTimestamp) {
            pingAnswer.complete(nowNs - pingNs);
            pingAnswer = null;
        }
        mtu.onEcho(timestamp, sent, nowNs);
        publish();
    }

    /** A hello has been sent whose answer somebody waits for, but for so long as nobody asks again. */
    void onPinged(long timestamp, CompletableFuture<Long> answer, long nowNs) {
        pingTimestamp = timestamp;
        pingAnswer = answer;
        pingNs = nowNs;
    }

    /** The tunnel has come up: what was known of the path may be history. */
    void doubt(long nowNs) {
        mtu.doubt(nowNs);
    }

    /**
     * Looks at the clock, while the tunnel is up. The size of the probe to send to {@link #remote} now; 0: none.
     *
     * @param sent datagrams of the session
     */
    int probeDue(int most, long sent, long nowNs) {
        if (fixedSize != 0) {
            return 0;
        }
        mtu.onTick(nowNs);
        if (mtu.isToRaise(nowNs)) {
            mtu.raise(Math.min(ceiling(), most), nowNs);
        }
        int probe = mtu.due(sent, nowNs);
        publish();
        return probe;
    }

    void onProbed(int bytes, long longTimestamp, long shortTimestamp, long nowNs) {
        mtu.onSent(bytes, longTimestamp, shortTimestamp, nowNs);
    }
}
