package org.violin.control.stream;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.violin.control.keys.Sealing;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.Fec;
import org.violin.dataplane.TunnelStatus;

/**
 * Has sealed tunnels go by the transports that are wanted, which may change while frames pass. A tunnel is turned to a
 * stream, or back to datagrams, by {@link Dataplane#redirect}: only once the new way has proved to lead to the peer, if
 * there is another. The relay that it has left stays until the peer has left it, too.
 *
 * <p>Any thread may call it; it looks some times a second, on a thread of its own, from the first stream on.
 */
public final class Carrier implements AutoCloseable {
    /** What is wrong with that. */
    public static final String TCP_WITH_IDENTITIES = "identities prove themselves by TLS: say tls, or auto";

    private static final long LOOK_MS = 200;
    /** Between two of the peer's hellos there is less; it has left, if so long nothing has come. */
    private static final long LEFT_NS = TimeUnit.SECONDS.toNanos(2);
    /** For the other end to be told of a change, too. */
    private static final long LEAVE_NS = TimeUnit.SECONDS.toNanos(10);

    /** A relay that is no longer wanted. */
    private record Retired(StreamRelay relay, long sinceNs) {
    }

    private static final class Line {
        private final InetSocketAddress remote;
        private final List<Retired> retired = new ArrayList<>();
        private TransportChoice choice;
        /** Null: none is wanted. */
        private StreamRelay relay;
        private Fec fec = Fec.NONE;
        private boolean byStream;
        /** Whether the relay is somebody else's, who closes it. */
        private boolean lent;

        private Line(InetSocketAddress remote) {
            this.remote = remote;
        }

        private void close() {
            retired.forEach(each -> each.relay.close());
            if (relay != null && !lent) {
                relay.close();
            }
        }
    }

    private final Dataplane dataplane;
    private final Sealing sealing;
    private final StreamAuthority authority;
    private final InetSocketAddress local;
    private final Consumer<String> told;
    private final Map<String, Line> lines = new HashMap<>();
    /** Null: there is no stream. */
    private Streams streams;
    private ScheduledExecutorService clock;

    /**
     * @param sealing   how the tunnels are sealed
     * @param authority of their identities, if these give them keys; else null
     * @param local   where the dataplane has its UDP socket, and streams their TCP port; null: there are no tunnels
     * @param told    gets a line for people when something has become of a connection, on another thread
     */
    public Carrier(Dataplane dataplane, Sealing sealing, StreamAuthority authority, InetSocketAddress local,
        Consumer<String> told) {
        this.dataplane = dataplane;
        this.sealing = sealing;
        this.authority = authority;
        this.local = local;
        this.told = told;
    }

    /**
     * Takes care of a tunnel, which goes in datagrams until {@link #carry} says otherwise.
     *
     * @param remote the peer's address, for datagrams and streams; null: not known, so this end follows the other
     */
    public synchronized void add(String tunnel, InetSocketAddress remote) {
        lines.put(tunnel, new Line(remote));
    }

    /** Lets go of a tunnel, before it is closed. */
    public synchronized void remove(String tunnel) {
        lines.remove(tunnel).close();
        closeIfUnused();
    }

    /**
     * Has a tunnel go by {@code transport} from now on, if the peer has it so as well.
     *
     * @param name  by which both ends know the tunnel; may be null for UDP
     * @param proxy on the way of a stream; null: none
     * @throws DataplaneException            if it cannot be had with how tunnels are sealed
     * @throws java.io.UncheckedIOException if the TCP port cannot be had
     */
    public synchronized void carry(String tunnel, Transport transport, TunnelName name, HttpProxy proxy) {
        Line line = lines.get(tunnel);
        long nowNs = System.nanoTime();
        StreamRelay next = null;
        if (transport != Transport.UDP) {
            requireSealed(tunnel, transport);
            StreamConfig wanted = new StreamConfig(tunnel, name, transport != Transport.TCP, line.remote, proxy);
            boolean same = line.relay != null && line.relay.config().equals(wanted);
            next = same ? line.relay : streams().open(wanted);
        }
        if (line.relay != null && line.relay != next) {
            line.relay.retire();
            line.retired.add(new Retired(line.relay, nowNs));
        }
        line.relay = next;
        line.choice = line.remote == null ? null : new TransportChoice(transport, nowNs);
        if (transport.isStream()) {
            next.connect();
        }
    }

