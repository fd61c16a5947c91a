package org.violin.dataplane.bridge;

import org.violin.dataplane.wire.GroupQuery;

/**
 * A port in a group. Its times change in place, by any worker: what is lost in a race is as good as a report that came
 * a moment earlier; {@link GroupTable} tells how one is renewed while it is being forgotten.
 */
final class Member {
    /** How long answers to the question whether there is still a member may take (RFC 3376, 8.8). */
    static final int LAST_RESPONSE_MILLIS = 1000;

    private static final long LAST_INTERVAL_NS = 1_000_000_000;
    /** What a tick and a link's round trip add to it. */
    private static final long SLACK_NS = 500_000_000;

    final int port;
    private volatile int version;
    private volatile long heardNs;
    private volatile long untilNs;
    /** Questions still to be asked before it is forgotten. */
    private volatile int questions;
    private volatile long questionAtNs;

    Member(int port, int version, long nowNs, long untilNs) {
        this.port = port;
        renew(version, nowNs, untilNs);
    }

    void renew(int newVersion, long nowNs, long newUntilNs) {
        version = newVersion;
        heardNs = nowNs;
        questions = 0;
        untilNs = newUntilNs;
    }

    int version() {
        return version;
    }

    long heardNs() {
        return heardNs;
    }

    long untilNs() {
        return untilNs;
    }

    boolean isOver(long nowNs) {
        return untilNs - nowNs <= 0;
    }

    /** Somebody has left: whoever is left behind the port is to be asked, unless that is under way. */
    void leave(long nowNs) {
        if (questions == 0) {
            questionAtNs = nowNs;
            questions = GroupQuery.ROBUSTNESS;
        }
    }

    boolean isToBeAsked(long nowNs) {
        return questions > 0 && nowNs - questionAtNs >= 0;
    }

    /** It has been asked whether there is still somebody: by the end of all questions nobody may have answered. */
    void onAsked(long nowNs) {
        int left = Math.max(0, questions - 1);
        shorten(nowNs, left * LAST_INTERVAL_NS + LAST_RESPONSE_MILLIS * 1_000_000L);
        questionAtNs = nowNs + LAST_INTERVAL_NS;
        questions = left;
    }

    void dropQuestions() {
        questions = 0;
    }

    /** Its end is after an answer to a question that has just been asked, if there was one, and no later. */
    void shorten(long nowNs, long answerNs) {
        long end = nowNs + answerNs + SLACK_NS;
        if (end - untilNs < 0) {
            untilNs = end;
        }
    }
}
