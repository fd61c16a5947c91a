package org.violin.control.keys;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.BooleanSupplier;
import org.violin.dataplane.KeyUse;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TunnelKeys;

/**
 * Keeps one tunnel in keys: begins handshakes, answers those of the peer, and does so again in time. Both sides are
 * equal; docs/tunnel-protocol.md, Handshake, is the specification.
 *
 * <p>A side wants keys if it has none, if the tunnel is lost, or if the present ones are old: it then sends a first
 * message every second, less up to 25 %, until there are new ones. Whoever began the handshake that gave the present
 * keys renews them after the interval; the other side does {@link #RENEWAL_GRACE} or a quarter of the interval later,
 * whichever is less, if that has not happened.
 *
 * <p>The shared key is that of a file, or comes from control connections by {@link #onKey}, again and again: keys of
 * the tunnel that were agreed on by the one before stay in use until there are others.
 *
 * <p>Replays, forgeries and late messages change nothing: a first message is answered once, an answer counts for the
 * attempt that it names, and no secret of an attempt is given up before a good answer has come or its time is over.
 * When both sides begin at once, both answer, and the handshake whose initiator's session index is higher goes before
 * the other: the answer to that one is refused.
 *
 * <p>What floods cost is bounded. A datagram that fails the first checks costs next to nothing; of the others, at most
 * {@value #OPENED_PER_SECOND} first messages a second are opened (some 40 us each, once the JVM has compiled it),
 * {@value #ANSWERED_PER_SECOND} answered (0.3 ms), and {@value #ANSWERS_PER_SECOND} answers to this side opened (0.2
 * ms): together 7 % of a core. Memory does not grow.
 *
 * <p>Not thread-safe, but for {@link #counts}: one thread calls its methods, and it calls {@link Wire} from within
 * them. Times are those of one monotonic clock, in nanoseconds from any origin.
 */
public final class KeyAgreement implements AutoCloseable {
    /** For how long keys are used before others are agreed on, unless something else is wanted. */
    public static final Duration RENEWAL_DEFAULT = Duration.ofSeconds(120);
    public static final Duration RENEWAL_MIN = Duration.ofSeconds(1);
    /** For how long a side leaves renewing to the peer whose turn it is. */
    public static final Duration RENEWAL_GRACE = Duration.ofSeconds(10);
    /** For how many datagrams of one side keys are used: far below what their ciphers can bear. */
    public static final long RENEWAL_DATAGRAMS = 1L << 32;

    /** How many first messages are remembered, so that they are not answered twice. */
    static final int SEEN_MAX = 1024;
    /** Attempts of this side that an answer is waited for: more than one for paths whose round trip takes seconds. */
    static final int ATTEMPTS_MAX = 4;
    static final int OPENED_PER_SECOND = 1000;
    static final int ANSWERED_PER_SECOND = 20;
    static final int ANSWERS_PER_SECOND = 100;
    static final int BURST = 20;

    private static final long RETRY_NS = 1_000_000_000L;
    private static final long RETRY_JITTER_NS = RETRY_NS / 4;
    /** For how long an answer may come: the secret that opens it is overwritten then. */
    private static final long ATTEMPT_NS = 5 * RETRY_NS;
    /** For how long a side that wants keys may be kept from asking for some by answering the peer. */
    private static final long YIELD_NS_MAX = 2 * RETRY_NS;
    /** How long a tunnel with new keys is given to come up: as long as it takes to find that the peer is lost. */
    private static final long COMING_UP_NS = 3 * RETRY_NS;
    private static final long IN_VAIN_NS = 5 * RETRY_NS;
    private static final long NEVER_NS = 3600 * RETRY_NS;

    /** A handshake of this side that may still be answered. */
    private record Attempt(int index, SharedKey key, NoiseHandshake handshake, long sentNs) { }

    /** What is known of an authentic first message: where it came from, which shared key opened it, what is in it. */
    private record First(InetSocketAddress source, SharedKey key, byte[] payload) { }

