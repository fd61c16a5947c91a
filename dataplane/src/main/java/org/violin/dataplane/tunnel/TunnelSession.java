package org.violin.dataplane.tunnel;

import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * One side's view of the association with a peer: finds it, proves that both directions work, watches that they go on
 * working, measures the round trip, and tells datagrams of this association from all others.
 *
 * <p>Theory of operation. A session is an index that a side draws at random when it starts, and again whenever it has
 * lost the peer, with a counter. Hellos tell the peer's index from one's own, like the discriminators of
 * Bidirectional Forwarding Detection (RFC 5880). Only a hello that names this side's present index changes anything:
 * its sender has received from here. Such a hello is believed about the sender's index; any other is answered with a
 * hello that names its sender's index, no longer than it, and forgotten. A stranger who cannot see this side's
 * datagrams therefore can neither set up, nor reset, nor end a session, and a restarted peer gets in after one round
 * trip more. Losing the peer ends the session on this side, so nothing that spoils one (a forged counter far ahead,
 * which makes the peer's own look old) outlives the detection time.
 *
 * <p>A sealed session takes its indices and keys from handshakes ({@link #install}), an {@link Epoch} each; strangers
 * are none of its business, as nothing of theirs proves authentic. New keys do not end it: of two epochs the newer one
 * is sent with as soon as the peer is known to have it, and both are received, so that no datagram is lost on the way
 * from one to the other. Losing the peer leaves the keys as they are: it may come back with them.
 *
 * <p>Owned by one worker. Nothing here allocates but what {@code indices} does, once a session.
 */
public final class TunnelSession {

    /** The values are those on the wire. */
    public enum State {
        /** No hello has come that names this side's index. */
        DOWN,
        /** The peer's hellos name this side's index, but the peer has not yet said that it got such a one. */
        INIT,
        /** Both sides know that both directions work: frames may be sent. */
        UP
    }

    public static final long HELLO_INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
    /** Without a valid datagram for so long, the peer is lost. */
    public static final long DETECTION_NS = 3 * HELLO_INTERVAL_NS;
    /** Round trips beyond this are clocks or forgeries, not measurements. */
    private static final long MAX_RTT_NS = TimeUnit.SECONDS.toNanos(60);

    private static final State[] STATES = State.values();
    private static final ByteOrder ORDER = ByteOrder.BIG_ENDIAN;

    private final int receiveLimit;
    private final int capabilities;
    private final IntSupplier indices;
    private final boolean sealed;
    private final long startNs;

    private State state = State.DOWN;
    private final Epochs epochs;
    private int generation;
    private boolean everUp;
    private long lastHeardNs;
    private long nextHelloNs;
    private boolean answerDue;
    private int answerIndex;

    private long lastHelloCounter;
    private long peerTimestamp;
    private long peerTimestampNs;
    private int peerReceiveLimit = TunnelCodec.MIN_RECEIVE_LIMIT;
    private int peerCapabilities;
    private long rttNs = -1;
    private long echo;
    private long measuredEcho;
    private FecControl fecControl;
    private final PathQuality quality;
    private long upSinceNs;

    /**
     * A session that is not sealed.
     *
     * @param receiveLimit the longest datagram that this side takes, in bytes of UDP payload
     * @param capabilities what this side can do: {@code TunnelCodec.CAPABILITY_...} bits
     * @param indices      random numbers, not to be guessed by others
     */
    public TunnelSession(int receiveLimit, int capabilities, IntSupplier indices, long nowNs) {
        this(receiveLimit, capabilities, indices, new Epoch(), nowNs);
        begin(nowNs);
    }

    private TunnelSession(int receiveLimit, int capabilities, IntSupplier indices, Epoch plain, long nowNs) {
        this.receiveLimit = receiveLimit;
        this.capabilities = capabilities;
        this.indices = indices;
        epochs = new Epochs(plain);
        sealed = plain == null;
        startNs = nowNs;
        nextHelloNs = nowNs;
        quality = new PathQuality(nowNs);
    }

    /** A session that waits for keys. The arguments are those of {@link #TunnelSession}. */
    public static TunnelSession sealed(int receiveLimit, int capabilities, long nowNs) {
        return new TunnelSession(receiveLimit, capabilities, () -> 0, null, nowNs);
    }

    private void begin(long nowNs) {
        int index = indices.getAsInt();
        while (index == 0 || index == localIndex()) {
            index = indices.getAsInt();
        }
        epoch().rename(index, 0);
        lose(nowNs);
    }

    private void lose(long nowNs) {
        state = State.DOWN;
        generation++;
        peerTimestamp = 0;
        rttNs = -1;
        quality.forgetRoundTrips();
        nextHelloNs = nowNs;
    }

    public boolean isSealed() {
        return sealed;
    }

    /** A handshake has given new keys; false if their index is in use, and they are not taken. */
    boolean install(Epoch epoch, long nowNs) {
        if (find(epoch.localIndex()) != null) {
            return false;
        }
        if (epochs.install(epoch, nowNs)) {
            onNewKeys(nowNs);
        }
        return true;
    }

    private void onNewKeys(long nowNs) {
        lastHelloCounter = -1;
        // The peer may be another process now, with another clock.
        peerTimestamp = 0;
        nextHelloNs = nowNs;
    }

    /** Forgets what it has no use for any more, or, at its end, everything. */
    List<Epoch> takeRetired(boolean all) {
        return epochs.takeRetired(all && sealed);
    }

    /** What a datagram that names the index belongs to; null: nothing that there is. */
    Epoch find(int receiverIndex) {
        return epochs.find(receiverIndex);
    }

    /** Looks only: why a datagram would be dropped, before it has been opened; or null. */
    DropReason check(Epoch epoch, long counter) {
        if (epoch.remoteIndex() == 0) {
            return DropReason.TUNNEL_DOWN;
        }
        return epoch.window().isFresh(counter) ? null : DropReason.REPLAYED;
    }

    /** An authentic datagram came in, or one of a session that is not sealed; why it is dropped, or null. */
    DropReason accept(Epoch epoch, long counter, long nowNs) {
        DropReason bad = check(epoch, counter);
        if (bad == null) {
            onArrival(epoch, counter, nowNs);
            if (epochs.confirm(epoch, nowNs)) {
                onNewKeys(nowNs);
            }
        }
        return bad;
    }

    private void onArrival(Epoch epoch, long counter, long nowNs) {
        epoch.window().mark(counter);
        epoch.arrivals().onReceived(counter);
        lastHeardNs = nowNs;
    }

    /** A datagram has been brought back: false if it came after all. It counts as lost on the way. */
    boolean acceptRecovered(Epoch epoch, long counter) {
        boolean fresh = check(epoch, counter) == null;
        if (fresh) {
            epoch.window().mark(counter);
        }
        return fresh;
    }

    /**
     * A datagram with frames came in, with a valid header. The records may be read if the answer is null.
     *
     * @return why it is dropped, or null
     */
    public DropReason onData(int receiverIndex, long counter, long nowNs) {
        Epoch epoch = find(receiverIndex);
        return epoch == null ? DropReason.UNKNOWN_SESSION : accept(epoch, counter, nowNs);
    }

    /**
     * A hello came in, with a valid header, of a session that is not sealed. Ask {@link #onTick} afterwards whether it
     * is to be answered.
     *
     * @return why it is dropped, or null
     */
    public DropReason onHello(DirectBuffer buffer, int offset, int length, long nowNs) {
        echo = 0;
        int senderIndex = buffer.getInt(offset + TunnelCodec.HELLO_SENDER_INDEX, ORDER);
        int localIndex = localIndex();
        if (!areFieldsGood(buffer, offset) || senderIndex == 0 || senderIndex == localIndex) {
            return DropReason.BAD_HELLO;
        }
        if (TunnelCodec.receiverIndex(buffer, offset) != localIndex) {
            answerDue = true;
            answerIndex = senderIndex;
            return null;
        }
        long counter = TunnelCodec.counter(buffer, offset);
        if (senderIndex != remoteIndex()) {
            adopt(senderIndex);
        } else if (!epoch().window().isFresh(counter)) {
            return DropReason.REPLAYED;
        }
        onArrival(epoch(), counter, nowNs);
        take(buffer, offset, length, counter, nowNs);
        return null;
    }

    /** The same of a sealed session: the hello was authentic, and sealed with the keys of {@code epoch}. */
    DropReason onHello(Epoch epoch, DirectBuffer buffer, int offset, int length, long nowNs) {
        echo = 0;
        int senderIndex = buffer.getInt(offset + TunnelCodec.HELLO_SENDER_INDEX, ORDER);
        if (!areFieldsGood(buffer, offset) || senderIndex != epoch.remoteIndex()) {
            return DropReason.BAD_HELLO;
        }
        long counter = TunnelCodec.counter(buffer, offset);
        DropReason bad = accept(epoch, counter, nowNs);
        if (bad == null && epoch == epoch()) {
            take(buffer, offset, length, counter, nowNs);
        }
        return bad;
    }

    private static boolean areFieldsGood(DirectBuffer buffer, int offset) {
        return (buffer.getByte(offset + TunnelCodec.HELLO_STATE) & 0xFF) < STATES.length
            && receiveLimit(buffer, offset) >= TunnelCodec.MIN_RECEIVE_LIMIT
            && (buffer.getByte(offset + TunnelCodec.HELLO_PARTS) & ~TunnelCodec.HELLO_PARTS_KNOWN) == 0;
    }

    private static int receiveLimit(DirectBuffer buffer, int offset) {
        return buffer.getShort(offset + TunnelCodec.HELLO_RECEIVE_LIMIT, ORDER) & 0xFFFF;
    }

    /** A hello of the peer's. One that a later one has overtaken tells an older state, but may ask, and echoes. */
    private void take(DirectBuffer buffer, int offset, int length, long counter, long nowNs) {
        int parts = length < TunnelCodec.HELLO_WITH_REPORT_BYTES ? 0 : buffer.getByte(offset + TunnelCodec.HELLO_PARTS);
        boolean asks = (parts & TunnelCodec.HELLO_ASKS) != 0;
        boolean overtaken = counter <= lastHelloCounter;
        measure(buffer, offset, nowNs);
        if (asks || !overtaken) {
            peerTimestamp = buffer.getLong(offset + TunnelCodec.HELLO_TIMESTAMP, ORDER);
            peerTimestampNs = nowNs;
        }
        if (asks) {
            nextHelloNs = nowNs;
        }
        if (overtaken) {
            return;
        }
        lastHelloCounter = counter;
        peerReceiveLimit = receiveLimit(buffer, offset);
        peerCapabilities = buffer.getInt(offset + TunnelCodec.HELLO_CAPABILITIES, ORDER);
        if ((parts & TunnelCodec.HELLO_HAS_REPORT) != 0) {
            takeReport(buffer, offset, nowNs);
        }
        boolean peerIsDown = buffer.getByte(offset + TunnelCodec.HELLO_STATE) == State.DOWN.ordinal();
        if (sealed && peerIsDown && state == State.UP) {
            // It has begun anew: its frames in parts are other frames.
            generation++;
        }
        enter(peerIsDown ? State.INIT : State.UP, nowNs);
    }

    private void takeReport(DirectBuffer buffer, int offset, long nowNs) {
        boolean told = quality.onReport(buffer.getLong(offset + TunnelCodec.HELLO_REPORT_EXPECTED, ORDER),
            buffer.getLong(offset + TunnelCodec.HELLO_REPORT_RECEIVED, ORDER),
            buffer.getLong(offset + TunnelCodec.HELLO_REPORT_GAPS, ORDER),
            late(capabilities, buffer.getLong(offset + TunnelCodec.HELLO_REPORT_LATE, ORDER)));
        if (told && fecControl != null) {
            fecControl.onLoss(quality.there(), quality.thereUnqueued(), nowNs);
        }
    }

    /** How many of the datagrams came late of somebody who sends so: what nobody can have counted is unknown. */
    private static long late(int capabilitiesOfSender, long counted) {
        return keepsOrder(capabilitiesOfSender) ? Math.max(0, counted) : PathQuality.UNORDERED;
    }

    private static boolean keepsOrder(int capabilitiesOfSender) {
        return (capabilitiesOfSender & TunnelCodec.CAPABILITY_IN_ORDER) != 0;
    }

    /** Whether the peer sends in the order of its counters. */
    boolean peerKeepsOrder() {
        return keepsOrder(peerCapabilities);
    }

    /** What is to be told of losses; null: nothing. */
    void control(FecControl control) {
        fecControl = control;
    }

    PathQuality quality() {
        return quality;
    }

    /** The peer is new, or has begun anew: its counter starts at 0, and its frames in parts are other frames. */
    private void adopt(int senderIndex) {
        epoch().rename(localIndex(), senderIndex);
        lastHelloCounter = -1;
        state = State.DOWN;
        generation++;
        rttNs = -1;
    }

    /** A change of state is told at once, which sets a tunnel up in two round trips. */
    private void enter(State next, long nowNs) {
        if (next != state) {
            state = next;
            everUp |= next == State.UP;
            upSinceNs = nowNs;
            nextHelloNs = nowNs;
        }
    }

    private void measure(DirectBuffer buffer, int offset, long nowNs) {
        echo = buffer.getLong(offset + TunnelCodec.HELLO_ECHO, ORDER);
        if (echo == measuredEcho) {
            return; // the same round trip again: the peer has said something twice
        }
        measuredEcho = echo;
        long holdMicros = buffer.getInt(offset + TunnelCodec.HELLO_HOLD_MICROS, ORDER) & 0xFFFF_FFFFL;
        long elapsedNs = timestamp(nowNs) - echo;
        long sampleNs = elapsedNs - TimeUnit.MICROSECONDS.toNanos(holdMicros);
        if (echo > 0 && elapsedNs >= 0 && sampleNs >= 0 && sampleNs <= MAX_RTT_NS) {
            rttNs = sampleNs;
            quality.onRoundTrip(sampleNs);
        }
    }

    /** Nanoseconds since this object was made, plus one, as 0 on the wire is none. */
    private long timestamp(long nowNs) {
        return nowNs - startNs + 1;
    }

    /**
     * Looks at the clock. To be called after every hello, and at least ten times a second.
     *
     * @return true if a hello is to be sent now, written by {@link #writeHello}
     */
    public boolean onTick(long nowNs) {
        boolean overdue = nowNs - lastHeardNs >= DETECTION_NS;
        if (!sealed) {
            if (overdue && remoteIndex() != 0) {
                begin(nowNs);
            }
            return answerDue || nowNs - nextHelloNs >= 0;
        }
        if (overdue && state != State.DOWN) {
            lose(nowNs);
        }
        if (epochs.expire(nowNs)) {
            lose(nowNs);
        }
        return epoch() != null && nowNs - nextHelloNs >= 0;
    }

    /**
     * Writes the hello that is due, a whole datagram, to the tunnel's peer. An answer to a hello which named another
     * index goes first; it says nothing about the session there is.
     *
     * @return its length, {@link #helloBytes}: no longer than any hello that is answered
     */
    public int writeHello(MutableDirectBuffer buffer, int offset, long nowNs) {
        boolean answer = answerDue && answerIndex != remoteIndex();
        int length = helloBytes(nowNs);
        boolean reports = length > TunnelCodec.HELLO_BYTES;
        writeHello(buffer, offset, answer, reports ? TunnelCodec.HELLO_HAS_REPORT : 0, nowNs);
        if (reports) {
            writeReport(buffer, offset);
        }
        answerDue = false;
        if (!answer) {
            nextHelloNs = nowNs + HELLO_INTERVAL_NS - jitterNs();
        }
        return length;
    }

    private void writeHello(MutableDirectBuffer buffer, int offset, boolean answer, int parts, long nowNs) {
        TunnelCodec.writeHeader(buffer, offset, TunnelCodec.TYPE_HELLO, answer ? answerIndex : remoteIndex(),
            epoch().takeCounters(1));
        boolean echo = !answer && peerTimestamp != 0;
        long holdMicros = echo ? TimeUnit.NANOSECONDS.toMicros(nowNs - peerTimestampNs) : 0;
        buffer.putInt(offset + TunnelCodec.HELLO_SENDER_INDEX, localIndex(), ORDER);
        buffer.putByte(offset + TunnelCodec.HELLO_STATE, (byte) (answer ? State.DOWN : state).ordinal());
        buffer.putByte(offset + TunnelCodec.HELLO_PARTS, (byte) parts);
        buffer.putShort(offset + TunnelCodec.HELLO_RECEIVE_LIMIT, (short) receiveLimit, ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_TIMESTAMP, timestamp(nowNs), ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_ECHO, echo ? peerTimestamp : 0, ORDER);
        buffer.putInt(offset + TunnelCodec.HELLO_HOLD_MICROS, (int) Math.min(holdMicros, 0xFFFF_FFFFL), ORDER);
        buffer.putInt(offset + TunnelCodec.HELLO_CAPABILITIES, capabilities, ORDER);
    }

    /**
     * Writes a hello that asks to be answered at once, a whole datagram of {@code length} bytes. What comes back echoes
     * its timestamp ({@link #echo}), which shows that a datagram of this length came where it was sent to.
     *
     * @param length at least {@link TunnelCodec#HELLO_WITH_REPORT_BYTES}
     * @return its timestamp; another than that of any other hello, if {@code nowNs} is
     */
    long writeProbe(MutableDirectBuffer buffer, int offset, int length, long nowNs) {
        buffer.setMemory(offset, length, (byte) 0);
        writeHello(buffer, offset, false, TunnelCodec.HELLO_ASKS, nowNs);
        return timestamp(nowNs);
    }

    /** The timestamp of this side's that the hello echoes which came last; 0: none, or it was an old one. */
    long echo() {
        return echo;
    }

    /** The length of the hello that is due: with a report, once the session has been up for a while. */
    int helloBytes(long nowNs) {
        boolean reports = state == State.UP && !answerDue && nowNs - upSinceNs >= HELLO_INTERVAL_NS / 2;
        return reports ? TunnelCodec.HELLO_WITH_REPORT_BYTES : TunnelCodec.HELLO_BYTES;
    }

    private void writeReport(MutableDirectBuffer buffer, int offset) {
        ArrivalMeter arrivals = epoch().arrivals();
        buffer.putLong(offset + TunnelCodec.HELLO_REPORT_EXPECTED, arrivals.expected(), ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_REPORT_RECEIVED, arrivals.received(), ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_REPORT_GAPS, arrivals.gaps(), ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_REPORT_LATE, arrivals.late(), ORDER);
        quality.back().onCount(arrivals.expected(), arrivals.received(), arrivals.gaps(),
            late(peerCapabilities, arrivals.late()));
    }

    /** Up to a quarter of the interval, or hellos of many tunnels fall into step (RFC 5880, 6.8.7). */
    private long jitterNs() {
        long hash = (localIndex() + epoch().countersTaken()) * 0x9E37_79B9_7F4A_7C15L;
        return (hash >>> 32) * (HELLO_INTERVAL_NS / 4) >>> 32;
    }

    public State state() {
        return state;
    }

    /** True once the tunnel has been established: one that is not now has been lost. */
    public boolean everUp() {
        return everUp;
    }

    /** What is sent with; null: nothing can be. */
    Epoch epoch() {
        return epochs.current();
    }

    /** What the peer's datagrams name; 0 without keys. */
    public int localIndex() {
        return epoch() == null ? 0 : epoch().localIndex();
    }

    /** What this side's datagrams name; 0 while that is not known. */
    public int remoteIndex() {
        return epoch() == null ? 0 : epoch().remoteIndex();
    }

    /** Changes whenever either side begins a session: what was kept of frames in parts is then to be forgotten. */
    public int generation() {
        return generation;
    }

    /** The longest datagram that the peer takes, in bytes of UDP payload. */
    public int peerReceiveLimit() {
        return peerReceiveLimit;
    }

    /** What the peer can do: {@code TunnelCodec.CAPABILITY_...} bits. */
    public int peerCapabilities() {
        return peerCapabilities;
    }

    /** The last round trip measured; -1: none yet in this session. */
    public long rttNs() {
        return rttNs;
    }
}
