package org.violin.dataplane.bridge;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.violin.dataplane.counters.Counters;

/**
 * The stations that a switch has learned, in memory of fixed size.
 *
 * <p>Theory of operation. An entry is one 64-bit word, the MAC address above a 16-bit port, so that a reader sees both
 * or neither. An address has a home, chosen by a hash with a secret of the table's own, so that nobody outside can aim
 * at one. Its bucket is the eight entries from there, and it has the first that was free when it was learned: nearly
 * always its home, so that a processor guesses right how a search goes, and fetches the next frame's stations while it
 * waits for this one's.
 *
 * <p>What a sender of endless made-up addresses can do is bounded by two rules. A port holds at most three quarters of
 * the table, or what it is limited to (its quota). And a full bucket makes room by forgetting the oldest entry of that
 * port in the bucket which holds most entries in the whole table, never one of a port that holds no more than the
 * learner's own: the learner then replaces the oldest of its own in the bucket, or is refused. A flood thus comes to
 * displace itself: a port loses entries only to ports that hold fewer.
 *
 * <p>Many workers share a table, and none waits for another. An entry changes by compare-and-set, and who changes it
 * keeps the accounts; who loses a race leaves the station to its next frame. Two workers may put a new station in two
 * places of its bucket: each then looks again and forgets all but the first of them, so one is left, whoever was
 * first. When a station was last seen stands beside its entry and is not exact in a race: a station may be forgotten
 * early or late, but never has another's port. The accounts of a race lag by no more than one entry a worker. The fast
 * path (a known station, where it was) reads plainly: a word is read whole, and an old one is as good as an earlier
 * frame; ordered reads, even opaque ones, cost a fifth of a decision.
 *
 * <p>{@link #learn}, {@link #enter} and {@link #lookup}: any worker. {@link #addPort}, before a worker learns on the
 * port, and {@link #removePort}, when none does any more: any thread. {@link #onTick}: one thread.
 */
public final class MacTable {
    /** No station. */
    public static final int ABSENT = -1;
    /** Entries hold the port plus one, so that zero is no entry. */
    public static final int MAX_PORT = 65_534;

    private static final int WAYS = 8;
    private static final long PORT_MASK = 0xFFFF;
    /** The sweep passes the whole table in so many seconds, or in a quarter of the ageing time if that is less. */
    private static final int SWEEP_SECONDS = 16;
    /** Ports whose accounts are made at a time: what each holds, and behind all of these, what each is limited to. */
    private static final int CHUNK_PORTS = 256;

