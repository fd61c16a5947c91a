package org.violin.control.host;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.Lock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.TunnelStatus;

/**
 * This host's end of a link of no network: one for measuring, on a tunnel that networks use, with a TAP at each end.
 * While it is open the tunnel stays open, and is as the trial wants. There is one at a time on a tunnel.
 */
public final class TrialLink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrialLink.class);
    private static final String PATCH = "patch";
    private static final String LINK = "link";
    private static final String TAP = "tap";
    /** As guests have it. */
    private static final int MTU = 1500;

    private final HostDriver driver;
    private final String remote;
    private final Transport transport;
    private final String device;
    private final Lock lock;
    private final Deque<Runnable> undoing = new ArrayDeque<>();

    private TrialLink(HostDriver driver, String remote, Transport transport, String device, Lock lock) {
        this.driver = driver;
        this.remote = remote;
        this.transport = transport;
        this.device = device;
        this.lock = lock;
    }

    /**
     * Under the engine's lock.
     *
     * @param spec   of a network that has a tunnel to {@code peer}, which is in there as the trial wants it
     * @param linkId the same at both ends, and of no other link of the tunnel's
     * @param lock   the engine's
     */
    static TrialLink open(Site site, NetworkSpec spec, String peer, int linkId, Lock lock) {
        TunnelSpec tunnel = spec.tunnels().stream().filter(each -> each.peer().equals(peer)).findFirst().orElseThrow(
            () -> new HostException(Kind.NOT_FOUND,
                spec.network() + ": there is no tunnel to " + peer + " from here"));
        if (tunnel.transport() != Transport.UDP && tunnel.local() == null) {
            throw new HostException(Kind.CONFLICT, spec.network() + ": it is not known by which address " + peer
                + " knows this host: run 'violin up' again");
        }
        String remote = Remote.canonical(tunnel.remote());
        // Among the ports of all networks it has the name of none, and on each tunnel one of its own.
        String network = "tune@" + remote;
        HostDriver driver = site.driver();
        TrialLink link =
            new TrialLink(driver, remote, tunnel.transport(), String.format("vtune%08x", linkId), lock);
        try {
            site.tunnels().beginTrial(tunnel, remote);
            link.undoing.push(() -> site.tunnels().endTrial(peer, remote));
            driver.addBridge(network, BridgeSpec.patch(PATCH));
            link.undoing.push(() -> driver.removeBridge(network, PATCH));
            driver.openLink(network, new LinkSpec(LINK, PATCH, peer, linkId, FitSpec.NONE), remote);
            link.undoing.push(() -> driver.closePort(network, LINK));
            driver.openTap(network, new TapSpec(TAP, link.device, PATCH, MTU, List.of()));
            link.undoing.push(() -> driver.closePort(network, TAP));
            return link;
        } catch (RuntimeException e) {
            link.undo();
            throw e;
        }
    }

    /** The TAP's; it has no address yet. */
    public String device() {
        return device;
    }

    /** The tunnel as it is now. */
    public TunnelStatus tunnel() {
        return driver.tunnels().stream().filter(tunnel -> tunnel.name().equals(remote)).findFirst().orElseThrow(
            () -> new HostException(Kind.CONFLICT, "the tunnel to " + remote + " is closed"));
    }

    /** Whether the tunnel goes by what the trial wants: a change takes its time. */
    public boolean isCarried() {
        StreamStatus stream = driver.stream(tunnel());
        boolean byStream = stream != null && stream.carries();
        return byStream ? stream.transport().equals(transport.label()) : transport == Transport.UDP;
    }

    /** Why the tunnel may not go by what the trial wants; empty: it is not known. */
    public String trouble() {
        StreamStatus stream = driver.stream(tunnel());
        return stream == null ? "" : stream.trouble();
    }

    /** Idempotent; waits for a change that is under way. What cannot be undone is logged, and the rest is undone. */
    @Override
    public void close() {
        lock.lock();
        try {
            undo();
        } finally {
            lock.unlock();
        }
    }

    private void undo() {
        while (!undoing.isEmpty()) {
            try {
                undoing.pop().run();
            } catch (RuntimeException e) {
                LOG.warn("measuring the tunnel to {}", remote, e);
            }
        }
    }
}
