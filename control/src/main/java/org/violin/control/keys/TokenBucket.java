package org.violin.control.keys;

/** Lets a bounded number of things happen a second. Its memory is two numbers, whatever it is asked. */
public final class TokenBucket {
    private final long periodNs;
    private final long creditNsMax;
    private long creditNs;
    private long lastNs;

    /** @param burst how many may happen at once, after a time in which none has */
    public TokenBucket(int perSecond, int burst, long nowNs) {
        periodNs = 1_000_000_000L / perSecond;
        creditNsMax = periodNs * burst;
        creditNs = creditNsMax;
        lastNs = nowNs;
    }

    /** Whether one more may happen now. */
    public boolean take(long nowNs) {
        long elapsedNs = Math.clamp(nowNs - lastNs, 0, creditNsMax);
        lastNs = nowNs;
        creditNs = Math.min(creditNs + elapsedNs, creditNsMax);
        if (creditNs < periodNs) {
            return false;
        }
        creditNs -= periodNs;
        return true;
    }
}
