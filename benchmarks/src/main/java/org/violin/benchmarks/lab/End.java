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

/** One host of a pair: a network namespace with an underlay device, and a directory for its programs' files. */
public final class End {
    /** The device of the underlay. */
    public static final String UNDERLAY = "under0";
    /** The device that a tunnel makes. */
    public static final String OVERLAY = "over0";

    private static final double DEVICE_SECONDS = 10;
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(20);

    private final Lab lab;
    private final String namespace;
    private final Path directory;
    private final int number;
    private final List<Spawned> daemons = new ArrayList<>();
    private int loads;

    /**
     * @param hosts  the name of the pair
     * @param name   a or b
     * @param number 1 or 2; the last byte of its addresses
     */
    End(Lab lab, String hosts, String name, int number) {
        this.lab = lab;
        this.number = number;
        namespace = Namespaces.PREFIX + hosts + "-" + name;
        directory = lab.directory().resolve(hosts).resolve(name);
    }

    /** The name of its network namespace, as {@code ip netns} has it. */
    public String namespace() {
        return namespace;
    }

    /** 1 or 2. */
    public int number() {
        return number;
    }

    /** Its IPv4 address in the underlay. */
    public String underlay() {
        return "10.201.0." + number;
    }

    /** Its IPv4 address inside the tunnel, without the prefix length of 24. */
    public String overlay() {
        return "10.202.0." + number;
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

    /** Starts a program of a load, with a log of its own. */
    public Spawned load(String name, List<String> command) {
        return spawn(name + "-" + loads++, command);
    }

    /** {@code ip netns exec} becomes the program, so its process is ours to end. */
    private Spawned spawn(String name, List<String> command) {
        return lab.spawn(inside(command), directory.resolve(name + ".log"));
    }

    private List<String> inside(List<String> command) {
        List<String> argv = new ArrayList<>(List.of("ip", "netns", "exec", namespace));
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

    /** Has the underlay's device sum and cut nothing, as a plain NIC; what comes may be joined as there. */
    void withoutOffloads() {
        run("ethtool", "-K", UNDERLAY, "tso", "off", "gso", "off", "tx-udp-segmentation", "off", "tx", "off",
            "gro", "on");
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
}
