package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.control.TestRun;
import org.violin.control.keys.SharedKey;

/** Two hosts on one wire, namespaces joined by a veth pair, and the product as users of both would run it. */
final class TwoHosts implements AutoCloseable {
    /** Test classes run side by side, each with hosts of its own. */
    private static final AtomicInteger NUMBER = new AtomicInteger();

    final Host left;
    final Host right;
    private final Path directory;
    private final List<Product.Running> started = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();

    /**
     * Ends the test as not run where namespaces and TAPs may not be made.
     *
     * @param directory for homes, keys and what programs write
     */
    TwoHosts(Path directory) {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces and TAPs need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "/dev/net/tun is missing");
        this.directory = directory;
        int pair = NUMBER.incrementAndGet();
        left = new Host(TestRun.name("left-" + pair), 1);
        right = new Host(TestRun.name("right-" + pair), 2);
        left.add();
        right.add();
        left.ip("link add eth0 type veth peer name eth0 netns " + right);
        left.setUp();
        right.setUp();
    }

    /** At 10.77.0.{@code number} and fd77::{@code number}; its TAP's address is 10.88.0.{@code number}. */
    final class Host extends Netns {
        final Product product;
        private final int number;

        private Host(String name, int number) {
            super(name);
            this.number = number;
            this.product = new Product(directory, "ip", "netns", "exec", name);
        }

        private void setUp() {
            ip("address add 10.77.0." + number + "/24 dev eth0", "address add fd77::" + number + "/64 dev eth0 nodad",
                "link set eth0 up", "link set lo up");
        }

        /** Where its tunnel is. */
        String underlay() {
            return "10.77.0." + number + ":7000";
        }

        /** Its TAP's. */
        String address() {
            return "10.88.0." + number;
        }

        private Host other() {
            return this == left ? right : left;
        }

        Product.Result run(String... arguments) {
            return product.run(arguments);
        }

        /** A command that goes on; it is ended with the test at the latest. */
        Product.Running start(String... arguments) {
            Product.Running running = product.start(arguments);
            started.add(running);
            return running;
        }

        /** {@code violin tunnel} with a TAP. */
        Product.Running tunnel(String... options) {
            List<String> arguments = new ArrayList<>(List.of("tunnel", "--tap", "vt0", "--address", address() + "/24"));
            arguments.addAll(List.of(options));
            return start(arguments.toArray(new String[0]));
        }

        /** One from host to host. */
        Product.Running across(String... options) {
            List<String> all = new ArrayList<>(List.of("--local", underlay(), "--remote", other().underlay()));
            all.addAll(List.of(options));
            return tunnel(all.toArray(new String[0]));
        }

        Product.Running plain(String... options) {
            List<String> all = new ArrayList<>(List.of("--insecure-plaintext"));
            all.addAll(List.of(options));
            return across(all.toArray(new String[0]));
        }

        Product.Running sealed(String key, String... options) {
            List<String> all = new ArrayList<>(List.of("--key-file", key));
            all.addAll(List.of(options));
            return across(all.toArray(new String[0]));
        }

        /** A program that goes on; what it says goes to a file. */
        Process background(String command, Path log) throws IOException {
            Process process = new ProcessBuilder(command(command)).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
            processes.add(process);
            return process;
        }

        String mac(String device) {
            return in("ip -o link show dev " + device).replaceAll("(?s).*link/ether (\\S+) .*", "$1");
        }
    }

    /** A shared key's file. */
    String newKey(String name) {
        Path file = directory.resolve(name);
        SharedKey.create(file).close();
        return file.toString();
    }

    /** With what all that was started has said, should it not come. */
    void await(String what, BooleanSupplier condition) {
        TestRun.await(what, condition,
            () -> started.stream().map(running -> running.out() + running.err()).toList().toString());
    }

    void awaitUp(Product.Running... tunnels) {
        for (Product.Running tunnel : tunnels) {
            await("the tunnel", () -> tunnel.err().contains(": up,") || !tunnel.process.isAlive());
            assertThat(tunnel.err()).contains(": up,");
        }
    }

    /** A TCP stream to the right host's TAP: what the sender says. */
    String iperf(String options) {
        return left.iperf(right, right.address(), "-C cubic " + options);
    }

    /** Of an end's summary: handshakes that have given keys, those that it began and those that it answered. */
    static int renewals(String summary) {
        Matcher agreed = Pattern.compile("(\\d+) (?:agreed|confirmed)").matcher(summary);
        return agreed.results().mapToInt(result -> Integer.parseInt(result.group(1))).sum();
    }

    @Override
    public void close() {
        started.forEach(running -> kill(running.process));
        processes.forEach(TwoHosts::kill);
        left.remove();
        right.remove();
    }

    private static void kill(Process process) {
        try {
            process.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