    private final AtomicLongArray entries;
    private final int[] seenSeconds;
    /** Takes an index round the end of the table. */
    private final int mask;
    private final int hashShift;
    private final long addend;
    private final long multiplier;
    private final long finalMultiplier;
    private final int ageingSeconds;
    private final int quota;
    private final int sweepEntries;
    private final long startNs;
    private final Counters<MacCounter> counters = new Counters<>(MacCounter.class);
    private final AtomicReferenceArray<AtomicIntegerArray> accounts =
        new AtomicReferenceArray<>(MAX_PORT / CHUNK_PORTS + 1);
    private final AtomicInteger size = new AtomicInteger();
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
        mask = capacity - 1;
        hashShift = Long.SIZE - Integer.numberOfTrailingZeros(capacity);
        addend = mix(secret + 1);
        multiplier = mix(secret + 2) | 1;
        finalMultiplier = mix(secret + 3) | 1;
        quota = capacity - capacity / 4;
        sweepEntries = Math.ceilDiv(capacity, Math.clamp(ageingSeconds / 4, 1, SWEEP_SECONDS));
        startNs = nowNs;
        seenSeconds = new int[capacity];
        entries = new AtomicLongArray(capacity);
    }

    /** Stafford's mix 13, as in SplittableRandom: makes independent keys of one secret. */
    private static long mix(long z) {
        z *= 0x9E37_79B9_7F4A_7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return z ^ (z >>> 31);
    }

    /** The first entry of the address's bucket. */
    private int home(long mac) {
        long hash = (mac + addend) * multiplier;
        hash = (hash ^ (hash >>> 32)) * finalMultiplier;
        return (int) (hash >>> hashShift);
    }

    /** The port of a station, or {@link #ABSENT}. */
    public int lookup(long mac) {
        int home = home(mac);
        for (int way = 0; way < WAYS; way++) {
            long entry = entries.getPlain(home + way & mask);
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
        int home = home(mac);
        int free = ABSENT;
        for (int way = 0; way < WAYS; way++) {
            int at = home + way & mask;
            long entry = entries.getPlain(at);
            if (entry >>> 16 == mac) {
                refresh(at, entry, port);
                return;
            }
            if (entry == 0 && free == ABSENT) {
                free = at;
            }
        }
        insert(mac, port, home, free);
    }

    /**
     * Enters a station that another switch has learned, if this one knows nothing of it and an entry of its bucket is
     * free, within what the port may hold. It is as old as it was there, and the next frame of the station says more.
     *
     * @param mac  neither 0 nor a group address
     * @param port one that was added
     * @return whether it has been entered
     */
    public boolean enter(long mac, int port, int ageSeconds) {
        assert mac != 0;
        int home = home(mac);
        int free = ABSENT;
        for (int way = 0; way < WAYS; way++) {
            int at = home + way & mask;
            long entry = entries.get(at);
            if (entry >>> 16 == mac) {
                return false;
            }
            if (entry == 0 && free == ABSENT) {
                free = at;
            }
        }
        return free != ABSENT && held(port) < Math.min(limit(port), quota)
            && put(mac, port, home, free, 0, nowSeconds - Math.clamp(ageSeconds, 0, ageingSeconds));
    }

    private void refresh(int at, long entry, int port) {
        int before = portOf(entry);
        if (before != port && held(port) >= limit(port)) {
            // A limited port takes no more than that from others, either. Where the station was, it ages.
            counters.addShared(MacCounter.REFUSED, 1);
            return;
        }
        int now = nowSeconds;
        if (seen(at) != now) {
            seenSeconds[at] = now;
        }
        if (before != port && entries.compareAndSet(at, entry, entryOf(entry >>> 16, port))) {
            hold(before, -1);
            hold(port, 1);
            counters.addShared(MacCounter.MOVED, 1);
        }
    }

    private void insert(long mac, int port, int home, int free) {
        int at = free;
        if (held(port) >= Math.min(limit(port), quota)) {
            at = oldestOf(port, home);
        } else if (free == ABSENT) {
            at = victimFor(port, home);
        }
        if (at == ABSENT) {
            counters.addShared(MacCounter.REFUSED, 1);
            return;
        }
        long victim = at == free ? 0 : entries.get(at);
        MacCounter why = expired(at) ? MacCounter.AGED : MacCounter.EVICTED;
        if (put(mac, port, home, at, victim, nowSeconds) && victim != 0) {
            account(victim, why);
        }
    }

    /** Puts a station in the place of {@code victim}; false: another was quicker. */
    private boolean put(long mac, int port, int home, int at, long victim, int seen) {
        seenSeconds[at] = seen;
        if (!entries.compareAndSet(at, victim, entryOf(mac, port))) {
            return false;
        }
        hold(port, 1);
        size.getAndIncrement();
        counters.addShared(MacCounter.LEARNED, 1);
        forgetDoubles(mac, home);
        return true;
    }

    /** Leaves the first of a station's entries. */
    private void forgetDoubles(long mac, int home) {
        boolean found = false;
        for (int way = 0; way < WAYS; way++) {
            int at = home + way & mask;
            long entry = entries.get(at);
            if (entry >>> 16 == mac) {
                if (found) {
                    forget(at, entry, MacCounter.EVICTED);
                }
                found = true;
            }
        }
    }

    /** Which entry of a full bucket gives way to a new station on a port; see the theory of operation. */
    private int victimFor(int port, int home) {
        int victim = ABSENT;
        int most = 0;
        for (int way = 0; way < WAYS; way++) {
            int at = home + way & mask;
            long entry = entries.get(at);
            if (entry == 0 || expired(at)) {
                return at;
            }
            int held = held(portOf(entry));
            if (victim == ABSENT || held > most || (held == most && seen(at) < seen(victim))) {
                victim = at;
                most = held;
            }
        }
        return most > held(port) ? victim : oldestOf(port, home);
    }

    private int oldestOf(int port, int home) {
        int oldest = ABSENT;
        for (int way = 0; way < WAYS; way++) {
            int at = home + way & mask;
            long entry = entries.get(at);
            if (entry != 0 && portOf(entry) == port && (oldest == ABSENT || seen(at) < seen(oldest))) {
                oldest = at;
            }
        }
        return oldest;
    }

    private int seen(int at) {
        return seenSeconds[at];
    }

    private boolean expired(int at) {
        return nowSeconds - seen(at) >= ageingSeconds;
    }

    private void forget(int at, long entry, MacCounter why) {
        if (entries.compareAndSet(at, entry, 0)) {
            account(entry, why);
        }
    }

    /** Settles the accounts of an entry that has just been taken out. */
    private void account(long entry, MacCounter why) {
        hold(portOf(entry), -1);
        size.getAndDecrement();
        if (why != null) {
            counters.addShared(why, 1);
        }
    }

    /** Entries on a port. */
    int held(int port) {
        return accounts.get(port / CHUNK_PORTS).get(port % CHUNK_PORTS);
    }

    private void hold(int port, int delta) {
        accounts.get(port / CHUNK_PORTS).getAndAdd(port % CHUNK_PORTS, delta);
    }

    private int limit(int port) {
        int limit = accounts.get(port / CHUNK_PORTS).get(CHUNK_PORTS + port % CHUNK_PORTS);
        return limit > 0 ? limit : Integer.MAX_VALUE;
    }

    /**
     * Has a port that was added hold at most so many entries; 0: no fewer than any port may. What it has beyond that
     * stays until it ages. Any thread.
     */
    public void limitPort(int port, int max) {
        accounts.get(port / CHUNK_PORTS).set(CHUNK_PORTS + port % CHUNK_PORTS, max);
    }

    /** Makes a port known before anything is learned on it. */
    public void addPort(int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port " + port + ": 0 to " + MAX_PORT);
        }
        if (accounts.get(port / CHUNK_PORTS) == null) {
            accounts.compareAndSet(port / CHUNK_PORTS, null, new AtomicIntegerArray(2 * CHUNK_PORTS));
        }
    }

    /** Forgets all stations on a port that no worker learns on any more, and its limit. Passes the whole table. */
    public void removePort(int port) {
        limitPort(port, 0);
        for (int at = 0; at < capacity() && held(port) > 0; at++) {
            long entry = entries.get(at);
            if (entry != 0 && portOf(entry) == port) {
                forget(at, entry, null);
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
        int steps = (int) Math.min(capacity(), (long) passed * sweepEntries);
        for (int i = 0; i < steps; i++) {
            long entry = entries.get(sweepAt);
            if (entry != 0 && expired(sweepAt)) {
                forget(sweepAt, entry, MacCounter.AGED);
            }
            sweepAt = sweepAt + 1 & mask;
        }
    }

    public int size() {
        return size.get();
    }

    public int capacity() {
        return mask + 1;
    }

    public Counters<MacCounter> counters() {
        return counters;
    }

    /**
     * Copies entries, as many as the arrays hold. Any thread.
     *
     * @param stations   receives entries; take them apart with {@link #macOf} and {@link #portOf}
     * @param ageSeconds receives how long ago each station was last seen; as long as {@code stations}
     * @return how many were copied
     */
    public int snapshot(long[] stations, int[] ageSeconds) {
        int count = 0;
        for (int at = 0; at < capacity() && count < stations.length; at++) {
            long entry = entries.get(at);
            if (entry != 0 && !expired(at)) {
                stations[count] = entry;
                ageSeconds[count++] = Math.max(0, nowSeconds - seen(at));
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
