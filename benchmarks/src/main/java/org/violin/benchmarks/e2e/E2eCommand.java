package org.violin.benchmarks.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Hosts;
import org.violin.benchmarks.lab.Lab;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code violin bench e2e}. */
@Command(name = "e2e", mixinStandardHelpOptions = true, sortOptions = false,
    description = {"Runs the same work through Violin and through every other tunnel that is installed here, in turn,"
        + " and writes a report.",
        "Needs root: each tunnel runs between two network namespaces, which are removed at the end."},
    footer = {"", "Examples:",
        "  violin bench e2e --sides veth,vxlan,violin --seconds 2      # a quick look",
        "  violin bench e2e --install-peers --question all-peers       # the whole comparison",
        "  violin bench e2e --rounds 0 --profile --question profile    # only where Violin's cycles go"})
final class E2eCommand implements Callable<Integer> {
    private static final Duration INSTALL_LIMIT = Duration.ofMinutes(15);
    /** What every run needs, and the Debian packages. */
    private static final Map<String, String> PROGRAMS = Map.of("ip", "iproute2", "iperf3", "iperf3", "ping",
        "iputils-ping", "ethtool", "ethtool");
    private static final int MIN_MTU = 576;
    private static final int MAX_MTU = 9000;
    private static final int[] FRAME_BYTES = {64, 512, 1500};

    @Spec
    private CommandSpec spec;

    @Option(names = "--sides", split = ",", paramLabel = "NAME",
        description = "Which tunnels to compare (default: all that are installed).")
    private List<String> sideNames = List.of();

    @Option(names = "--custom", paramLabel = "NAME=COMMAND",
        description = "One more tunnel, of a command that a shell runs at both ends, with {tap}, {local} and {remote}"
            + " for the TAP to make and the IPv4 addresses; repeatable.")
    private List<String> customs = List.of();

    @Option(names = "--install-peers", description = "First install the tunnels that Debian has, by apt-get.")
    private boolean installPeers;

    @Option(names = "--rounds", defaultValue = "5", paramLabel = "N",
        description = "How often each piece of work is given to each side (default: ${DEFAULT-VALUE}); 0: only the"
            + " profile.")
    private int rounds;

    @Option(names = "--seconds", defaultValue = "3", paramLabel = "N",
        description = "How long a TCP load lasts; other loads follow from it (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = "--measures", split = ",", defaultValue = "tcp,udp,rtt", paramLabel = "NAME",
        description = "Which work to do, of tcp, udp, rtt (default: all).")
    private List<Measure> measures;

    @Option(names = "--profile", split = ",", arity = "0..1", fallbackValue = Sides.VIOLIN, paramLabel = "NAME",
        description = "Then look where the cycles of these sides go, by perf: flame graphs and a table of one TCP"
            + " stream and of 64-byte packets (without a name: violin).")
    private List<String> profileNames = List.of();

    @Option(names = "--underlay", defaultValue = "veth", paramLabel = "KIND",
        description = "veth, which carries super-frames whole, or plain-nic: a veth without the sender's offloads"
            + " (default: ${DEFAULT-VALUE}).")
    private String underlay;

    @Option(names = "--mtu", defaultValue = "1500", paramLabel = "BYTES",
        description = "The MTU inside the tunnels; the underlay's is 1500 (default: ${DEFAULT-VALUE}).")
    private int mtu;

    @Option(names = "--question", defaultValue = "e2e", paramLabel = "NAME",
        description = "Names the report: perf-reports/<date>-NAME (default: ${DEFAULT-VALUE}).")
    private String question;

    @Option(names = "--output", paramLabel = "DIRECTORY", description = "Where the report goes instead.")
    private Path output;

    /** Groups of measurements that a user may ask for. */
    enum Measure {
        /** Throughput, CPU, memory. */
        TCP,
        /** Frame rate. */
        UDP,
        /** Round trips. */
        RTT
    }

    @Override
    public Integer call() {
        checkNumbers();
        Lab.checkRoot();
        Path root = Path.of(System.getProperty("violin.root", ".")).toAbsolutePath().normalize();
        Map<String, Side> all = allSides(root);
        Settings settings = new Settings(root, outputDirectory(root), question, commandLine(), chooseSides(all),
            measurements(), rounds, seconds, parseUnderlay(), mtu,
            profileNames.stream().map(name -> side(all, "--profile", name)).toList());
        if (installPeers) {
            install(settings.sides());
        }
        checkPrograms(settings);
        if (!settings.profiled().isEmpty()) {
            Profiler.missing().ifPresent(why -> System.out.println("no profile: " + why));
        }
        System.out.printf("%d sides, %d measurements, %d rounds: about %s%n", settings.sides().size(),
            settings.measurements().size(), rounds, Run.clock(Run.estimateSeconds(settings)));
        return execute(settings);
    }

