package org.violin.control.keys;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/** Bounds how often passwords or keys are tried: by one address (IPv6: by one /64), and by all. On one thread. */
public final class Guesses {
    public static final int PER_SECOND = 2;
    public static final int BURST = 20;
    private static final int ALL_PER_SECOND = 5;
    private static final int ALL_BURST = 40;
    /** Remembered; the one that has been longest without a try makes room. */
    public static final int SOURCES_MAX = 1024;
    private static final int PREFIX_BYTES = 8;

    private final TokenBucket all;
    private final Map<String, TokenBucket> sources = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TokenBucket> eldest) {
            return size() > SOURCES_MAX;
        }
    };

    public Guesses(long nowNs) {
        all = new TokenBucket(ALL_PER_SECOND, ALL_BURST, nowNs);
    }

    /** Whether one from there may be looked at now. */
    public boolean take(InetAddress source, long nowNs) {
        TokenBucket own = sources.computeIfAbsent(name(source), name -> new TokenBucket(PER_SECOND, BURST, nowNs));
        return own.take(nowNs) && all.take(nowNs);
    }

    /** How many are remembered. */
    public int sources() {
        return sources.size();
    }

    private static String name(InetAddress source) {
        byte[] bytes = source.getAddress();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < (source instanceof Inet6Address ? PREFIX_BYTES : bytes.length); i++) {
            name.append((char) (bytes[i] & 0xFF));
        }
        return name.toString();
    }
}