    /**
     * The same where the stream is somebody else's, who connects and closes it: its relay has no remote of its own.
     *
     * @param transport UDP, or AUTO
     */
    public synchronized void carry(String tunnel, Transport transport, StreamRelay relay) {
        Line line = lines.get(tunnel);
        line.relay = relay;
        line.lent = true;
        line.choice = line.remote == null ? null : new TransportChoice(transport, System.nanoTime());
        startClock();
    }

    private void requireSealed(String tunnel, Transport transport) {
        String why = !sealing.seals() ? "tunnels have to be sealed for it (--key-file, --identity), and these are not"
            : authority != null && transport == Transport.TCP ? TCP_WITH_IDENTITIES : null;
        if (why != null) {
            throw new DataplaneException("tunnel " + tunnel + ": transport " + transport.label() + ": " + why);
        }
    }

    private Streams streams() {
        if (streams == null) {
            InetSocketAddress udp = new InetSocketAddress(local.getAddress(), dataplane.localPort());
            streams = authority == null ? Streams.start(sealing.key(), local, udp, told)
                : Streams.start(authority, udp, told);
        }
        startClock();
        return streams;
    }

    private void startClock() {
        if (clock == null) {
            clock = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().name("transports").daemon().factory());
            clock.scheduleWithFixedDelay(this::look, LOOK_MS, LOOK_MS, TimeUnit.MILLISECONDS);
        }
    }

    /** Has what is sent through a tunnel in datagrams protected like this; what a stream drops is to slow senders. */
    public synchronized void protect(String tunnel, FecSpec spec) {
        Line line = lines.get(tunnel);
        // Both have the same bounds.
        line.fec = new Fec(spec.members(), spec.rows(), spec.depth(), spec.ordered());
        if (!line.byStream) {
            dataplane.protect(tunnel, line.fec);
        }
    }

    /** The stream of a tunnel that is like this; null: there is none, and none is wanted. */
    public synchronized StreamStatus stream(TunnelStatus status) {
        Line line = lines.get(status.name());
        if (line == null) {
            return null;
        }
        return Stream.concat(Stream.ofNullable(line.relay), line.retired.stream().map(Retired::relay))
            .filter(relay -> isAt(status, relay)).findFirst().map(relay -> relay.status(true))
            .orElseGet(() -> line.relay == null ? null : line.relay.status(false));
    }

    private synchronized void look() {
        try {
            for (TunnelStatus status : dataplane.tunnels()) {
                Line line = lines.get(status.name());
                if (line != null && (line.relay != null || !line.retired.isEmpty())) {
                    look(line, status, System.nanoTime());
                }
            }
            closeIfUnused();
        } catch (DataplaneException e) {
            told.accept(e.getMessage());
        }
    }

    private void look(Line line, TunnelStatus status, long nowNs) {
        boolean wanted = line.relay != null && isAt(status, line.relay);
        boolean byStream = wanted || line.retired.stream().anyMatch(retired -> isAt(status, retired.relay));
        if (byStream != line.byStream) {
            dataplane.protect(status.name(), byStream ? Fec.NONE : line.fec);
            line.byStream = byStream;
        }
        if (line.choice != null) {
            steer(line, status.name(), line.choice.next(status.state().equals("up"),
                line.relay == null ? byStream : wanted, line.relay != null && line.relay.isConnected(), nowNs));
        }
        for (Retired retired : List.copyOf(line.retired)) {
            boolean used = isAt(status, retired.relay);
            boolean quiet = nowNs - Math.max(retired.relay.heardNs(), retired.sinceNs) > LEFT_NS;
            if (!used && quiet || nowNs - retired.sinceNs > LEAVE_NS) {
                retired.relay.close();
                if (!used) {
                    line.retired.remove(retired);
                }
            }
        }
    }

    private static boolean isAt(TunnelStatus status, StreamRelay relay) {
        return status.remote().equals(NetworkText.address(relay.address()));
    }

    private void steer(Line line, String tunnel, TransportChoice.Step step) {
        switch (step) {
            case CONNECT -> line.relay.connect();
            case TO_STREAM -> dataplane.redirect(tunnel, line.relay.address());
            case TO_DATAGRAMS -> dataplane.redirect(tunnel, line.remote);
            case STAY -> { }
        }
    }

    private void closeIfUnused() {
        boolean used = lines.values().stream().anyMatch(line -> line.relay != null || !line.retired.isEmpty());
        if (!used && streams != null) {
            streams.close();
            streams = null;
        }
    }

    /** Before the dataplane. */
    @Override
    public void close() {
        if (clock != null) {
            clock.shutdownNow();
        }
        synchronized (this) {
            lines.values().forEach(Line::close);
            lines.clear();
            closeIfUnused();
        }
    }
}
