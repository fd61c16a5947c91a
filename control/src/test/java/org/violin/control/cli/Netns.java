package org.violin.control.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.violin.control.TestRun;
import org.violin.control.os.Command;
import org.violin.control.os.Libc;

/** A network namespace, and what is run in it. Command lines are words with one blank between them. */
class Netns {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int CLONE_NEWNET = 0x4000_0000;

    static {
        Native.register("c");
    }

    private final String name;

    Netns(String name) {
        this.name = name;
    }

    private static native int setns(int fd, int kind) throws LastErrorException;

    /** Has a thread in the namespace open a socket, which is of the namespace for ever. */
    final <T> T open(Callable<T> opening) {
        CompletableFuture<T> opened = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                int fd = Libc.openFile(Path.of("/run/netns", name), Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
                setns(fd, CLONE_NEWNET);
                Libc.closeFile(fd);
                opened.complete(opening.call());
            } catch (Exception e) {
                opened.completeExceptionally(e);
            }
        });
        return opened.join();
    }

    final void add() {
        Command.run(List.of("ip", "netns", "add", name), LIMIT).orThrow();
    }

    /** Does nothing if it is not there. */
    final void remove() {
        Command.run(List.of("ip", "netns", "delete", name), LIMIT);
    }

    /** Its name, for {@code ip}. */
    @Override
    public final String toString() {
        return name;
    }

    final List<String> command(String command) {
        return List.of(("ip netns exec " + name + " " + command).split(" "));
    }

    /** Runs a command, which is to succeed: what it says. */
    final String in(String command) {
        return tried(command).orThrow().output();
    }

    final Command.Result tried(String command) {
        return Command.run(command(command), LIMIT);
    }

    final Command.Result bash(String script) {
        return Command.run(List.of("ip", "netns", "exec", name, "bash", "-c", script), LIMIT);
    }

    /**
     * Starts a server of iperf3 for one client; it listens when this returns. One before it, whose client has gone, has
     * ended: two would want the same port, and one that does not get it says so to nobody.
     */
    final void serveIperf() {
        TestRun.await("the end of the iperf3 server before", () -> !servesIperf());
        in("iperf3 -s -1 -D");
        TestRun.await("the iperf3 server", this::servesIperf);
    }

    /** Sends by iperf3 to a server in another namespace: what the sender says. */
    final String iperf(Netns to, String address, String options) {
        to.serveIperf();
        String report = in("iperf3 -c " + address + " " + options);
        assertThat(report).contains("receiver");
        return report;
    }

    private boolean servesIperf() {
        return !in("ss -Hltn sport = :5201").isEmpty();
    }

    /** Runs {@code ip} once with many commands. */
    final void ip(String... commands) {
        Command.run(List.of("ip", "-n", name, "-batch", "-"), String.join("\n", commands) + "\n", LIMIT).orThrow();
    }

    /**
     * Has the kernel refuse some of what comes, before any program sees it.
     *
     * @param rule of nft, such as {@code udp dport 7000 drop}
     */
    final void filter(String rule) {
        in("nft add table inet path");
        in("nft add chain inet path in { type filter hook input priority 0 ; }");
        in("nft add rule inet path in " + rule);
    }

    final void filterNothing() {
        in("nft delete table inet path");
    }
}
