package org.violin.control.stream;

import java.util.concurrent.TimeUnit;
import org.violin.control.spec.Transport;

/**
 * What an end does that knows where the other is, to have a sealed tunnel go by what is wanted; an end that does not
 * know follows. With {@link Transport#AUTO} datagrams come first. Where the tunnel does not come up by them, or is
 * lost, a stream is made and takes over; from there datagrams are tried again and again, and go on as soon as they
 * pass. While nothing passes either way, both are tried in turn. Has no clock and no socket.
 */
public final class TransportChoice {
    /** For a tunnel to come up. */
    static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(3);
    /** From one trial of datagrams to the next. */
    static final long TRIAL_NS = TimeUnit.SECONDS.toNanos(6);

    /** What a change takes at most to prove that it leads somewhere, while the tunnel is up. */
    static final long PROOF_NS = TimeUnit.SECONDS.toNanos(5);

    /** What to do now. */
    public enum Step {
        STAY,
        /** Make a stream. */
        CONNECT,
        /** Send by the stream from now on. */
        TO_STREAM,
        /** Send datagrams, at once if the tunnel is down, else if they prove to pass. */
        TO_DATAGRAMS
    }

    private final Transport wanted;
    /** Since when the tunnel is down, or goes another way; and for how long it may be. */
    private long sinceNs;
    private long patienceNs = PATIENCE_NS;
    private long triedNs;
    private boolean asked;

    public TransportChoice(Transport wanted, long nowNs) {
        this.wanted = wanted;
        sinceNs = nowNs;
        triedNs = nowNs - TRIAL_NS;
    }

    /**
     * To be asked some times a second.
     *
     * @param up        whether the tunnel is
     * @param byStream  whether it goes by the stream
     * @param connected whether there is a stream
     */
    public Step next(boolean up, boolean byStream, boolean connected, long nowNs) {
        return switch (wanted) {
            case UDP -> byStream ? ask(Step.TO_DATAGRAMS, nowNs) : Step.STAY;
            case TCP, TLS -> byStream || up && !connected ? Step.STAY : ask(Step.TO_STREAM, nowNs);
            case AUTO -> auto(up, byStream, connected, nowNs);
        };
    }

    private Step ask(Step step, long nowNs) {
        if (asked && nowNs - triedNs < PROOF_NS) {
            return Step.STAY;
        }
        asked = true;
        triedNs = nowNs;
        return step;
    }

    private Step auto(boolean up, boolean byStream, boolean connected, long nowNs) {
        if (up) {
            sinceNs = nowNs;
            // Lost, it has been silent for as long already.
            patienceNs = byStream ? PATIENCE_NS : 0;
            if (!byStream || nowNs - triedNs < TRIAL_NS) {
                return Step.STAY;
            }
            triedNs = nowNs;
            return Step.TO_DATAGRAMS;
        }
        if (nowNs - sinceNs < patienceNs) {
            return Step.STAY;
        }
        if (!byStream && !connected) {
            return Step.CONNECT;
        }
        sinceNs = nowNs;
        patienceNs = PATIENCE_NS;
        triedNs = nowNs;
        return byStream ? Step.TO_DATAGRAMS : Step.TO_STREAM;
    }
}
