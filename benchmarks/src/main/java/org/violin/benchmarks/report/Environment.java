package org.violin.benchmarks.report;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.violin.benchmarks.lab.CpuClock;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Proc;
import org.violin.control.os.Command;
import org.violin.control.os.Command.CommandException;

/**
 * What the figures depend on besides the code.
 *
 * @param facts    about the machine and the build, by title
 * @param versions of the sides' programs, by side
 */
public record Environment(Map<String, String> facts, Map<String, String> versions) {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final double BACKGROUND_SECONDS = 1;
    private static final List<String> SYSCTLS = List.of("net.core.rmem_max", "net.core.wmem_max",
        "net.core.default_qdisc", "net.core.netdev_max_backlog", "net.ipv4.tcp_congestion_control",
        "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem");

    /**
     * Takes a second, to see what the machine does by itself.
     *
     * @param root            Violin's folder
     * @param versionCommands commands that print versions, by side
     */
    public static Environment read(Path root, Map<String, List<String>> versionCommands) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", ZonedDateTime.now().format(DateTimeFormatter.ISO_OFFSET_DATE_TIME));
        facts.put("kernel", file("/proc/sys/kernel/osrelease"));
        facts.put("system", field("/etc/os-release", "PRETTY_NAME=").replace("\"", ""));
        facts.put("CPU", field("/proc/cpuinfo", "model name\t: ") + ", " + Runtime.getRuntime().availableProcessors()
            + " cores visible");
        facts.put("idle CPUs", idling());
        facts.put("memory", field("/proc/meminfo", "MemTotal:").strip());
        facts.put("JDK", Runtime.version() + " (" + System.getProperty("java.vendor") + ")");
        facts.put("iperf3", firstLine("iperf3", "--version"));
        facts.put("git revision", revision(root));
        facts.put("load average before", file("/proc/loadavg"));
        facts.put("CPU busy before", background());
        for (String name : SYSCTLS) {
            facts.put(name, file("/proc/sys/" + name.replace('.', '/')).replace('\t', ' '));
        }
        Map<String, String> versions = new LinkedHashMap<>();
        // After it some programs list all that they were built with.
        versionCommands.forEach((side, command) -> versions.put(side,
            firstLine(command.toArray(String[]::new)).replaceFirst(" \\[.*", "")));
        return new Environment(facts, versions);
    }

    private static String revision(Path root) {
        String revision = firstLine("git", "-C", root.toString(), "rev-parse", "--short=12", "HEAD");
        boolean changed = !firstLine("git", "-C", root.toString(), "status", "--porcelain", "-uno").isEmpty();
        return revision + (changed ? ", with changes" : "");
    }

    /** How CPUs that have nothing to do wait. */
    private static String idling() {
        String driver = file("/sys/devices/system/cpu/cpuidle/current_driver");
        return driver.equals("haltpoll")
            ? "haltpoll, " + file("/sys/module/haltpoll/parameters/guest_halt_poll_ns") + " ns" : driver;
    }

    private static String background() {
        double before = CpuClock.machineSeconds();
        Deadline.pause(BACKGROUND_SECONDS);
        double busy = (CpuClock.machineSeconds() - before) / BACKGROUND_SECONDS;
        return String.format(Locale.ROOT, "%.0f %% of a core", busy * 100);
    }

    /** The first line a program says; programs say their versions on either stream, with any exit status. */
    private static String firstLine(String... command) {
        try {
            return Command.run(List.of(command), LIMIT).said().lines().filter(line -> !line.isBlank())
                .findFirst().orElse("").strip();
        } catch (CommandException e) {
            return "unknown";
        }
    }

    private static String file(String path) {
        return Proc.read(path).orElse("unknown");
    }

    private static String field(String path, String prefix) {
        return file(path).lines().filter(line -> line.startsWith(prefix)).findFirst()
            .map(line -> line.substring(prefix.length()).strip()).orElse("unknown");
    }
}
