package org.violin.dataplane.tunnel;

import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * <p>Owned by one worker, but for {@link #takeCounters}. Nothing here allocates but what {@code indices} does, once a
 * session.
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
    private final ReplayWindow window = new ReplayWindow();
    private final long startNs;

    private State state = State.DOWN;
    private int localIndex;
    private int remoteIndex;
    /** Goes on from session to session: what another worker still sends of the last one must not look new. */
    private final AtomicLong nextCounter = new AtomicLong();
    private int epoch;
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

    /**
     * @param receiveLimit the longest datagram that this side takes, in bytes of UDP payload
     * @param capabilities what this side can receive: {@code TunnelCodec.CAPABILITY_...} bits
     * @param indices      random numbers, not to be guessed by others
     */
    public TunnelSession(int receiveLimit, int capabilities, IntSupplier indices, long nowNs) {
        this.receiveLimit = receiveLimit;
        this.capabilities = capabilities;
        this.indices = indices;
        startNs = nowNs;
        begin(nowNs);
    }

    private void begin(long nowNs) {
        int index = indices.getAsInt();
        while (index == 0 || index == localIndex) {
            index = indices.getAsInt();
        }
        localIndex = index;
        remoteIndex = 0;
        state = State.DOWN;
        epoch++;
        window.reset();
        peerTimestamp = 0;
        rttNs = -1;
        nextHelloNs = nowNs;
    }

    /**
     * A datagram with frames came in, with a valid header. The records may be read if the answer is null.
     *
     * @return why it is dropped, or null
     */
    public DropReason onData(int receiverIndex, long counter, long nowNs) {
        if (receiverIndex != localIndex) {
            return DropReason.UNKNOWN_SESSION;
        }
        if (remoteIndex == 0) {
            return DropReason.TUNNEL_DOWN;
        }
        if (!window.isFresh(counter)) {
            return DropReason.REPLAYED;
        }
        window.mark(counter);
        lastHeardNs = nowNs;
        return null;
    }

    /**
     * A hello came in, with a valid header. Ask {@link #onTick} afterwards whether it is to be answered.
     *
     * @return why it is dropped, or null
     */
    public DropReason onHello(DirectBuffer buffer, int offset, int length, long nowNs) {
        int senderIndex = buffer.getInt(offset + TunnelCodec.HELLO_SENDER_INDEX, ORDER);
        int peerState = buffer.getByte(offset + TunnelCodec.HELLO_STATE) & 0xFF;
        int limit = buffer.getShort(offset + TunnelCodec.HELLO_RECEIVE_LIMIT, ORDER) & 0xFFFF;
        boolean fieldsGood = senderIndex != 0 && peerState < STATES.length && limit >= TunnelCodec.MIN_RECEIVE_LIMIT
            && buffer.getByte(offset + TunnelCodec.HELLO_RESERVED) == 0;
        if (!fieldsGood || senderIndex == localIndex) {
            return DropReason.BAD_HELLO;
        }
        if (TunnelCodec.receiverIndex(buffer, offset) != localIndex) {
            answerDue = true;
            answerIndex = senderIndex;
            return null;
        }
        long counter = TunnelCodec.counter(buffer, offset);
        // An older hello that was overtaken on the way would tell an older state.
        if (senderIndex == remoteIndex && (counter <= lastHelloCounter || !window.isFresh(counter))) {
            return DropReason.REPLAYED;
        }
        if (senderIndex != remoteIndex) {
            adopt(senderIndex);
        }
        lastHelloCounter = counter;
        window.mark(counter);
        lastHeardNs = nowNs;
        peerReceiveLimit = limit;
        peerCapabilities = buffer.getInt(offset + TunnelCodec.HELLO_CAPABILITIES, ORDER);
        peerTimestamp = buffer.getLong(offset + TunnelCodec.HELLO_TIMESTAMP, ORDER);
        peerTimestampNs = nowNs;
        measure(buffer, offset, nowNs);
        enter(peerState == State.DOWN.ordinal() ? State.INIT : State.UP, nowNs);
        return null;
    }

    /** The peer is new, or has begun anew: its counter starts at 0, and its frames in parts are other frames. */
    private void adopt(int senderIndex) {
        remoteIndex = senderIndex;
        state = State.DOWN;
        epoch++;
        window.reset();
        rttNs = -1;
    }

    /** A change of state is told at once, which sets a tunnel up in two round trips. */
    private void enter(State next, long nowNs) {
        if (next != state) {
            state = next;
            everUp |= next == State.UP;
            nextHelloNs = nowNs;
        }
    }

    private void measure(DirectBuffer buffer, int offset, long nowNs) {
        long echo = buffer.getLong(offset + TunnelCodec.HELLO_ECHO, ORDER);
        long holdMicros = buffer.getInt(offset + TunnelCodec.HELLO_HOLD_MICROS, ORDER) & 0xFFFF_FFFFL;
        long elapsedNs = timestamp(nowNs) - echo;
        long sampleNs = elapsedNs - TimeUnit.MICROSECONDS.toNanos(holdMicros);
        if (echo > 0 && elapsedNs >= 0 && sampleNs >= 0 && sampleNs <= MAX_RTT_NS) {
            rttNs = sampleNs;
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
        if (remoteIndex != 0 && nowNs - lastHeardNs >= DETECTION_NS) {
            begin(nowNs);
        }
        return answerDue || nowNs - nextHelloNs >= 0;
    }

    /**
     * Writes the hello that is due, a whole datagram, to the tunnel's peer. An answer to a hello which named another
     * index goes first; it says nothing about the session there is.
     *
     * @return its length, {@link TunnelCodec#HELLO_BYTES}: no longer than any hello that is answered
     */
    public int writeHello(MutableDirectBuffer buffer, int offset, long nowNs) {
        boolean answer = answerDue && answerIndex != remoteIndex;
        TunnelCodec.writeHeader(buffer, offset, TunnelCodec.TYPE_HELLO, answer ? answerIndex : remoteIndex,
            takeCounters(1));
        boolean echo = !answer && peerTimestamp != 0;
        long holdMicros = echo ? TimeUnit.NANOSECONDS.toMicros(nowNs - peerTimestampNs) : 0;
        buffer.putInt(offset + TunnelCodec.HELLO_SENDER_INDEX, localIndex, ORDER);
        buffer.putByte(offset + TunnelCodec.HELLO_STATE, (byte) (answer ? State.DOWN : state).ordinal());
        buffer.putByte(offset + TunnelCodec.HELLO_RESERVED, (byte) 0);
        buffer.putShort(offset + TunnelCodec.HELLO_RECEIVE_LIMIT, (short) receiveLimit, ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_TIMESTAMP, timestamp(nowNs), ORDER);
        buffer.putLong(offset + TunnelCodec.HELLO_ECHO, echo ? peerTimestamp : 0, ORDER);
        buffer.putInt(offset + TunnelCodec.HELLO_HOLD_MICROS, (int) Math.min(holdMicros, 0xFFFF_FFFFL), ORDER);
        buffer.putInt(offset + TunnelCodec.HELLO_CAPABILITIES, capabilities, ORDER);
        answerDue = false;
        if (!answer) {
            nextHelloNs = nowNs + HELLO_INTERVAL_NS - jitterNs();
        }
        return TunnelCodec.HELLO_BYTES;
    }

    /** Up to a quarter of the interval, or hellos of many tunnels fall into step (RFC 5880, 6.8.7). */
    private long jitterNs() {
        long hash = (localIndex + nextCounter.get()) * 0x9E37_79B9_7F4A_7C15L;
        return (hash >>> 32) * (HELLO_INTERVAL_NS / 4) >>> 32;
    }

    /** The first of {@code count} counters for the next datagrams, none of them ever given out again. Any thread. */
    public long takeCounters(int count) {
        return nextCounter.getAndAdd(count);
    }

    public State state() {
        return state;
    }

    /** True once the tunnel has been established: one that is not now has been lost. */
    public boolean everUp() {
        return everUp;
    }

    /** What the peer's datagrams name. */
    public int localIndex() {
        return localIndex;
    }

    /** What this side's datagrams name; 0 while the peer's index is not known. */
    public int remoteIndex() {
        return remoteIndex;
    }

    /** Changes whenever either side begins a session: what was kept of frames in parts is then to be forgotten. */
    public int epoch() {
        return epoch;
    }

    /** The longest datagram that the peer takes, in bytes of UDP payload. */
    public int peerReceiveLimit() {
        return peerReceiveLimit;
    }

    /** What the peer can receive: {@code TunnelCodec.CAPABILITY_...} bits. */
    public int peerCapabilities() {
        return peerCapabilities;
    }

    /** The last round trip measured; -1: none yet in this session. */
    public long rttNs() {
        return rttNs;
    }
}
