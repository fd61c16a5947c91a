package org.violin.control.cli;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.violin.control.api.CheckDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin ping}. */
@Command(name = "ping", mixinStandardHelpOptions = true,
    description = {"Asks a host for answers, from each host of a network that has a tunnel to it.",
        "What is timed is the tunnel between two daemons, not the guests or the links."},
    footer = {"", "Exits with 4 if an answer did not come. Then it says why, as 'violin netcheck' does."})
final class PingCommand implements Callable<Integer> {
    private static final int BYTES_MAX = 65_535;

    @Spec
    private CommandSpec spec;

    @Parameters(index = "0", paramLabel = "NETWORK", description = "The network's name.")
    private String network;

    @Parameters(index = "1", paramLabel = "HOST", description = "The host that is to answer.")
    private String peer;

    @Option(names = {"-c", "--count"}, defaultValue = "5", paramLabel = "N",
        description = "How often (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(names = "--bytes", defaultValue = "116", paramLabel = "BYTES",
        description = "The IP packet that asks (default: ${DEFAULT-VALUE}). The answer is short.")
    private int bytes;

    @Option(names = "--interval", defaultValue = "200ms", paramLabel = "TIME", converter = SealOptions.Time.class,
        description = "From one to the next (default: ${DEFAULT-VALUE}).")
    private long intervalNs;

    @Override
    public Integer call() {
        if (count < 1 || bytes < 1 || bytes > BYTES_MAX) {
            throw new ParameterException(spec.commandLine(), "--count: 1 or more; --bytes: 1 to " + BYTES_MAX);
        }
        List<Survey.Answer<List<Way>>> answers = Survey.of(new Registry(Home.find()), network).ask(this::ping);
        List<String> errors = answers.stream().map(Survey.Answer::error).filter(Objects::nonNull).toList();
        errors.forEach(error -> System.err.println("violin: " + error));
        boolean found = false;
        boolean answered = errors.isEmpty();
        for (Survey.Answer<List<Way>> answer : answers) {
            for (Way way : answer.value() == null ? List.<Way>of() : answer.value()) {
                found = true;
                answered &= way.nanos.length == count;
                System.out.println(answer.host().name() + " -> " + peer + " (" + way.check.remote() + "): "
                    + describe(way));
            }
        }
        if (!found && errors.isEmpty()) {
            throw new ParameterException(spec.commandLine(), network + ": no host has a tunnel to " + peer);
        }
        return answered ? Exit.OK : Exit.DEGRADED;
    }

    /** One host's tunnel to the peer, and the round trips of answers in order. */
    private record Way(CheckDto check, long[] nanos) {
    }

    /** Of one host: its tunnel to the peer, if it has one. */
    private List<Way> ping(DaemonClient daemon, String name) {
        return daemon.netcheck(name).stream().filter(check -> check.peer().equals(peer))
            .map(check -> new Way(check, roundTrips(daemon, name))).toList();
    }

    private long[] roundTrips(DaemonClient daemon, String name) {
        return IntStream.range(0, count).mapToObj(i -> {
            LockSupport.parkNanos(i == 0 ? 0 : intervalNs);
            return daemon.ping(name, peer, bytes).nanos();
        }).filter(Objects::nonNull).mapToLong(Long::longValue).sorted().toArray();
    }

    private String describe(Way way) {
        long[] nanos = way.nanos;
        String answers = nanos.length + " of " + count + " answered";
        return nanos.length == 0 ? answers + ": " + way.check.text()
            : String.format(Locale.ROOT, "%s, round trip min %.3f, median %.3f, max %.3f ms", answers, nanos[0] / 1e6,
                nanos[nanos.length / 2] / 1e6, nanos[nanos.length - 1] / 1e6);
    }
}
