package org.violin.control.keys;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.violin.dataplane.KeyUse;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TunnelKeys;

/**
 * One side of a tunnel in a test: a key agreement, and as much of a dataplane as it sees. That one keeps the keys it
 * sends with, those before them, and those that wait to be confirmed.
 */
final class Side implements Wire {
    static final long SECOND_NS = 1_000_000_000L;
    private static final long DETECTION_NS = 3 * SECOND_NS;

    /** A datagram of the tunnel's, for which knowing the key stands for being sealed with it. */
    record Data(byte[] key, int index, boolean heard) { }

    /** What becomes of keys that wait when confirmed ones come: {@link Wire} asks for the first, others do no harm. */
    enum Waiting { ENDS, GOES_ON, GOES_BEFORE }

    final KeyAgreement agreement;
    private final Consumer<Object> output;

    TunnelKeys current;
    TunnelKeys previous;
    TunnelKeys waiting;
    private final List<TunnelKeys> installed = new ArrayList<>();
    private boolean hearing;
    private boolean heardByPeer;
    private long heardNs;
    private long sealed;
    int notUnderstood;
    /** Whether a tunnel that is lost forgets its keys, so that it comes up with others only. */
    boolean forgets;
    Waiting onConfirmed = Waiting.ENDS;
    private long tickNs;

    /** @param output takes handshakes, as arrays of bytes, and {@link Data} */
    Side(SharedKey key, List<SealCipher> ciphers, Duration renewal, SecureRandom random, long nowNs,
        Consumer<Object> output) {
        this.output = output;
        agreement = new KeyAgreement(key, ciphers, renewal, this, random, nowNs);
        tickNs = nowNs;
    }

    @Override
    public void send(InetSocketAddress to, byte[] datagram) {
        output.accept(datagram);
    }

    @Override
    public int index(int random) {
        return random;
    }

    @Override
    public void install(TunnelKeys keys) {
        TunnelKeys copy = new TunnelKeys(keys.localIndex(), keys.remoteIndex(), keys.cipher(), keys.sendKey().clone(),
            keys.receiveKey().clone(), keys.confirmed());
        installed.add(copy);
        if (keys.confirmed()) {
            previous = waiting != null && onConfirmed == Waiting.GOES_BEFORE ? waiting : current;
            waiting = onConfirmed == Waiting.GOES_ON ? waiting : null;
            take(copy);
        } else {
            waiting = copy;
        }
    }

    private void take(TunnelKeys keys) {
        current = keys;
        sealed = 0;
    }

    /** What has been installed, in order, in copies. */
    List<TunnelKeys> installed() {
        return installed;
    }

    boolean isUp(long nowNs) {
        return hears(nowNs) && heardByPeer;
    }

    private boolean hears(long nowNs) {
        return hearing && nowNs - heardNs < DETECTION_NS;
    }

    void status(long nowNs) {
        if (forgets && hearing && !hears(nowNs)) {
            hearing = false;
            current = null;
            previous = null;
        }
        agreement.onStatus(new KeyUse(isUp(nowNs), current == null ? 0 : current.localIndex(), sealed));
        tickNs = nowNs;
    }

    void sealed(long datagrams) {
        sealed = datagrams;
    }

    /** Ticks if it is time; returns when it is next. */
    long tick(long nowNs) {
        if (tickNs - nowNs <= 0) {
            tickNs = agreement.onTick(nowNs);
        }
        return tickNs;
    }

    void onKey(SharedKey key, boolean known, long nowNs) {
        agreement.onKey(key, known, nowNs);
        tickNs = nowNs;
    }

    void hello(long nowNs) {
        if (current != null) {
            sealed++;
            output.accept(new Data(current.sendKey(), current.remoteIndex(), hears(nowNs)));
        }
    }

    void receive(Object datagram, long nowNs) {
        if (datagram instanceof byte[] handshake) {
            agreement.onDatagram(null, handshake, nowNs);
            tickNs = nowNs;
            return;
        }
        Data data = (Data) datagram;
        if (opens(waiting, data)) {
            previous = current;
            take(waiting);
            waiting = null;
            status(nowNs);
        } else if (!opens(current, data) && !opens(previous, data)) {
            notUnderstood++;
            return;
        }
        hearing = true;
        heardNs = nowNs;
        heardByPeer = data.heard;
    }

    private static boolean opens(TunnelKeys keys, Data data) {
        return keys != null && keys.localIndex() == data.index && Arrays.equals(keys.receiveKey(), data.key);
    }

    /** Whether what this side sends now is understood by the other. */
    boolean isUnderstoodBy(Side other) {
        Data data = new Data(current.sendKey(), current.remoteIndex(), true);
        return opens(other.waiting, data) || opens(other.current, data) || opens(other.previous, data);
    }

    /** Whether both send with the keys of the same handshake. */
    static boolean fit(Side a, Side b) {
        return mirrored(a.current, b.current);
    }

    static boolean mirrored(TunnelKeys a, TunnelKeys b) {
        return a != null && b != null && a.localIndex() == b.remoteIndex() && a.remoteIndex() == b.localIndex()
            && a.cipher() == b.cipher() && Arrays.equals(a.sendKey(), b.receiveKey())
            && Arrays.equals(a.receiveKey(), b.sendKey());
    }

    long count(KeyEvent event) {
        return agreement.count(event);
    }
}
