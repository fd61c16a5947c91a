package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.violin.dataplane.sys.Devices;

/**
 * A host: a network namespace of one thread's own, in which what has to be is run. What is opened there (a socket, a
 * dataplane) can be used by any thread; the namespace goes when the thread and all that has gone.
 */
public final class Namespace implements AutoCloseable {
    /** The one that every namespace may choose. */
    private static final String CONGESTION_CONTROL = "reno";

    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final ExecutorService executor = Executors.newSingleThreadExecutor();
    private final Thread thread;
    private final String path;

    /** Ends the test as not run where namespaces and TAPs may not be made. */
    public Namespace() {
        assumeThat(Path.of("/dev/net/tun")).as("TAPs need /dev/net/tun").exists();
        thread = in(Thread::currentThread);
        path = in(() -> {
            try {
                Libc.unshare(Libc.CLONE_NEWNET);
            } catch (LastErrorException e) {
                executor.shutdown();
                assumeThat(e).as("network namespaces and TAPs need root").isNull();
            }
            return "/proc/%d/task/%d/ns/net".formatted(ProcessHandle.current().pid(), Libc.gettid());
        });
        set("ipv4/tcp_congestion_control", CONGESTION_CONTROL);
        ip("link set lo up");
    }

    /** A file that names the namespace. */
    String path() {
        return path;
    }

    /** Runs the body on the namespace's thread, which may be the calling one. */
    public <T> T in(Callable<T> body) {
        try {
            return Thread.currentThread() == thread ? body.call() : executor.submit(body).get();
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        } catch (Exception e) {
            throw unchecked(e);
        }
    }

    private static RuntimeException unchecked(Throwable e) {
        return switch (e) {
            case RuntimeException known -> known;
            case Error error -> throw error;
            default -> new IllegalStateException(e);
        };
    }

    /** Runs {@code ip} once with many commands. */
    public void ip(String... commands) {
        run(String.join("\n", commands) + "\n", "ip", "-batch", "-");
    }

    /** Runs a command, which is to succeed: what it says. A process has the namespace of the thread that starts it. */
    String run(String input, String... command) {
        return in(() -> {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            try (var stream = process.getOutputStream()) {
                stream.write(input.getBytes(StandardCharsets.UTF_8));
            }
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as("%s %s: %s", Arrays.toString(command), input, output).isZero();
            return output;
        });
    }

    /** Sets a sysctl of {@code net}. */
    void set(String sysctl, String value) {
        in(() -> Files.writeString(Path.of("/proc/sys/net", sysctl), value));
    }

    /** Has the kernel add nothing to what it bridges, and take nothing away: not every one has every sysctl. */
    public void silence() {
        // Netfilter on a bridge drops packets whose options it finds wrong, and IPv6 has things to say of its own.
        setIfThere("bridge/bridge-nf-call-iptables", "0");
        setIfThere("bridge/bridge-nf-call-ip6tables", "0");
        setIfThere("ipv6/conf/all/disable_ipv6", "1");
        setIfThere("ipv6/conf/default/disable_ipv6", "1");
    }

    private void setIfThere(String sysctl, String value) {
        if (in(() -> Files.exists(Path.of("/proc/sys/net", sysctl)))) {
            set(sysctl, value);
        }
    }

    /**
     * Waits until a veth device passes frames: its end and the other were set up, and the kernel takes its time to see
     * that, losing without a word what is sent meanwhile.
     */
    public void awaitRunning(String device) {
        long deadlineNs = System.nanoTime() + DEADLINE.toNanos();
        while (!in(() -> Devices.lookAt(device).passesFrames())) {
            assertThat(System.nanoTime()).as("waiting for %s to be running", device).isLessThan(deadlineNs);
            Thread.onSpinWait();
        }
        // It says so a moment before it is, under a lock that this waits for.
        ip("link set " + device + " up");
    }

    /** What the kernel has counted for a device: of /proc/net/dev. */
    Device device(String name) {
        return in(() -> {
            for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/dev"))) {
                String[] fields = line.strip().split("[:\\s]+");
                if (fields[0].equals(name)) {
                    return new Device(Long.parseLong(fields[2]), Long.parseLong(fields[4]),
                        Long.parseLong(fields[10]), Long.parseLong(fields[12]));
                }
            }
            throw new IOException(name + ": no such device");
        });
    }

    /** The kernel's side of a device: what it received is what somebody wrote to a TAP. */
    record Device(long rxFrames, long rxDropped, long txFrames, long txDropped) {
    }

    @Override
    public void close() {
        executor.shutdown();
    }
}