    /** Keys that the tunnel has. {@code own}: this side began the handshake that gave them, by the shared key. */
    private record Keys(int index, SharedKey by, boolean own, long sinceNs) { }

    private final KeyRing ring = new KeyRing();
    private final List<SealCipher> ciphers;
    private final long renewalNs;
    private final Wire wire;
    private final SecureRandom random;
    private final byte[] prologue = HandshakeCodec.prologue();

    private final SeenKeys seen = new SeenKeys(SEEN_MAX);
    private final TokenBucket opened;
    private final TokenBucket answered;
    private final TokenBucket answers;
    private final AtomicLongArray counts = new AtomicLongArray(KeyEvent.values().length);

    /** The oldest first. */
    private final Deque<Attempt> attempts = new ArrayDeque<>(ATTEMPTS_MAX + 1);
    /** What the tunnel sends with, as far as is known here; null: nothing yet. */
    private Keys present;
    /** What this side has answered with last; null: the peer has shown that it has them, or there were none. */
    private Keys unconfirmed;
    /** The peer's index in the first message that was answered last, 0 if there was none; and when that was. */
    private int answeredIndex;
    private long answeredNs;
    private boolean up;
    private long sealed;
    /** Whether there is a shared key that the peer has not been shown yet. */
    private boolean untried;

    /** Whether keys were wanted when that was last looked at, and since when. */
    private boolean wanting;
    private long wantingSinceNs;
    /** When a first message is sent next, if keys are wanted; and when one was last. */
    private long nextAttemptNs;
    private long lastAttemptNs;

    /**
     * @param key     that both sides have; null: {@link #onKey} gives one. Not closed by this
     * @param ciphers what this side takes, the one it likes best first; each once, one or more
     * @param renewal {@link #RENEWAL_DEFAULT}, or another; at least {@link #RENEWAL_MIN}
     * @param random  of ephemeral keys, indices, and the time between attempts
     */
    public KeyAgreement(SharedKey key, List<SealCipher> ciphers, Duration renewal, Wire wire, SecureRandom random,
        long nowNs) {
        if (ciphers.isEmpty() || ciphers.stream().distinct().count() != ciphers.size()) {
            throw new IllegalArgumentException("ciphers: " + ciphers);
        }
        if (renewal.compareTo(RENEWAL_MIN) < 0) {
            throw new IllegalArgumentException("renewal: " + renewal + ": at least " + RENEWAL_MIN);
        }
        if (key != null) {
            ring.add(key.copy());
            ring.choose(ring.all().getFirst());
        }
        this.ciphers = List.copyOf(ciphers);
        this.renewalNs = renewal.toNanos();
        this.wire = wire;
        this.random = random;
        opened = new TokenBucket(OPENED_PER_SECOND, BURST, nowNs);
        answered = new TokenBucket(ANSWERED_PER_SECOND, BURST, nowNs);
        answers = new TokenBucket(ANSWERS_PER_SECOND, BURST, nowNs);
        nextAttemptNs = nowNs;
        lastAttemptNs = nowNs;
        wantingSinceNs = nowNs;
    }

    /** How often each event has come about, by label, without those that have not; from any thread. */
    public Map<String, Long> counts() {
        Map<String, Long> result = new LinkedHashMap<>();
        for (KeyEvent event : KeyEvent.values()) {
            if (count(event) != 0) {
                result.put(event.label(), count(event));
            }
        }
        return result;
    }

    /** From any thread. */
    public long count(KeyEvent event) {
        return counts.get(event.ordinal());
    }

    /** What the dataplane tells of the tunnel now; it need not be asked more often than some times a second. */
    public void onStatus(KeyUse state) {
        up = state.up();
        if (unconfirmed != null && unconfirmed.index == state.localIndex()) {
            present = unconfirmed;
            unconfirmed = null;
            ring.choose(present.by);
            untried = false;
            counts.incrementAndGet(KeyEvent.CONFIRMED.ordinal());
        }
        // Of other keys, it was looked up before the present ones were installed.
        sealed = present != null && present.index == state.localIndex() ? state.datagrams() : 0;
    }

