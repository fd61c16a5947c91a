package org.violin.dataplane.bridge;

import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.counters.Counters;

/**
 * The stations that a switch has learned, in memory of fixed size.
 *
 * <p>Theory of operation. An entry is one 64-bit word, the MAC address above a 16-bit port, so that a reader sees both
 * or neither. Eight entries make a bucket, which is a cache line; an address can be in its bucket alone. The bucket
 * is chosen by a hash with a secret of the table's own, so that nobody outside can aim at one.
 *
 * <p>What a sender of endless made-up addresses can do is bounded by two rules. A port holds at most three quarters of
 * the table (its quota). And a full bucket makes room by forgetting the oldest entry of that port in the bucket which
 * holds most entries in the whole table, never one of a port that holds no more than the learner's own: the learner
 * then replaces the oldest of its own in the bucket, or is refused. A flood thus comes to displace itself: a port
 * loses entries only to ports that hold fewer.
 *
 * <p>Owned by one worker. Counters may be read by any thread.
 */
public final class MacTable {
    /** No station. */
    public static final int ABSENT = -1;
    /** Entries hold the port plus one, so that zero is no entry. */
    public static final int MAX_PORT = 65_534;

    private static final int WAYS = 8;
    private static final int BUCKET_BYTES = WAYS * Long.BYTES;
    private static final long PORT_MASK = 0xFFFF;
    /** The sweep passes the whole table in so many seconds, or in a quarter of the ageing time if that is less. */
    private static final int SWEEP_SECONDS = 16;

    private final UnsafeBuffer entries;
    private final int[] seenSeconds;
    private final int buckets;
    private final int hashShift;
    private final long addend;
    private final long multiplier;
    private final long finalMultiplier;
    private final int ageingSeconds;
    private final int quota;
    private final int sweepBuckets;
    private final long startNs;
    private final Counters<MacCounter> counters = new Counters<>(MacCounter.class);
    private int[] heldByPort = new int[16];
    private int size;
    private int nowSeconds;
    private int sweepAt;

    /**
     * @param capacity      entries; a power of two, 16 or more
     * @param ageingSeconds a station is forgotten after this time without a frame, or up to a quarter later
     * @param secret        keys the hash; random, and not to be learned by those who send frames
     * @param nowNs         the clock that {@link #onTick} goes on with
     */
    public MacTable(int capacity, int ageingSeconds, long secret, long nowNs) {
        if (Integer.bitCount(capacity) != 1 || capacity < 2 * WAYS) {
            throw new IllegalArgumentException("capacity: " + capacity + ": a power of two, 16 or more");
        }
        this.ageingSeconds = ageingSeconds;
        buckets = capacity / WAYS;
        hashShift = Long.SIZE - Integer.numberOfTrailingZeros(buckets);
        addend = mix(secret + 1);
        multiplier = mix(secret + 2) | 1;
        finalMultiplier = mix(secret + 3) | 1;
        quota = capacity - capacity / 4;
        sweepBuckets = Math.ceilDiv(buckets, Math.clamp(ageingSeconds / 4, 1, SWEEP_SECONDS));
        startNs = nowNs;
        seenSeconds = new int[capacity];
        int bytes = capacity * Long.BYTES;
        entries = new UnsafeBuffer(BufferUtil.allocateDirectAligned(bytes, BitUtil.CACHE_LINE_LENGTH));
    }

    /** Stafford's mix 13, as in SplittableRandom: makes independent keys of one secret. */
    private static long mix(long z) {
        z *= 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }

    /** The index in {@link #entries} of the address's bucket. */
    private int bucket(long mac) {
        long hash = (mac + addend) * multiplier;
        hash = (hash ^ (hash >>> 32)) * finalMultiplier;
        return (int) (hash >>> hashShift) * BUCKET_BYTES;
    }

    /** The port of a station, or {@link #ABSENT}. */
    public int lookup(long mac) {
        int bucket = bucket(mac);
        for (int at = bucket; at < bucket + BUCKET_BYTES; at += Long.BYTES) {
            long entry = entries.getLong(at);
            if (entry >>> 16 == mac) {
                return portOf(entry); // for the address 0 this finds an empty entry, whose port is ABSENT
            }
        }
        return ABSENT;
    }

    /**
     * A frame of a station came in by a port.
     *
     * @param mac  neither 0 nor a group address
     * @param port one that was added
     */
    public void learn(long mac, int port) {
        assert mac != 0;
        int bucket = bucket(mac);
        int free = ABSENT;
        for (int at = bucket; at < bucket + BUCKET_BYTES; at += Long.BYTES) {
            long entry = entries.getLong(at);
            if (entry >>> 16 == mac) {
                refresh(at, entry, port);
                return;
            }
            if (entry == 0) {
                free = at;
            }
        }
        insert(mac, port, bucket, free);
    }

