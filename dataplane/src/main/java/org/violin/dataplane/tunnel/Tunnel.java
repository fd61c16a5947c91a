package org.violin.dataplane.tunnel;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.agrona.collections.Int2ObjectHashMap;
import org.violin.dataplane.counters.Counters;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.wire.TunnelCodec;

/**
 * The association with one peer: its session, its links, and the frames of it that are being put together.
 *
 * <p>Any worker sends; one receives, always the same ({@link #worker}), and owns what receiving needs. What
 * sending needs is published ({@link #peer}), or counted by all. Each worker has counters of its own.
 */
public final class Tunnel {
    /** Frames that can be incomplete at a time: what a burst of reordering leaves open on a healthy path. */
    public static final int REASSEMBLY_SLOTS = 16;

    private final String name;
    private final int worker;
    private final TunnelPath path;
    private final PortCounters[] counters;
    private final Counters<DropReason> reassemblyDrops = new Counters<>(DropReason.class);
    private final Int2ObjectHashMap<LinkPort> links = new Int2ObjectHashMap<>();
    private final TunnelSession session;
    private final int[] reassemblySlots = new int[REASSEMBLY_SLOTS];
    private Reassembly reassembly;
    /** Each worker's own; null: nothing is protected. */
    private final FecSender[] fecSenders;
    /** Since the first parity came. */
    private FecReceiver fecReceiver;
    private int generation;
    private final AtomicInteger nextFrameId = new AtomicInteger();
    private volatile Peer peer;
    private volatile Epoch epoch;
    private volatile FecControl control;
    private volatile Status status = Status.CONNECTING;
    private volatile long rttNs = -1;
    private volatile boolean tooLong;

    /** What users see of a session's state. */
    public enum Status {
        CONNECTING("connecting"), UP("up"), LOST("lost");

        private final String label;

        Status(String label) {
            this.label = label;
        }

        public String label() {
            return label;
        }
    }

    /**
     * @param remote       the peer; null: it will make itself known
     * @param pathMtu      the largest IP packet to send, in bytes; 0: to be found out
     * @param worker       which of {@code workers} receives
     * @param workers      how many send
     * @param session      not sealed, or waiting for keys
     */
    public Tunnel(String name, Endpoint remote, int pathMtu, int worker, int workers, TunnelSession session,
        long nowNs) {
        this.name = name;
        this.worker = worker;
        this.path = new TunnelPath(remote, pathMtu, nowNs);
        this.counters = Stream.generate(PortCounters::new).limit(workers).toArray(PortCounters[]::new);
        this.session = session;
        fecSenders = new FecSender[workers];
    }

    public String name() {
        return name;
    }

    /** Any thread: where the peer is; null: not known yet. */
    public Endpoint remote() {
        return path.remote();
    }

    /** Any thread: the largest IP packet that is sent, in bytes. */
    public int pathMtu() {
        return path.size();
    }

    /** Any thread: the same for people. */
    public String where() {
        Endpoint remote = path.remote();
        return remote == null ? "unknown" : remote.toString();
    }

    TunnelPath path() {
        return path;
    }

    /** Which worker receives. */
    public int worker() {
        return worker;
    }

    public Status status() {
        return status;
    }

    /** The last round trip measured in nanoseconds; -1: none yet. */
    public long rttNs() {
        return rttNs;
    }

    /**
     * Datagrams and bytes of UDP payload both ways, what was dropped of them, and frames that could not be put
     * together: the sum of all workers', a copy.
     */
    public PortCounters counters() {
        PortCounters sum = PortCounters.sum(Arrays.asList(counters));
        sum.addDrops(reassemblyDrops);
        return sum;
    }

    /** One worker's. */
    PortCounters counters(int worker) {
        return counters[worker];
    }

    TunnelSession session() {
        return session;
    }

    Int2ObjectHashMap<LinkPort> links() {
        return links;
    }

    Reassembly reassembly() {
        return reassembly;
    }

    /** The worker's: what protects what it sends; null: nothing does. */
    FecSender fecSender(int worker) {
        return fecSenders[worker];
    }

    void fecSender(int worker, FecSender sender) {
        fecSenders[worker] = sender;
    }

    /** Null before the first parity. */
    FecReceiver fecReceiver() {
        return fecReceiver;
    }

    FecReceiver openFecReceiver(FecReceiver.Sink sink) {
        if (fecReceiver == null) {
            fecReceiver = new FecReceiver(sink);
        }
        return fecReceiver;
    }

