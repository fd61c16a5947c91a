package org.violin.control.cli;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.violin.control.client.ClientException;
import org.violin.control.host.Diagnosis;
import org.violin.control.host.Lines;
import org.violin.control.host.Remote;
import org.violin.control.host.Way;
import org.violin.control.identity.Fingerprint;
import org.violin.control.identity.SealedTunnels;
import org.violin.control.identity.Security;
import org.violin.control.keys.Sealing;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.Transport;
import org.violin.control.stream.Carrier;
import org.violin.control.stream.StreamConfig;
import org.violin.control.stream.StreamRelay;
import org.violin.control.stream.StreamStatus;
import org.violin.control.stream.Streams;
import org.violin.control.stream.TunnelName;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.Impairment;
import org.violin.dataplane.LinkConfig;
import org.violin.dataplane.TapConfig;
import org.violin.dataplane.TunnelConfig;
import org.violin.dataplane.TunnelStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * {@code violin tunnel}: a TAP on this host and a TAP on another are the two ends of one cable, with no daemon and no
 * file. Runs until SIGTERM or SIGINT, then prints what passed and what was dropped, and why.
 */
@Command(name = "tunnel", mixinStandardHelpOptions = true,
    description = "Joins a TAP here and a TAP on another host by a UDP tunnel, until SIGTERM or Ctrl-C.",
    footer = {"", "On two hosts:",
        "  violin tunnel --tap vt0 --local 10.77.0.1:7000 --remote 10.77.0.2:7000 --address 10.88.0.1/24 \\",
        "      --key-file tunnel.key",
        "  violin tunnel --tap vt0 --local 10.77.0.2:7000 --remote 10.77.0.1:7000 --address 10.88.0.2/24 \\",
        "      --key-file tunnel.key",
        "Instead of the key, with an identity on each host (violin key new):",
        "      --identity host-a.pem --peer-key FINGERPRINT"})
final class TunnelCommand implements Callable<Integer> {
    private static final String TUNNEL = "tunnel";
    private static final String LINK = "link";
    static final int LINK_ID = 1;
    /** Short while somebody waits for the peer to come, long while all is quiet. */
    private static final long WATCH_COMING_MS = 100;
    private static final long WATCH_UP_MS = 1000;
    /** A tunnel that has not come up for so long gets an explanation; another one so much later. */
    private static final long EXPLAIN_NS = TimeUnit.SECONDS.toNanos(4);
    private static final long EXPLAIN_AGAIN_NS = TimeUnit.SECONDS.toNanos(30);
    private static final Duration IP_TIMEOUT = Duration.ofSeconds(10);

    @Spec
    private CommandSpec spec;

    @Option(names = "--tap", required = true, paramLabel = "NAME", description = "The TAP device to make.")
    private String tap;

    @Option(names = "--local", paramLabel = "ADDRESS:PORT", converter = EndpointConverter.class,
        description = "Where this end receives; 0.0.0.0 and [::] are every address of this host. A stream may do"
            + " without it: this end then connects.")
    private InetSocketAddress local;

    @Option(names = "--remote", paramLabel = "ADDRESS:PORT", converter = EndpointConverter.class,
        description = "Where the other end receives. Of a sealed tunnel one end may do without, such as one whose peer"
            + " is behind a NAT: it waits until the other shows itself, and follows it where it goes.")
    private InetSocketAddress remote;

    @Mixin
    private StreamOptions transport;

    @Option(names = "--address", paramLabel = "ADDRESS/PREFIX", description = "An address for the TAP; repeatable.")
    private List<String> addresses = List.of();

    @Option(names = "--mtu", defaultValue = "1500", paramLabel = "BYTES",
        description = "The TAP's MTU (default: ${DEFAULT-VALUE}). Frames that do not fit the path are fragmented.")
    private int mtu;

    @Option(names = "--path-mtu", defaultValue = "0", paramLabel = "BYTES",
        description = "The largest IP packet the path carries (default: found out, and watched).")
    private int pathMtu;

    @Mixin
    private SealOptions seal;

    @Option(names = "--peer-key", paramLabel = "FINGERPRINT", converter = FingerprintConverter.class,
        description = "With --identity: the other end has the key of this fingerprint.")
    private String peerKey;

    @Option(names = "--peer-name", paramLabel = "NAME",
        description = "With --identity and --ca: the other end has a certificate for this name.")
    private String peerName;

    @Option(names = "--fec", paramLabel = "off|auto|K+R[xDEPTH][/ordered]", converter = FecConverter.class,
        description = "Send R datagrams of parity for every K, by which the other end brings back what is lost: 10+3;"
            + " of DEPTH blocks in turn, against losses in a row: 10+3x4; auto: as much as the losses on the way want."
            + " With /ordered the other end holds what comes behind a lost one until that is back. Each end decides for"
            + " what it sends.")
    private FecSpec fec = FecSpec.OFF;