    /**
     * Takes a shared key that a control connection has given, beside those that there are.
     *
     * @param key   this object's from now on
     * @param known whether the peer is known to have it: then this side begins a handshake with it, at once if nothing
     *              can be lost by that. Otherwise it waits until the peer does
     */
    public void onKey(SharedKey key, boolean known, long nowNs) {
        ring.add(key);
        if (known) {
            ring.choose(key);
            untried = true;
            // Of a tunnel that is up, the peer may yet wait for the first datagram with the keys of the last attempt.
            nextAttemptNs = up ? nextAttemptNs : nowNs;
        }
    }

    /**
     * Whether another shared key may help: the tunnel is not up, or keys have been wanted in vain for so long that the
     * sides may have no shared key in common.
     */
    public boolean wantsSharedKey(long nowNs) {
        return !up || wanting && nowNs - wantingSinceNs >= IN_VAIN_NS;
    }

    /**
     * Does what is due.
     *
     * @return when to call this again at the latest; sooner after {@link #onStatus} and {@link #onDatagram}
     */
    public long onTick(long nowNs) {
        while (!attempts.isEmpty() && nowNs - attempts.getFirst().sentNs >= ATTEMPT_NS) {
            attempts.removeFirst().handshake.close();
        }
        long dueNs = wantedNs(nowNs);
        if (dueNs - nowNs <= 0) {
            if (!wanting) {
                wanting = true;
                wantingSinceNs = nowNs;
            }
            // Answers to the peer put an attempt off, but not for ever.
            long latestNs = later(wantingSinceNs, lastAttemptNs) + YIELD_NS_MAX;
            dueNs = earlier(nextAttemptNs, latestNs);
            if (dueNs - nowNs <= 0) {
                initiate(nowNs);
                dueNs = nextAttemptNs;
            }
        } else {
            wanting = false;
        }
        return attempts.isEmpty() ? dueNs : earlier(dueNs, attempts.getFirst().sentNs + ATTEMPT_NS);
    }

    /** From when on this side wants keys; {@code nowNs} or before: now. */
    private long wantedNs(long nowNs) {
        if (ring.chosen() == null) {
            return nowNs + NEVER_NS;
        }
        if (present == null || untried || sealed >= RENEWAL_DATAGRAMS) {
            return nowNs;
        }
        long graceNs = present.own ? 0 : Math.min(RENEWAL_GRACE.toNanos(), renewalNs / 4);
        long renewNs = present.sinceNs + renewalNs + graceNs;
        return up ? renewNs : earlier(renewNs, present.sinceNs + COMING_UP_NS);
    }

    private void initiate(long nowNs) {
        int index = newIndex(0);
        NoiseHandshake handshake = new NoiseHandshake(ring.chosen(), prologue);
        byte[] message = handshake.writeFirst(random(X25519.BYTES),
            HandshakeCodec.payload(index, HandshakeCodec.bits(ciphers)));
        if (attempts.size() == ATTEMPTS_MAX) {
            attempts.removeFirst().handshake.close();
        }
        attempts.addLast(new Attempt(index, ring.chosen(), handshake, nowNs));
        lastAttemptNs = nowNs;
        nextAttemptNs = nowNs + retryNs();
        counts.incrementAndGet(KeyEvent.INITIATED.ordinal());
        byte[] datagram = HandshakeCodec.datagram(HandshakeCodec.TYPE_FIRST, 0, message);
        seen.add(HandshakeCodec.ephemeral(datagram)); // the key is the same on both sides: it could be sent back
        wire.send(null, datagram);
    }

