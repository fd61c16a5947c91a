package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.violin.benchmarks.lab.OwnCpus;
import org.violin.benchmarks.lab.Underlay;
import org.violin.benchmarks.lab.Veth;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code violin bench e2e}. */
@Command(name = "e2e", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Runs the same work through Violin and through every other tunnel that is installed here, in turn,"
        + " and writes a report.",
        "Needs root: each tunnel runs between two network namespaces, which are removed at the end."},
    footer = {"", "Examples:",
        "  violin bench e2e --sides veth,vxlan,violin --seconds 2      # a quick look",
        "  violin bench e2e --install-peers --question all-peers       # the whole comparison",
        "  violin bench e2e --rounds 0 --profile --question profile    # only where Violin's cycles go"})
final class E2eCommand extends CompareCommand {
    private static final int ROUNDS = 5;
    private static final int SECONDS = 3;
    private static final int[] FRAME_BYTES = {64, 512, 1500};

    @Option(names = "--measures", split = ",", defaultValue = "tcp,udp,rtt", paramLabel = "NAME",
        description = "Which work to do, of tcp, udp, rtt (default: all).")
    private List<Measure> measures;

    @Option(names = "--profile", split = ",", arity = "0..1", fallbackValue = Sides.VIOLIN, paramLabel = "NAME",
        description = "Then look where the cycles of these sides go, by perf: flame graphs and a table of one TCP"
            + " stream and of 64-byte packets (without a name: violin). With --rounds 0, nothing else is done.")
    private List<String> profileNames = List.of();

    @Option(names = "--underlay", defaultValue = "veth", paramLabel = "KIND",
        description = "veth, which carries super-frames whole, or plain-nic: a veth without the sender's offloads"
            + " (default: ${DEFAULT-VALUE}).")
    private String underlay;

    @Option(names = "--own-cpus", description = "Give each host one half of the CPUs, as if they were two machines;"
        + " without it both share all of them.")
    private boolean ownCpus;

    /** Groups of measurements that a user may ask for. */
    enum Measure {
        /** Throughput, CPU, memory. */
        TCP,
        /** Frame rate. */
        UDP,
        /** Round trips. */
        RTT
    }

    E2eCommand() {
        super("e2e", ROUNDS, SECONDS);
    }

    @Override
    public Integer call() {
        checkOptions(profileNames.isEmpty() ? 1 : 0);
        Map<String, Side> all = withCustoms(Sides.all(root()));
        Settings settings = new Settings(root(), outputDirectory(), question(), commandLine(),
            rounds() == 0 ? List.of() : chooseSides(all), measurements(), rounds(), seconds(), parseUnderlay(), mtu(),
            profileNames.stream().map(name -> side(all, "--profile", name)).toList());
        prepareSides(settings.sides());
        if (!settings.profiled().isEmpty()) {
            Profiler.missing().ifPresent(why -> System.out.println("no profile: " + why));
        }
        return execute(settings, E2eMarkdown::new);
    }

    private Underlay parseUnderlay() {
        Veth veth = switch (underlay) {
            case "veth" -> Veth.WHOLE;
            case "plain-nic" -> Veth.PLAIN_NIC;
            default -> throw mistake("--underlay is veth or plain-nic");
        };
        return ownCpus ? OwnCpus.of(veth) : veth;
    }

    private List<Measurement> measurements() {
        List<Measurement> list = new ArrayList<>();
        if (measures.contains(Measure.TCP)) {
            for (int streams : new int[] {1, 4}) {
                list.add(new TcpMeasurement(streams, false, seconds()));
                list.add(new TcpMeasurement(streams, true, seconds()));
            }
        }
        if (measures.contains(Measure.UDP)) {
            for (int bytes : FRAME_BYTES) {
                list.add(new FrameMeasurement(bytes, Math.min(bytes, mtu()), seconds() / 3.0));
            }
        }
        if (measures.contains(Measure.RTT)) {
            list.add(new RttMeasurement("rtt-idle", false, seconds()));
            list.add(new RttMeasurement("rtt-loaded", true, seconds()));
        }
        return list;
    }
}
