package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A network namespace of the calling thread's own, which goes with the thread and what it has opened. */
final class TestNamespace {
    private static final int CLONE_NEWNET = 0x4000_0000;

    static {
        Native.register("c");
    }

    private TestNamespace() {
    }

    private static native int unshare(int flags) throws LastErrorException;

    /** @throws LastErrorException without root's rights */
    static void enter() throws IOException, InterruptedException {
        unshare(CLONE_NEWNET);
        // Netfilter on a bridge drops what it finds wrong, and IPv6 has things to say of its own.
        set("bridge/bridge-nf-call-iptables", "0");
        set("bridge/bridge-nf-call-ip6tables", "0");
        set("ipv6/conf/all/disable_ipv6", "1");
        set("ipv6/conf/default/disable_ipv6", "1");
        ip("link set lo up");
    }

    /** Not every kernel has every one. */
    private static void set(String sysctl, String value) throws IOException {
        Path path = Path.of("/proc/sys/net", sysctl);
        if (Files.exists(path)) {
            Files.writeString(path, value);
        }
    }

    /** Runs {@code ip}; a process has the namespace of the thread that starts it. */
    static void ip(String arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(("ip " + arguments).split(" ")).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("ip %s: %s", arguments, output).isZero();
    }
}
