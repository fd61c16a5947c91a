package org.violin.control.client;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.api.HostDto;

/**
 * The daemon of a host that is a namespace: started in it, in a session of its own so that the terminal's Ctrl-C does
 * not reach it, and ended with it. A daemon is recognised by its state directory among its arguments, never by a
 * remembered pid alone.
 */
final class HostDaemon {
    /** A JVM that shares its processor with other daemons that start. */
    private static final Duration START_LIMIT = Duration.ofSeconds(45);
    private static final Duration POLL = Duration.ofMillis(50);
    /** What a daemon needs to stop its guests: they power off by themselves within this time, or are killed. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final int LOG_LINES = 12;

    private final NetworkRecord.Host host;
    private final String namespace;
    private final String name;
    private final DaemonClient client;
    private Process started;

    /** A daemon has its network's name in its own, as a machine may carry hosts of many. */
    HostDaemon(NetworkRecord record, NetworkRecord.Host host) {
        this.host = host;
        this.namespace = record.namespace(host);
        this.name = daemonName(record.network(), host.name());
        this.client = host.client();
    }

    /** Names have no dot, so no two pairs make the same name. */
    static String daemonName(String network, String host) {
        return network + "." + host;
    }

    /** Empty when it does not answer. */
    HostDto answering() {
        try {
            return client.host();
        } catch (ApiException e) {
            return null;
        }
    }

    /**
     * Starts the daemon; {@link #awaitReady} waits for it.
     *
     * @param launcher the {@code violin} program
     * @param key      of its network's tunnels
     */
    void start(Path launcher, Path key) {
        Path state = Home.makePrivate(Path.of(host.stateDir()));
        List<String> argv = new ArrayList<>(List.of("setsid", "ip", "netns", "exec", namespace, launcher.toString(),
            "daemon", "--name", name, "--state-dir", state.toString(), "--listen", host.address(),
            "--key-file", key.toString()));
        try {
            started = new ProcessBuilder(argv)
                .directory(new File("/"))
                .redirectInput(new File("/dev/null"))
                .redirectErrorStream(true)
                .redirectOutput(output().toFile())
                .start();
        } catch (IOException e) {
            throw new ClientException(host.name() + ": its daemon cannot be started: " + e.getMessage());
        }
    }

    /** Returns once the daemon answers; throws with the end of its log when it ends instead, or hangs. */
    HostDto awaitReady() {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            HostDto answer = answering();
            if (answer != null) {
                return answer;
            }
            if (Processes.gone(started.toHandle(), POLL)) {
                throw new ClientException(host.name() + ": its daemon ended with status " + started.exitValue()
                    + " as it started:\n" + lastWords());
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ClientException("interrupted");
            }
        }
        throw new ClientException(host.name() + ": its daemon does not answer after " + START_LIMIT.toSeconds()
            + " s:\n" + lastWords());
    }

    /** Ends the daemon and its guests, if need be by force; returns when the processes are gone. */
    void stop() {
        HostDto answer = answering();
        if (answer != null) {
            askToEnd(answer);
        }
        if (started != null) {
            // It may not have come as far as the namespace, where it would be found.
            Processes.end(started.pid(), GRACE);
        }
        for (long pid : processes()) {
            Processes.end(pid, GRACE);
        }
        new LeftGuests(Path.of(host.stateDir())).end();
    }

    private void askToEnd(HostDto answer) {
        try {
            client.shutdown(true);
        } catch (ApiException e) {
            // It may end before its answer is out; whether it does is seen by waiting for the process.
            if (!e.unreachable()) {
                throw e;
            }
        }
        ProcessHandle.of(answer.pid()).ifPresent(process -> Processes.gone(process, STOP_LIMIT));
    }

    /** The processes in the namespace that carry the daemon's state directory among their arguments. */
    private List<Long> processes() {
        return Underlay.processes(namespace).stream().filter(this::isDaemon).toList();
    }

    private boolean isDaemon(long pid) {
        List<String> arguments = Processes.arguments(pid);
        int option = arguments.indexOf("--state-dir");
        return option > 0 && arguments.contains("daemon") && option + 1 < arguments.size()
            && arguments.get(option + 1).equals(host.stateDir());
    }

    /** What it says before it has opened its log, and every warning after that. */
    private Path output() {
        return Path.of(host.stateDir(), "daemon.out");
    }

    private String lastWords() {
        try {
            List<String> lines = new String(Files.readAllBytes(output()), StandardCharsets.UTF_8).lines().toList();
            List<String> tail = lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
            return "  " + String.join("\n  ", tail);
        } catch (IOException e) {
            return "  (it said nothing: " + e.getMessage() + ")";
        }
    }
}