    private static int execute(Settings settings) {
        try (Run run = new Run(settings, System.out)) {
            Files.createDirectories(settings.output());
            Environment environment = Environment.read(settings);
            Results results;
            try (RawFile raw = new RawFile(settings.output())) {
                results = run.measure(raw);
                run.profile(raw);
            }
            new Report(settings, environment, results).write(System.out);
            return results.failures().isEmpty() ? 0 : Bench.FAILED;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void checkPrograms(Settings settings) {
        List<String> missing = new ArrayList<>();
        PROGRAMS.forEach((program, inPackage) -> {
            if (Side.find(program).isEmpty()) {
                missing.add(inPackage);
            }
        });
        if (!missing.isEmpty()) {
            throw new BenchException("missing: install with: apt-get install " + String.join(" ", missing));
        }
        if (!Files.exists(Path.of("/dev/net/tun")) && settings.sides().size() > 1) {
            throw new BenchException("/dev/net/tun is missing: tunnels need it");
        }
    }

    private void checkNumbers() {
        if (rounds < (profileNames.isEmpty() ? 1 : 0) || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--rounds and --seconds must be at least 1");
        }
        if (mtu < MIN_MTU || mtu > MAX_MTU) {
            throw new ParameterException(spec.commandLine(), "--mtu must be " + MIN_MTU + " to " + MAX_MTU);
        }
        if (!question.matches("[a-z0-9][a-z0-9-]*")) {
            throw new ParameterException(spec.commandLine(), "--question names a folder: a-z, 0-9 and - only");
        }
    }

    private Hosts.Underlay parseUnderlay() {
        return switch (underlay) {
            case "veth" -> Hosts.Underlay.VETH;
            case "plain-nic" -> Hosts.Underlay.PLAIN_NIC;
            default -> throw new ParameterException(spec.commandLine(), "--underlay is veth or plain-nic");
        };
    }

    private Map<String, Side> allSides(Path root) {
        Map<String, Side> all = new LinkedHashMap<>();
        Sides.all(root).forEach(side -> all.put(side.name(), side));
        customs.stream().map(this::custom).forEach(side -> all.put(side.name(), side));
        return all;
    }

    /** Those that are named and those of the user's own. */
    private List<Side> chooseSides(Map<String, Side> all) {
        if (rounds == 0) {
            return List.of();
        }
        if (sideNames.isEmpty()) {
            return List.copyOf(all.values());
        }
        Set<Side> chosen = new LinkedHashSet<>();
        sideNames.forEach(name -> chosen.add(side(all, "--sides", name)));
        customs.forEach(definition -> chosen.add(all.get(custom(definition).name())));
        return List.copyOf(chosen);
    }

    private Side side(Map<String, Side> all, String option, String name) {
        Side side = all.get(name);
        if (side == null) {
            throw new ParameterException(spec.commandLine(), option + ": there is no " + name + "; there are "
                + String.join(", ", all.keySet()));
        }
        return side;
    }

    private Side custom(String definition) {
        try {
            return Sides.custom(definition);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--custom: " + e.getMessage());
        }
    }

    /** Debian's packages start no tunnel that is not configured. */
    private static void install(List<Side> sides) {
        List<String> packages = sides.stream().filter(side -> side.missingProgram().isPresent())
            .flatMap(side -> side.packages().stream()).distinct().toList();
        if (packages.isEmpty()) {
            return;
        }
        System.out.println("installing " + String.join(" ", packages));
        List<String> argv = new ArrayList<>(List.of("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y",
            "-qq", "--no-install-recommends"));
        argv.addAll(packages);
        org.violin.control.os.Command.run(List.of("apt-get", "update", "-qq"), INSTALL_LIMIT).orThrow();
        org.violin.control.os.Command.run(argv, INSTALL_LIMIT).orThrow();
    }

    private List<Measurement> measurements() {
        List<Measurement> list = new ArrayList<>();
        if (measures.contains(Measure.TCP)) {
            for (int streams : new int[] {1, 4}) {
                list.add(new TcpMeasurement(streams, false, seconds));
                list.add(new TcpMeasurement(streams, true, seconds));
            }
        }
        if (measures.contains(Measure.UDP)) {
            for (int bytes : FRAME_BYTES) {
                list.add(new FrameMeasurement(bytes, Math.min(bytes, mtu), seconds / 3.0));
            }
        }
        if (measures.contains(Measure.RTT)) {
            list.add(new RttMeasurement(false, seconds));
            list.add(new RttMeasurement(true, seconds));
        }
        return list;
    }

    /** A folder of the day and the question; a second run on one day gets a folder of its own. */
    private Path outputDirectory(Path root) {
        if (output != null) {
            return output.toAbsolutePath().normalize();
        }
        String name = LocalDate.now() + "-" + question;
        Path folder = root.resolve("perf-reports").resolve(name);
        for (int i = 2; Files.exists(folder); i++) {
            folder = root.resolve("perf-reports").resolve(name + "-" + i);
        }
        return folder;
    }

    private String commandLine() {
        return "violin bench " + String.join(" ", spec.commandLine().getParseResult().originalArgs());
    }
}
