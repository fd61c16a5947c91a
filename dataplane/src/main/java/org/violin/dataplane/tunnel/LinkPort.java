package org.violin.dataplane.tunnel;

import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.port.Inlet;
import org.violin.dataplane.port.Port;
import org.violin.dataplane.sys.Poller;

/**
 * One end of a virtual cable, carried by a tunnel. Up while the tunnel is established. Frames come out of it at the
 * worker that receives for the tunnel.
 */
public final class LinkPort extends Port {
    private final TunnelSocket socket;
    private final Tunnel tunnel;
    private final int linkId;
    private Inlet inlet;
    /** Null: what passes is not looked at. */
    private PathFit fit;

    public LinkPort(String name, TunnelSocket socket, Tunnel tunnel, int linkId) {
        super(name, "link");
        this.socket = socket;
        this.tunnel = tunnel;
        this.linkId = linkId;
    }

    @Override
    public String detail() {
        String link = tunnel.where() + " link " + Integer.toUnsignedString(linkId);
        return (link + " " + socket.offloads()).strip();
    }

    @Override
    public boolean isUp() {
        return tunnel.status() == Tunnel.Status.UP;
    }

    public boolean isOf(Tunnel carrier) {
        return tunnel == carrier;
    }

    int linkId() {
        return linkId;
    }

    Tunnel tunnel() {
        return tunnel;
    }

    /**
     * Worker: has those who send through the link told what fits, from now on.
     *
     * @param mssClamp the largest MSS that TCP may be told; -1: what fits a datagram; 0: any
     * @param honorsDf whether packets that are too long and may not be fragmented are answered, and dropped
     */
    public void fit(int mssClamp, boolean honorsDf) {
        TooBigAnswers answers = honorsDf ? new TooBigAnswers(linkId, System::nanoTime) : null;
        fit = mssClamp == 0 && !honorsDf ? null : new PathFit(mssClamp, answers);
    }

    PathFit fit() {
        return fit;
    }

    @Override
    public void attach(Poller poller, Inlet workersInlet) {
        boolean receives = socket.receivesFor(tunnel);
        if (receives && tunnel.links().putIfAbsent(linkId, this) != null) {
            throw new IllegalStateException(name() + ": link " + Integer.toUnsignedString(linkId) + " of the tunnel to "
                + tunnel.where() + " is in use");
        }
        inlet = workersInlet;
    }

    /** A frame of this link came out of the tunnel; the hold on its slot passes on. */
    void deliver(FramePool pool, int slot, int offset, int length, long offload) {
        counters().received(1, length);
        if (fit != null) {
            fit.onReceived(pool.storage(), offset, length, offload, socket.datagramBytes(tunnel));
        }
        inlet.onFrame(slot, offset, length, offload);
    }

    /** What comes from the peer is handed over as the tunnels' socket finds it: here are answers of the link's own. */
    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        return fit == null || fit.answers() == null ? 0 : fit.answers().take(pool, batch, counters());
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        socket.send(this, pool, batch);
        if (fit != null && fit.answers() != null && !fit.answers().isEmpty()) {
            inlet.onReady();
        }
    }

    @Override
    public boolean isFlushed() {
        return true;
    }

    @Override
    public void close() {
        if (inlet != null) {
            inlet = null;
            if (socket.receivesFor(tunnel)) {
                tunnel.links().remove(linkId);
            }
        }
    }
}
