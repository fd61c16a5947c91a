package org.violin.benchmarks.start;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.os.Command;

/** Two namespaces joined by a veth pair, and the ends of a tunnel that run in them. */
final class Hosts implements AutoCloseable {
    static final String TAP = "vt0";
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path directory;
    private final List<String> names;

    /** @param directory takes what the tunnels write */
    Hosts(Path directory) {
        this.directory = directory;
        String prefix = "violin-start-" + ProcessHandle.current().pid() + "-";
        names = List.of(prefix + "left", prefix + "right");
        names.forEach(name -> ip("netns add " + name));
        ip("link add eth0 netns " + names.get(0) + " type veth peer name eth0 netns " + names.get(1));
        for (int i = 0; i < names.size(); i++) {
            ip("-n " + names.get(i) + " address add " + underlay(i) + "/24 dev eth0");
            ip("-n " + names.get(i) + " link set eth0 up");
            ip("-n " + names.get(i) + " link set lo up");
        }
    }

    String name(int side) {
        return names.get(side);
    }

    /** Starts one end as a user would. */
    Process startTunnel(Path launcher, int side) {
        return start(side, List.of(launcher.toString(), "tunnel", "--insecure-plaintext", "--tap", TAP,
            "--local", underlay(side) + ":7000", "--remote", underlay(1 - side) + ":7000",
            "--address", "10.88.0." + (side + 1) + "/24"));
    }

    Process start(int side, List<String> command) {
        List<String> argv = new ArrayList<>(List.of("ip", "netns", "exec", names.get(side)));
        argv.addAll(command);
        try {
            ProcessBuilder builder = new ProcessBuilder(argv).redirectErrorStream(true)
                .redirectOutput(directory.resolve("side" + side + ".log").toFile());
            builder.environment().put("VIOLIN_HOME", directory.resolve("home").toString());
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether what runs on a side has written {@code text}. */
    boolean says(int side, String text) {
        return output(side).contains(text);
    }

    /** All that was written on either side. */
    String output() {
        return output(0) + output(1);
    }

    private String output(int side) {
        try {
            return Files.readString(directory.resolve("side" + side + ".log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String underlay(int side) {
        return "10.77.0." + (side + 1);
    }

    private static void ip(String arguments) {
        Command.run(List.of(("ip " + arguments).split(" ")), LIMIT).orThrow();
    }

    @Override
    public void close() {
        names.forEach(name -> Command.run(List.of("ip", "netns", "delete", name), LIMIT));
    }
}
