package org.violin.control.cli;

import java.time.Duration;
import java.util.List;
import org.violin.control.os.Command;

/** A network namespace, and what is run in it. Command lines are words with one blank between them. */
class Netns {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final String name;

    Netns(String name) {
        this.name = name;
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