    @Mixin
    private FitOptions fit;

    @Mixin
    private ImpairOptions impair;

    @Mixin
    private WorkerOptions workers;

    private final long startedNs = System.nanoTime();
    /** Whether all is there, once that is known: a signal waits for it. */
    private final CompletableFuture<Boolean> opened = new CompletableFuture<>();
    private Carrier carrier;
    /** Null: the tunnel may go in datagrams, and the carrier has its stream, if there is one. */
    private Streams streams;
    private StreamRelay relay;

    @Override
    public Integer call() throws Exception {
        TapConfig tapConfig = checkArguments();
        Impairment impairment = checked(() -> Lines.impairment(impair.applyTo(LineSpec.NONE)));
        Security security = checked(() -> seal.security(peerKey, peerName));
        checked(() -> {
            transport.check(local, remote, security.sealing());
            return null;
        });
        Dataplane dataplane = Dataplane.launch(checked(() -> workers.applyTo(
            DataplaneConfig.of(tap, transport.transport().isStream() ? Streams.DATAPLANE : local))));
        SealedTunnels sealed = sealed(dataplane, security);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> finish(dataplane, sealed), "finish"));
        try {
            dataplane.addPatch(TUNNEL);
            openTunnel(dataplane, security.sealing(), sealed);
            dataplane.openLink(new LinkConfig(LINK, TUNNEL, LINK_ID), TUNNEL);
            dataplane.fit(LINK, Lines.fit(fit.applyTo(FitSpec.NONE)));
            dataplane.impair(LINK, impairment);
            dataplane.openTap(tapConfig, TUNNEL);
            for (String address : addresses) {
                org.violin.control.os.Command.run(
                    List.of("ip", "address", "add", address, "dev", tap), IP_TIMEOUT).orThrow();
            }
            requireNoLoop();
            opened.complete(true);
        } catch (RuntimeException e) {
            closeStreams();
            sealed.close();
            dataplane.close();
            throw e;
        } finally {
            opened.complete(false);
        }
        System.err.printf("%s: ready, %s, %s%n", label(), dataplane.engine().label(), security);
        watch(dataplane, sealed);
        return Exit.OK;
    }

    private void requireNoLoop() {
        if (remote != null && Way.to(remote, tap::equals, false).own()) {
            throw new ClientException("the tunnel would be led through itself: the route to " + name(remote)
                + " leads into " + tap + ": give the TAP other addresses, or this host other routes");
        }
    }

    private void openTunnel(Dataplane dataplane, Sealing sealing, SealedTunnels sealed) {
        Transport wanted = transport.transport();
        Consumer<String> told = line -> System.err.println(label() + ": " + line);
        if (wanted.isStream()) {
            InetSocketAddress udp =
                new InetSocketAddress(Streams.DATAPLANE.getAddress(), dataplane.localPort());
            streams = sealed.authority() == null ? Streams.start(sealing.key(), local, udp, told)
                : Streams.start(sealed.authority(), udp, told);
            relay = streams.open(
                new StreamConfig(TUNNEL, TunnelName.ONLY, wanted == Transport.TLS, remote, transport.proxy()));
            dataplane.openTunnel(
                new TunnelConfig(TUNNEL, relay.address(), StreamRelay.PATH_MTU, sealing.seals()));
            sealed.add(TUNNEL, TUNNEL, remote, TunnelName.ONLY, transport.proxy());
            relay.connect();
        } else {
            dataplane.openTunnel(new TunnelConfig(TUNNEL, remote, pathMtu, sealing.seals()));
            sealed.add(TUNNEL, TUNNEL, remote, TunnelName.ONLY, transport.proxy());
            carrier = new Carrier(dataplane, sealing, sealed.authority(), local, told);
            carrier.add(TUNNEL, remote);
            carrier.carry(TUNNEL, wanted, TunnelName.ONLY, transport.proxy());
            carrier.protect(TUNNEL, fec);
        }
    }

    private void closeStreams() {
        if (carrier != null) {
            carrier.close();
        }
        if (streams != null) {
            streams.close();
        }
    }

    /** Null: there is none. */
    private StreamStatus stream(TunnelStatus status) {
        return relay != null ? relay.status(true) : carrier.stream(status);
    }

    private SealedTunnels sealed(Dataplane dataplane, Security security) {
        try {
            return SealedTunnels.of(dataplane, security, local,
                notice -> System.err.println(tap + " <-> " + notice));
        } catch (RuntimeException e) {
            dataplane.close();
            throw e;
        }
    }

    private TapConfig checkArguments() {
        return checked(() -> {
            if (transport.transport().isStream()) {
                checkStream();
            } else {
                checkDatagrams();
            }
            // In this order the other end's is another, though its TAP be named the same.
            String identity = String.join(" ", TUNNEL, name(local), name(remote), tap);
            return new TapConfig(TUNNEL + "." + tap, tap, mtu, identity);
        });
    }

    private void checkDatagrams() {
        if (local == null) {
            throw new IllegalArgumentException("--transport " + transport.transport().label()
                + ": say --local, where this end receives");
        }
        if (remote != null && local.getAddress().getClass() != remote.getAddress().getClass()) {
            throw new IllegalArgumentException("--local and --remote: one is IPv4 and the other IPv6");
        }
        Objects.requireNonNull(new TunnelConfig(TUNNEL, remote, pathMtu, !seal.isPlaintext()));
    }

    private void checkStream() {
        if (pathMtu != 0) {
            throw new IllegalArgumentException("--path-mtu: a stream has none");
        }
        if (!fec.equals(FecSpec.OFF)) {
            throw new IllegalArgumentException("--fec: a stream loses nothing on the way");
        }
    }

    private static String name(InetSocketAddress address) {
        return address == null ? "unknown" : Remote.format(address);
    }

    /** The cable, for people, as it was asked for. */
    private String label() {
        boolean stream = transport.transport().isStream();
        return label(stream, name(remote == null && stream ? local : remote));
    }

    /** The cable as it is. */
    private String label(TunnelStatus status) {
        return transport.transport().isStream() ? label() : isByStream(status)
            ? tap + " <-> tls " + stream(status).connection() : label(false, status.remote());
    }

    private String label(boolean stream, String where) {
        return tap + " <-> " + (stream ? transport.transport().label() + " " : "") + where;
    }

    private boolean isByStream(TunnelStatus status) {
        StreamStatus stream = stream(status);
        return stream != null && stream.carries();
    }

    private <T> T checked(Supplier<T> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage());
        }
    }

    /** Tells when the peer comes and goes, and what keeps it; ends only with the process, or with the worker. */
    private void watch(Dataplane dataplane, SealedTunnels sealed) throws Exception {
        String last = "connecting";
        String lastPath = "";
        String lastTrouble = "";
        long explainNs = startedNs + EXPLAIN_NS;
        while (true) {
            TunnelStatus status = dataplane.tunnels().getFirst();
            if (!status.state().equals(last)) {
                last = status.state();
                System.err.println(describe(status));
            }
            String path = label(status) + ": path MTU " + status.pathMtu();
            if (last.equals("up") && !path.equals(lastPath)) {
                lastPath = path;
                System.err.println(path);
            }
            if (last.equals("up")) {
                explainNs = System.nanoTime() + EXPLAIN_NS;
            } else if (!isByStream(status) && System.nanoTime() - explainNs >= 0) {
                explainNs = System.nanoTime() + EXPLAIN_AGAIN_NS;
                String trouble = explain(status, sealed);
                if (!trouble.equals(lastTrouble)) {
                    System.err.println(label(status) + ": " + trouble);
                }
                lastTrouble = trouble;
            }
            try {
                dataplane.terminated().get(last.equals("up") ? WATCH_UP_MS : WATCH_COMING_MS, TimeUnit.MILLISECONDS);
                return;
            } catch (TimeoutException e) {
                continue;
            }
        }
    }

    private String explain(TunnelStatus status, SealedTunnels sealed) {
        Way way = status.remote().equals("unknown") ? null
            : Way.to(Remote.parse(status.remote()), tap::equals, true);
        return Diagnosis.of(status, sealed.handshakes(TUNNEL), way, sealed.trouble(TUNNEL)).text();
    }

    private String describe(TunnelStatus status) {
        if (!status.state().equals("up")) {
            return label(status) + ": nothing heard from the peer any more";
        }
        String roundTrip =
            status.rttMicros() < 0 ? "not measured yet" : "%.2f ms".formatted(status.rttMicros() / 1000.0);
        return label(status) + ": up, round trip " + roundTrip;
    }

    /** The shutdown hook: a signal ends the tunnel in good order, which is not a failure. */
    private void finish(Dataplane dataplane, SealedTunnels sealed) {
        if (!opened.join()) {
            return;
        }
        String summary;
        try {
            TunnelStatus status = dataplane.tunnels().getFirst();
            summary = new TunnelSummary(dataplane, sealed, TUNNEL, stream(status))
                .text(label(status), System.nanoTime() - startedNs);
            closeStreams();
            sealed.close();
            dataplane.close();
        } catch (DataplaneException e) {
            System.err.println("violin: " + e.getMessage());
            return;
        }
        System.out.print(summary);
        System.out.flush();
        Runtime.getRuntime().halt(Exit.OK);
    }

    /** As {@code violin key show} prints it. */
    static final class FingerprintConverter extends Converter<String> {
        FingerprintConverter() {
            super(Fingerprint::parse);
        }
    }

    /** {@code 192.0.2.1:7000} or {@code [2001:db8::1]:7000}. */
    static final class EndpointConverter extends Converter<InetSocketAddress> {
        EndpointConverter() {
            super(Remote::parse);
        }
    }
}
