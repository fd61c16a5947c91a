package org.violin.dataplane.tunnel;

import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * What a session's datagrams have in common: the indices that name it on both sides, the counters that are taken and
 * seen, and the keys. A session that is not sealed has one for ever, whose indices it draws itself; a sealed one gets a
 * new one from each handshake, and keeps the last for what is still under way.
 *
 * <p>The worker that receives for the tunnel owns it, but for {@link #takeCounters}, any thread's, and the seals, of
 * which each worker has its own.
 */
public final class Epoch implements AutoCloseable {
    /** Of datagrams that belong to no session. */
    static final Epoch NONE = new Epoch();

    private final Aead[] seals;
    private final Aead opener;
    private final boolean confirmed;
    private final ReplayWindow window = new ReplayWindow();
    private final ArrivalMeter arrivals = new ArrivalMeter();
    private final AtomicLong nextCounter = new AtomicLong();
    private final long bornNs;
    private int localIndex;
    private int remoteIndex;

    /** Not sealed. */
    Epoch() {
        this(new Aead[0], null, false, 0);
    }

    /**
     * What a handshake has given: indices other than 0, and keys of 32 bytes, which are copied.
     *
     * @param workers   how many send
     * @param confirmed whether the peer is known to have the keys
     */
    public static Epoch sealed(int localIndex, int remoteIndex, Aead.Cipher cipher, byte[] sendKey, byte[] receiveKey,
        int workers, boolean confirmed, long nowNs) {
        Aead[] seals = Stream.generate(() -> Aead.sealing(cipher, sendKey)).limit(workers).toArray(Aead[]::new);
        Epoch epoch = new Epoch(seals, Aead.opening(cipher, receiveKey), confirmed, nowNs);
        epoch.rename(localIndex, remoteIndex);
        return epoch;
    }

    private Epoch(Aead[] seals, Aead opener, boolean confirmed, long nowNs) {
        this.seals = seals;
        this.opener = opener;
        this.confirmed = confirmed;
        bornNs = nowNs;
    }

    /** A session that is not sealed begins, or its peer's does; 0: the peer's index is not known. */
    void rename(int newLocalIndex, int newRemoteIndex) {
        localIndex = newLocalIndex;
        remoteIndex = newRemoteIndex;
        window.reset();
        arrivals.reset();
    }

    /** What the peer's datagrams name. */
    public int localIndex() {
        return localIndex;
    }

    /** What this side's datagrams name; 0 while that is not known. */
    int remoteIndex() {
        return remoteIndex;
    }

    boolean isConfirmed() {
        return confirmed;
    }

    long ageNs(long nowNs) {
        return nowNs - bornNs;
    }

    ReplayWindow window() {
        return window;
    }

    ArrivalMeter arrivals() {
        return arrivals;
    }

    /**
     * The first of {@code count} counters for the next datagrams, none of them ever given out again; they go on from
     * session to session, as what another worker still sends of the last one must not look new. Any thread.
     */
    long takeCounters(int count) {
        return nextCounter.getAndAdd(count);
    }

    /** How many have been taken. Any thread. */
    public long countersTaken() {
        return nextCounter.get();
    }

    /** Seals what the worker sends; null: nothing is sealed. */
    Aead seal(int worker) {
        return seals.length == 0 ? null : seals[worker];
    }

    /** What sealing adds to a datagram. */
    int tagBytes() {
        return seals.length == 0 ? 0 : TunnelCodec.TAG_BYTES;
    }

    /** Opens what comes in; null: nothing is sealed. */
    Aead opener() {
        return opener;
    }

    /** Overwrites the keys. No worker knows of them any more. */
    @Override
    public void close() {
        for (Aead seal : seals) {
            seal.close();
        }
        if (opener != null) {
            opener.close();
        }
    }
}