    /**
     * Whether a datagram that came from anywhere is part of a handshake of this tunnel's. To find out costs as much as
     * opening it with each of its shared keys.
     *
     * @param datagram of any length and content; not changed
     * @param mayOpen  asked before each of them
     */
    public boolean isFor(byte[] datagram, BooleanSupplier mayOpen) {
        if (HandshakeCodec.check(datagram) != null) {
            return false;
        }
        if (HandshakeCodec.type(datagram) != HandshakeCodec.TYPE_FIRST) {
            return attempt(datagram) != null;
        }
        if (seen.contains(HandshakeCodec.ephemeral(datagram))) {
            return false;
        }
        for (SharedKey key : ring.all()) {
            if (!mayOpen.getAsBoolean()) {
                return false;
            }
            try (NoiseHandshake handshake = new NoiseHandshake(key, prologue)) {
                if (handshake.readFirst(HandshakeCodec.message(datagram)) != null) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Takes a datagram that came for the tunnel and that may be part of a handshake.
     *
     * @param source   where it came from, and an answer goes to
     * @param datagram of any length and content; not changed
     */
    public void onDatagram(InetSocketAddress source, byte[] datagram, long nowNs) {
        KeyEvent event = HandshakeCodec.check(datagram);
        if (event == null) {
            boolean first = HandshakeCodec.type(datagram) == HandshakeCodec.TYPE_FIRST;
            event = first ? onFirst(source, datagram, nowNs) : onAnswer(datagram, nowNs);
        }
        counts.incrementAndGet(event.ordinal());
    }

    private KeyEvent onFirst(InetSocketAddress source, byte[] datagram, long nowNs) {
        byte[] ephemeral = HandshakeCodec.ephemeral(datagram);
        if (seen.contains(ephemeral)) {
            return KeyEvent.HANDSHAKE_REPEATED;
        }
        if (ring.all().isEmpty()) {
            return KeyEvent.HANDSHAKE_EARLY;
        }
        byte[] message = HandshakeCodec.message(datagram);
        for (SharedKey key : ring.all()) {
            if (!opened.take(nowNs)) {
                return KeyEvent.HANDSHAKE_FLOOD;
            }
            try (NoiseHandshake handshake = new NoiseHandshake(key, prologue)) {
                byte[] payload = handshake.readFirst(message);
                if (payload != null) {
                    return onAuthentic(new First(source, key, payload), handshake, ephemeral, nowNs);
                }
            }
        }
        return KeyEvent.HANDSHAKE_FORGED;
    }

    private KeyEvent onAuthentic(First first, NoiseHandshake handshake, byte[] ephemeral, long nowNs) {
        if (!answered.take(nowNs)) {
            return KeyEvent.HANDSHAKE_FLOOD;
        }
        seen.add(ephemeral);
        return HandshakeCodec.isValid(first.payload, 0) ? answer(first, handshake, nowNs) : KeyEvent.HANDSHAKE_FIELD;
    }

    private KeyEvent answer(First first, NoiseHandshake handshake, long nowNs) {
        SealCipher cipher = choose(HandshakeCodec.ciphers(first.payload));
        if (cipher == null) {
            return KeyEvent.HANDSHAKE_CIPHER;
        }
        int peerIndex = HandshakeCodec.senderIndex(first.payload);
        int index = newIndex(peerIndex);
        byte[] message = handshake.writeAnswer(random(X25519.BYTES),
            HandshakeCodec.payload(index, HandshakeCodec.bit(cipher)));
        if (message == null) {
            return KeyEvent.HANDSHAKE_POINT;
        }
        NoiseHandshake.TransportKeys keys = handshake.split();
        install(new TunnelKeys(index, peerIndex, cipher, keys.responder(), keys.initiator(), false), keys);
        unconfirmed = new Keys(index, first.key, false, nowNs);
        answeredIndex = peerIndex;
        answeredNs = nowNs;
        nextAttemptNs = later(nextAttemptNs, nowNs + retryNs());
        wire.send(first.source, HandshakeCodec.datagram(HandshakeCodec.TYPE_ANSWER, peerIndex, message));
        return KeyEvent.ANSWERED;
    }

    /** The one that an answer names; null: none that is under way. */
    private Attempt attempt(byte[] answer) {
        int index = HandshakeCodec.receiverIndex(answer);
        return attempts.stream().filter(a -> a.index == index).findFirst().orElse(null);
    }

    private KeyEvent onAnswer(byte[] datagram, long nowNs) {
        int index = HandshakeCodec.receiverIndex(datagram);
        Attempt attempt = attempt(datagram);
        if (attempt == null || nowNs - attempt.sentNs >= ATTEMPT_NS) {
            return KeyEvent.HANDSHAKE_UNKNOWN;
        }
        if (!answers.take(nowNs)) {
            return KeyEvent.HANDSHAKE_FLOOD;
        }
        NoiseHandshake.Answer answer = attempt.handshake.readAnswer(HandshakeCodec.message(datagram));
        if (answer == null) {
            return KeyEvent.HANDSHAKE_FORGED;
        }
        SealCipher cipher = chosen(HandshakeCodec.ciphers(answer.payload()));
        boolean valid = cipher != null && HandshakeCodec.isValid(answer.payload(), index);
        if (!valid || isCrossed(attempt)) {
            answer.keys().clear();
            return valid ? KeyEvent.HANDSHAKE_CROSSED : KeyEvent.HANDSHAKE_FIELD;
        }
        int peerIndex = HandshakeCodec.senderIndex(answer.payload());
        install(new TunnelKeys(index, peerIndex, cipher, answer.keys().initiator(), answer.keys().responder(), true),
            answer.keys());
        present = new Keys(index, attempt.key, true, nowNs);
        untried &= attempt.key != ring.chosen();
        sealed = 0;
        // The peer has answered this attempt, so what it does with earlier ones is done. It may yet answer later ones,
        // and then have their keys instead of these.
        while (attempts.getFirst().index != index) {
            attempts.removeFirst().handshake.close();
        }
        attempts.removeFirst().handshake.close();
        return KeyEvent.AGREED;
    }

    /**
     * Whether both sides have begun at once, and the peer's handshake goes before this attempt: it has been answered
     * since, so that the peer has keys by it or soon will, and does not use those of this one.
     */
    private boolean isCrossed(Attempt attempt) {
        return answeredNs - attempt.sentNs >= 0 && Integer.compareUnsigned(answeredIndex, attempt.index) > 0;
    }

    private void install(TunnelKeys tunnelKeys, NoiseHandshake.TransportKeys secrets) {
        try {
            wire.install(tunnelKeys);
        } finally {
            secrets.clear();
        }
    }

    /** Of what the peer offers, what this side likes best; null if it takes none of it. */
    private SealCipher choose(int offered) {
        return ciphers.stream().filter(c -> (HandshakeCodec.bit(c) & offered) != 0).findFirst().orElse(null);
    }

    /** What the peer has chosen; null if that is not exactly one of what this side has offered. */
    private SealCipher chosen(int bits) {
        return ciphers.stream().filter(c -> HandshakeCodec.bit(c) == bits).findFirst().orElse(null);
    }

    /** Random, not 0, {@code notIndex}, or the index of anything there is. */
    private int newIndex(int notIndex) {
        while (true) {
            int index = wire.index(HandshakeCodec.senderIndex(random(HandshakeCodec.PAYLOAD_BYTES)));
            boolean taken = present != null && present.index == index
                || unconfirmed != null && unconfirmed.index == index
                || attempts.stream().anyMatch(a -> a.index == index);
            if (index != 0 && index != notIndex && !taken) {
                return index;
            }
        }
    }

    /** From one first message to the next: not always the same, so that two sides do not keep crossing. */
    private long retryNs() {
        byte[] bytes = random(4);
        int fraction = (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
        return RETRY_NS - RETRY_JITTER_NS * fraction / 0xFFFF;
    }

    private byte[] random(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static long later(long aNs, long bNs) {
        return aNs - bNs > 0 ? aNs : bNs;
    }

    private static long earlier(long aNs, long bNs) {
        return aNs - bNs < 0 ? aNs : bNs;
    }

    /** Overwrites the shared keys, and the secrets of attempts under way. What the dataplane has stays there. */
    @Override
    public void close() {
        attempts.forEach(attempt -> attempt.handshake.close());
        attempts.clear();
        ring.close();
    }
}
