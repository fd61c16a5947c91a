package org.violin.benchmarks.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.os.Command;

/** One host: a network namespace, and a directory for its programs' files. */
public class Netns implements Machine, AutoCloseable {
    /**
     * What sockets begin with. Where that is BBR, its pacing stays with a socket that asks for CUBIC later, as iperf3's
     * do: a timer for each super-frame then, which halves what a fast path carries. Any namespace may have Reno.
     * Tunnels over TCP have CUBIC, which an ordinary route may ask for where a namespace may not.
     */
    private static final String FIRST_CONGESTION_CONTROL = "echo reno > /proc/sys/net/ipv4/tcp_congestion_control";

    /** Or a connection would begin with what the last one to the same host has found, over another path perhaps. */
    private static final String NO_METRICS = "echo 1 > /proc/sys/net/ipv4/tcp_no_metrics_save";

    private static final double DEVICE_SECONDS = 10;
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(20);

    private final Lab lab;
    private final String namespace;
    private final Path directory;
    private final List<Spawned> daemons = new ArrayList<>();
    private int loads;
    /** As taskset wants them; empty where a program may run on any. */
    private String cpus = "";

    /**
     * Makes it.
     *
     * @param hosts tells the hosts that belong together from others of the lab
     * @param name  tells it from those
     */
    public Netns(Lab lab, String hosts, String name) {
        this.lab = lab;
        namespace = Namespaces.PREFIX + hosts + "-" + name;
        directory = lab.directory().resolve(hosts).resolve(name);
        lab.addNamespace(namespace);
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sh(FIRST_CONGESTION_CONTROL);
        sh(NO_METRICS);
        Command.run(List.of("ip", "-n", namespace, "link", "set", "lo", "up"), COMMAND_LIMIT).orThrow();
    }

    private void sh(String script) {
        Command.run(List.of("ip", "netns", "exec", namespace, "sh", "-c", script), COMMAND_LIMIT).orThrow();
    }

    /** The name of its network namespace, as {@code ip netns} has it. */
    public String namespace() {
        return namespace;
    }

    /** Writes a file, readable by its owner alone, as keys want it; returns its path. */
    public Path file(String name, String content) {
        Path file = directory.resolve(name);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    /** Where a file of this name is, or will be. */
    public Path path(String name) {
        return directory.resolve(name);
    }

    /** {@code ip -n NAMESPACE ARGUMENTS}, split at blanks. */
    public String ip(String arguments) {
        List<String> argv = new ArrayList<>(List.of("ip", "-n", namespace));
        argv.addAll(List.of(arguments.split(" ")));
        return Command.run(argv, COMMAND_LIMIT).orThrow().output();
    }

    /** Runs a program in the namespace to its end; throws if it fails. */
    public String run(String... command) {
        return attempt(COMMAND_LIMIT, command).orThrow().output();
    }

    /** Runs a program in the namespace to its end; kills it after {@code limit}. */
    public Command.Result attempt(Duration limit, String... command) {
        return Command.run(inside(List.of(command)), limit);
    }

    /** Starts a program that is part of the side: it must live as long as the side, and its log is the side's log. */
    public Spawned daemon(String... command) {
        Spawned daemon = spawn("daemon-" + daemons.size(), List.of(command));
        daemons.add(daemon);
        return daemon;
    }

    /** The same, of two parts. */
    public Spawned daemon(List<String> command, String... more) {
        List<String> all = new ArrayList<>(command);
        all.addAll(List.of(more));
        return daemon(all.toArray(String[]::new));
    }

    @Override
    public Spawned load(String name, List<String> command) {
        return spawn(name + "-" + loads++, command);
    }

    /** The process is the program's own, and so ours to end. */
    private Spawned spawn(String name, List<String> command) {
        return lab.spawn(inside(command), directory.resolve(name + ".log"));
    }

    /** Programs that are started from now on run on these CPUs alone, such as {@code 0,1}. */
    void bindTo(String some) {
        cpus = some;
    }

    /** Each of them becomes the next, so that the process is the program's. */
    private List<String> inside(List<String> command) {
        List<String> argv = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
        if (!cpus.isEmpty()) {
            argv.addAll(List.of("taskset", "-c", cpus));
        }
        argv.addAll(command);
        return argv;
    }

    /** All that were started, also those that have ended. */
    public List<Spawned> daemons() {
        return List.copyOf(daemons);
    }

    /** Waits for a device that a daemon makes. */
    public void awaitDevice(String device) {
        boolean there = Deadline.await(DEVICE_SECONDS, () -> {
            daemons.forEach(Spawned::check);
            return attempt(COMMAND_LIMIT, "test", "-e", "/sys/class/net/" + device).exit() == 0;
        });
        if (!there) {
            throw new BenchException(namespace + ": no device " + device + " after " + DEVICE_SECONDS + " s");
        }
    }

    /** The MAC address of a device, as {@code 02:00:...}. */
    public String macOf(String device) {
        return run("cat", "/sys/class/net/" + device + "/address").strip();
    }

    /** The last lines of what the daemons printed. */
    public String logTail(int lines) {
        StringBuilder text = new StringBuilder();
        for (Spawned daemon : daemons) {
            List<String> all = daemon.log().lines().toList();
            all.subList(Math.max(0, all.size() - lines), all.size())
                .forEach(line -> text.append(namespace).append(": ").append(line).append('\n'));
        }
        return text.toString();
    }

    /** Every process in the namespace. */
    public List<Long> pids() {
        return Namespaces.pids(namespace);
    }

    /** Ends every program in it and removes it. */
    @Override
    public void close() {
        daemons.stream().filter(Spawned::isAlive).forEach(Spawned::stop);
        Namespaces.remove(namespace);
    }
}
