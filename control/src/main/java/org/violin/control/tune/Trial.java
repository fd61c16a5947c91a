package org.violin.control.tune;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.violin.control.host.Engine;
import org.violin.control.host.HostException;
import org.violin.control.host.TrialLink;
import org.violin.control.os.Libc;
import org.violin.control.os.LibcException;
import org.violin.control.os.NetworkNamespace;

/**
 * One end of a trial, on this host. Nothing of it outlives {@link #close}, or the daemon: the tunnel is then as
 * networks want it.
 */
public final class Trial implements AutoCloseable {
    private final long beganNanos = System.nanoTime();
    private final TrialLink link;
    private NetworkNamespace namespace;
    private Load load;
    private volatile boolean isEnded;

    private Trial(TrialLink link) {
        this.link = link;
    }

    /**
     * Begins. Throws {@link HostException} when there is no such tunnel, when it is being measured already, or when
     * this daemon may not do it.
     */
    public static Trial begin(Engine engine, String network, String peer, TrialRequest request) {
        if (!Libc.isRoot()) {
            throw new HostException(HostException.Kind.CONFLICT,
                "measuring needs a TAP and a network namespace: run this daemon as root");
        }
        Variant variant = request.variant();
        Trial trial =
            new Trial(engine.openTrial(network, peer, request.linkId(), variant.fec(), variant.transport()));
        try {
            trial.begin(request);
            return trial;
        } catch (IOException | LibcException e) {
            trial.close();
            throw new HostException(HostException.Kind.CONFLICT, "measuring: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            trial.close();
            throw e;
        }
    }

    private void begin(TrialRequest request) throws IOException {
        namespace = NetworkNamespace.create();
        Wiring.lay(namespace, link.device(), request.sends());
        load = request.sends() ? new Sender(link, namespace, request.seconds())
            : new Receiver(namespace, request.seconds());
    }

    /** Any thread. */
    public TrialReport report() {
        return load.report(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNanos));
    }

    /** Asks whoever waits for the end of this to go on. Any thread. */
    public void end() {
        isEnded = true;
    }

    /** Whether there is nothing more to come. */
    public boolean isOver() {
        return isEnded || load.report(0).hasEnded();
    }

    /** The load ends first, so that nothing of it is sent through a link that is closed. Idempotent. */
    @Override
    public void close() {
        if (load != null) {
            load.close();
        }
        link.close();
        try {
            if (namespace != null) {
                namespace.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