    void closeFecReceiver() {
        if (fecReceiver != null) {
            fecReceiver.close();
            fecReceiver = null;
        }
    }

    /** Any worker: what was sent is longer than this host's own interface carries. */
    void onTooLong() {
        tooLong = true;
    }

    /** Whether that has been since this was asked last. */
    boolean takeTooLong() {
        boolean was = tooLong;
        tooLong = false;
        return was;
    }

    int takeFrameId() {
        return nextFrameId.getAndIncrement();
    }

    /** Any worker: whom to send to; null while the tunnel is not established. */
    Peer peer() {
        return peer;
    }

    void claimReassembly(FramePool pool) {
        int[] offsets = new int[REASSEMBLY_SLOTS];
        // A quarter is left to frames on their way.
        if (pool.freeCount() - REASSEMBLY_SLOTS < pool.slotCount() / 4) {
            throw new IllegalStateException("tunnel " + name + ": its worker has no memory left for another tunnel's"
                + " fragments: start with more --workers, or close a tunnel");
        }
        for (int i = 0; i < REASSEMBLY_SLOTS; i++) {
            reassemblySlots[i] = pool.claim();
            offsets[i] = pool.offset(reassemblySlots[i]);
        }
        int slotBytes = Math.min(pool.slotBytes(), TunnelCodec.MAX_FRAME_BYTES);
        reassembly = new Reassembly(pool.storage(), offsets, slotBytes, reassemblyDrops);
        generation = session.generation();
    }

    void releaseReassembly(FramePool pool) {
        for (int slot : reassemblySlots) {
            pool.release(slot);
        }
    }

    /** The pool's slot behind a reassembly slot, given away: {@code replacement} stands in its place from now on. */
    int exchange(int reassemblySlot, int replacement) {
        int slot = reassemblySlots[reassemblySlot];
        reassemblySlots[reassemblySlot] = replacement;
        return slot;
    }

    /** Whether its session is sealed, which does not change. */
    public boolean isSealed() {
        return session.isSealed();
    }

    /** Any thread: what is sent with, or will be once the tunnel is up; null: nothing can be. */
    public Epoch epoch() {
        return epoch;
    }

    /** Any thread: how what is sent is protected; such as 10+3x4/ordered; empty: not. */
    public String protection() {
        FecControl last = control;
        int shape = last == null ? 0 : last.shape();
        return shape == 0 ? "" : FecControl.members(shape) + "+" + FecControl.rows(shape)
            + (FecControl.depth(shape) == 1 ? "" : "x" + FecControl.depth(shape))
            + (last.isOrdered() ? "/ordered" : "");
    }

    public void control(FecControl next) {
        control = next;
    }

    /** Any thread. */
    public PathQuality quality() {
        return session.quality();
    }

    /** Looks at what has passed, now and then; all workers' counters, of which each may be a batch behind. */
    void measure(long nowNs) {
        PathQuality quality = session.quality();
        if (!quality.sent().isDue(nowNs)) {
            return;
        }
        long sent = 0;
        long received = 0;
        for (PortCounters own : counters) {
            sent += own.get(PortCounter.TX_BYTES);
            received += own.get(PortCounter.RX_BYTES);
        }
        quality.sent().onBytes(sent, nowNs);
        quality.received().onBytes(received, nowNs);
    }

    /** Makes what has become of the session known to the rest of the process. */
    void publish(long nowNs) {
        if (session.generation() != generation) {
            generation = session.generation();
            reassembly.clear();
            if (fecReceiver != null) {
                fecReceiver.forget();
            }
        }
        epoch = session.epoch();
        rttNs = session.rttNs();
        Status next = session.state() == TunnelSession.State.UP ? Status.UP
            : session.everUp() ? Status.LOST : Status.CONNECTING;
        if (next != status) {
            status = next;
            if (next == Status.UP) {
                path.doubt(nowNs);
            }
        }
        publishPeer(next == Status.UP);
    }

    private void publishPeer(boolean up) {
        Endpoint remote = path.remote();
        if (!up || remote == null) {
            peer = null;
            return;
        }
        Epoch epoch = session.epoch();
        int index = session.remoteIndex();
        int datagramBytes =
            Math.min(path.size() - remote.headerBytes(), session.peerReceiveLimit()) - epoch.tagBytes();
        int capabilities = session.peerCapabilities();
        if (peer == null || !peer.is(remote, epoch, index, datagramBytes, capabilities)) {
            peer = new Peer(remote, epoch, index, datagramBytes, capabilities);
        }
    }
}
