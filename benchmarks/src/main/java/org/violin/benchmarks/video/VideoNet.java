package org.violin.benchmarks.video;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Hosts;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.lab.Wan;
import org.violin.benchmarks.lab.WanPath;
import org.violin.control.os.Command;

/**
 * Hosts on one wide-area network, and a LAN of Violin over all of them, with a switch on each: links between the
 * switches are the same tree by which relays pass a stream on.
 */
final class VideoNet implements AutoCloseable {
    static final String GROUP = "239.1.2.3";

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final double START_SECONDS = 30;
    private static final int LOG_LINES = 15;

    /** A host and what is around it. */
    enum Domain {
        PRINCETON(null), CHICAGO(PRINCETON), WASHINGTON(CHICAGO), BERKELEY(CHICAGO);

        /** Where the stream comes from; null: here. */
        private final Domain parent;

        Domain(Domain parent) {
            this.parent = parent;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Paths that the stream has passed. */
        int hops() {
            return parent == null ? 0 : 1 + parent.hops();
        }

        /** Those that the stream passes paths to. */
        static List<Domain> far() {
            return Stream.of(values()).filter(domain -> domain.parent != null).toList();
        }
    }

    private final Wan wan;
    private final Hosts hosts;
    private final Path home;
    private final List<String> violin;
    private final Path topology;
    private Boolean corrected;

    /** Starts all, on paths that lose nothing, and has every domain but the first join the group for good. */
    VideoNet(Lab lab, Wan wan, Path root) {
        this.wan = wan;
        home = lab.directory().resolve("home");
        violin = List.of("env", "VIOLIN_HOME=" + home, root.resolve("scripts/violin").toString());
        topology = lab.directory().resolve("video.yaml");
        String key = lab.directory().resolve("tunnel.key").toString();
        hosts = new Hosts(lab, "video", Stream.of(Domain.values()).map(Domain::toString).toList(), wan::joinAll);
        violin("key", "new", "--shared", key);
        List<Spawned> daemons = Stream.of(Domain.values()).map(domain -> host(domain).daemon(violin, "daemon", "--name",
            domain.toString(), "--listen", underlay(domain), "--key-file", key)).toList();
        daemons.forEach(daemon -> daemon.awaitLog(": ready,", START_SECONDS));
        correct(false);
        for (Domain domain : Domain.values()) {
            host(domain).ip("route add 239.0.0.0/8 dev " + End.OVERLAY);
        }
        for (Domain domain : Domain.far()) {
            host(domain).ip("address add " + GROUP + "/32 dev " + End.OVERLAY + " autojoin");
        }
    }

    private void violin(String... arguments) {
        List<String> argv = new ArrayList<>(violin);
        argv.addAll(List.of(arguments));
        Command.run(argv, LIMIT).orThrow();
    }

    End host(Domain domain) {
        return hosts.ends().get(domain.ordinal());
    }

    private String underlay(Domain domain) {
        return host(domain).underlay() + ":7000";
    }

    /** The hosts that a relay here passes the stream on to. */
    List<End> next(Domain domain) {
        return Stream.of(Domain.values()).filter(other -> other.parent == domain).map(this::host).toList();
    }

    /** Has tunnels bring back what their paths lose, or not. */
    void correct(boolean fec) {
        if (corrected != null && corrected == fec) {
            return;
        }
        try {
            Files.writeString(topology, topology(fec));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        violin("up", topology.toString());
        corrected = fec;
    }

    private String topology(boolean fec) {
        StringBuilder hostLines = new StringBuilder();
        StringBuilder switches = new StringBuilder();
        StringBuilder taps = new StringBuilder();
        StringBuilder links = new StringBuilder();
        StringBuilder tunnels = new StringBuilder();
        for (Domain domain : Domain.values()) {
            hostLines.append("  %s: { daemon: %s, underlay: \"%s\" }\n".formatted(domain,
                home.resolve("hosts").resolve(domain.toString()).resolve("api.sock"), underlay(domain)));
            switches.append("  lan-%s: { host: %1$s%s }\n".formatted(domain,
                domain.parent == null ? ", multicast: { querier: true, query-interval: 10s }" : ""));
            taps.append("  tap-%s: { host: %1$s, switch: lan-%1$s, device: %s, addresses: [%s/24] }\n".formatted(domain,
                End.OVERLAY, host(domain).overlay()));
            if (domain.parent != null) {
                links.append("  - ends: [lan-%s, lan-%s]\n".formatted(domain.parent, domain));
                tunnels.append("  - { ends: [%s, %s], fec: %s }\n".formatted(domain.parent, domain,
                    fec ? "auto" : "off"));
            }
        }
        return "network: video\nhosts:\n" + hostLines + "switches:\n" + switches + "taps:\n" + taps + "links:\n" + links
            + "tunnels:\n" + tunnels;
    }

    /** Has all paths be so from now on, each with losses of its own. */
    void impair(WanPath path, long seed) {
        for (Domain domain : Domain.values()) {
            wan.impair(host(domain), path.impairment(seed * Domain.values().length + domain.ordinal()));
        }
    }

    /** Bytes that all hosts together have sent into their paths so far. */
    long sentBytes() {
        return wan.sentBytes(hosts.ends());
    }

    /** Throws unless all daemons are running. */
    void check() {
        if (!hosts.ends().stream().flatMap(end -> end.daemons().stream()).allMatch(Spawned::isAlive)) {
            throw new BenchException("a daemon has ended:\n" + logTail());
        }
    }

    String logTail() {
        return hosts.logTail(LOG_LINES);
    }

    @Override
    public void close() {
        hosts.close();
    }
}