    private void refresh(int at, long entry, int port) {
        int index = at / Long.BYTES;
        if (seenSeconds[index] != nowSeconds) {
            seenSeconds[index] = nowSeconds;
        }
        int before = portOf(entry);
        if (before != port) {
            heldByPort[before]--;
            heldByPort[port]++;
            entries.putLongRelease(at, entryOf(entry >>> 16, port));
            counters.increment(MacCounter.MOVED);
        }
    }

    private void insert(long mac, int port, int bucket, int free) {
        int at = free;
        if (heldByPort[port] >= quota) {
            at = oldestOf(port, bucket);
        } else if (free == ABSENT) {
            at = victimFor(port, bucket);
        }
        if (at == ABSENT) {
            counters.increment(MacCounter.REFUSED);
            return;
        }
        if (entries.getLong(at) != 0) {
            forget(at, expired(at) ? MacCounter.AGED : MacCounter.EVICTED);
        }
        seenSeconds[at / Long.BYTES] = nowSeconds;
        heldByPort[port]++;
        size++;
        entries.putLongRelease(at, entryOf(mac, port));
        counters.increment(MacCounter.LEARNED);
    }

    /** Which entry of a full bucket gives way to a new station on a port; see the theory of operation. */
    private int victimFor(int port, int bucket) {
        int victim = bucket;
        for (int at = bucket; at < bucket + BUCKET_BYTES; at += Long.BYTES) {
            if (expired(at)) {
                return at;
            }
            int held = heldByPort[portOf(entries.getLong(at))];
            int most = heldByPort[portOf(entries.getLong(victim))];
            if (held > most || (held == most && seen(at) < seen(victim))) {
                victim = at;
            }
        }
        boolean richer = heldByPort[portOf(entries.getLong(victim))] > heldByPort[port];
        return richer ? victim : oldestOf(port, bucket);
    }

    private int oldestOf(int port, int bucket) {
        int oldest = ABSENT;
        for (int at = bucket; at < bucket + BUCKET_BYTES; at += Long.BYTES) {
            long entry = entries.getLong(at);
            if (entry != 0 && portOf(entry) == port && (oldest == ABSENT || seen(at) < seen(oldest))) {
                oldest = at;
            }
        }
        return oldest;
    }

    private int seen(int at) {
        return seenSeconds[at / Long.BYTES];
    }

    private boolean expired(int at) {
        return nowSeconds - seen(at) >= ageingSeconds;
    }

    private void forget(int at, MacCounter why) {
        heldByPort[portOf(entries.getLong(at))]--;
        size--;
        entries.putLongRelease(at, 0);
        counters.increment(why);
    }

    /** Makes a port known before anything is learned on it. */
    public void addPort(int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + ": 0 to " + MAX_PORT);
        }
        if (port >= heldByPort.length) {
            heldByPort = Arrays.copyOf(heldByPort, Math.max(port + 1, 2 * heldByPort.length));
        }
    }

    /** Forgets all stations on a port. Passes the whole table. */
    public void removePort(int port) {
        for (int at = 0; at < entries.capacity() && heldByPort[port] > 0; at += Long.BYTES) {
            long entry = entries.getLong(at);
            if (entry != 0 && portOf(entry) == port) {
                entries.putLongRelease(at, 0);
                heldByPort[port]--;
                size--;
            }
        }
    }

    /** Sets the clock, and when a second has passed, looks for stations to forget in the next part of the table. */
    public void onTick(long nowNs) {
        int seconds = (int) TimeUnit.NANOSECONDS.toSeconds(nowNs - startNs);
        int passed = seconds - nowSeconds;
        if (passed <= 0) {
            return;
        }
        nowSeconds = seconds;
        int steps = (int) Math.min(buckets, (long) passed * sweepBuckets) * WAYS;
        for (int i = 0; i < steps; i++) {
            if (entries.getLong(sweepAt) != 0 && expired(sweepAt)) {
                forget(sweepAt, MacCounter.AGED);
            }
            sweepAt = sweepAt + Long.BYTES == entries.capacity() ? 0 : sweepAt + Long.BYTES;
        }
    }

    public int size() {
        return size;
    }

    public int capacity() {
        return seenSeconds.length;
    }

    public Counters<MacCounter> counters() {
        return counters;
    }

    /**
     * Copies entries, as many as the arrays hold.
     *
     * @param stations   receives entries; take them apart with {@link #macOf} and {@link #portOf}
     * @param ageSeconds receives how long ago each station was last seen; as long as {@code stations}
     * @return how many were copied
     */
    public int snapshot(long[] stations, int[] ageSeconds) {
        int count = 0;
        for (int at = 0; at < entries.capacity() && count < stations.length; at += Long.BYTES) {
            long entry = entries.getLong(at);
            if (entry != 0 && !expired(at)) {
                stations[count] = entry;
                ageSeconds[count++] = nowSeconds - seen(at);
            }
        }
        return count;
    }

    public static long macOf(long entry) {
        return entry >>> 16;
    }

    public static int portOf(long entry) {
        return (int) (entry & PORT_MASK) - 1;
    }

    private static long entryOf(long mac, int port) {
        return mac << 16 | (port + 1);
    }
}
