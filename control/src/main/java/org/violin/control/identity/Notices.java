package org.violin.control.identity;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.violin.control.keys.TokenBucket;

/**
 * Tells operators what is wrong, but not again and again: the same thing once a minute, and {@value #PER_MINUTE} things
 * a minute at most, whatever strangers do. One thread.
 */
public final class Notices {
    static final int PER_MINUTE = 60;
    private static final int BURST = 10;
    private static final int REMEMBERED = 32;
    /** Parts may come from outside: none of them ends a line, or does anything to a terminal. */
    private static final Pattern CONTROL = Pattern.compile("[^\\x20-\\x7e]");
    private static final long AGAIN_NS = 60_000_000_000L;

    private final Consumer<String> output;
    private final TokenBucket rate;
    private final Map<String, Long> toldNs = new LinkedHashMap<>();

    /** @param nowNs of the same clock as what {@link #tell} gets */
    public Notices(Consumer<String> output, long nowNs) {
        this.output = output;
        rate = new TokenBucket(PER_MINUTE / 60, BURST, nowNs);
    }

    public void tell(String notice, long nowNs) {
        Long lastNs = toldNs.get(notice);
        if (lastNs != null && nowNs - lastNs < AGAIN_NS || !rate.take(nowNs)) {
            return;
        }
        toldNs.remove(notice); // so that it is the newest
        toldNs.put(notice, nowNs);
        if (toldNs.size() > REMEMBERED) {
            toldNs.remove(toldNs.keySet().iterator().next());
        }
        output.accept(CONTROL.matcher(notice).replaceAll("?"));
    }
}
