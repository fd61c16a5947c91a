package org.violin.benchmarks.paper;

import java.nio.file.Path;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Netns;
import org.violin.benchmarks.lab.Proc;
import org.violin.benchmarks.lab.Programs;
import org.violin.benchmarks.lab.Spawned;

/**
 * An SSH connection from Host to Client, which forwards a port to where a server of iperf3 listens. The paper copied a
 * file by scp; what carries the bytes is the same. Keys are made for the run, and no file of the machine's own is read
 * or written.
 */
final class Ssh {
    private static final int PORT = 2222;
    private static final double START_SECONDS = 15;
    private static final String LOOPBACK = "127.0.0.1";

    private Ssh() {
    }

    static Route start(Testbed bed) {
        Netns caller = bed.host();
        Netns called = bed.client();
        String hostKey = key(called, "ssh-host-key");
        String userKey = key(caller, "ssh-user-key");
        called.file("authorized_keys", caller.run("cat", userKey + ".pub"));
        Path config = called.file("sshd_config", String.join("\n", "Port " + PORT, "ListenAddress " + Testbed.CLIENT,
            "HostKey " + hostKey, "AuthorizedKeysFile " + called.path("authorized_keys"), "StrictModes no", "UsePAM no",
            "PasswordAuthentication no", "KbdInteractiveAuthentication no", "PermitRootLogin prohibit-password",
            "UseDNS no", "PidFile none", ""));
        // It wants an empty folder of root's in /run, and starts by its whole path alone. What is mounted in a
        // namespace is seen there alone.
        String sshd = Programs.find("sshd").orElseThrow().toString();
        Spawned server = called.daemon("sh", "-c", "mount -t tmpfs tmpfs /run && mkdir /run/sshd && exec " + sshd
            + " -D -e -f " + config);
        server.awaitLog("Server listening", START_SECONDS);
        Path known = caller.file("known_hosts", "[" + Testbed.CLIENT + "]:" + PORT + " "
            + called.run("cat", hostKey + ".pub"));
        Spawned tunnel = caller.daemon("ssh", "-N", "-F", "/dev/null", "-i", userKey, "-p", Integer.toString(PORT),
            "-o", "UserKnownHostsFile=" + known, "-o", "GlobalKnownHostsFile=/dev/null", "-o", "BatchMode=yes",
            "-o", "ExitOnForwardFailure=yes", "-o", "IdentitiesOnly=yes", "-L",
            LOOPBACK + ":" + Iperf.PORT + ":" + Testbed.CLIENT + ":" + Iperf.PORT, "root@" + Testbed.CLIENT);
        awaitListening(tunnel);
        return new Route(caller, LOOPBACK, called, Testbed.CLIENT, false, null);
    }

    private static String key(Netns at, String name) {
        String file = at.path(name).toString();
        at.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file);
        return file;
    }

    private static void awaitListening(Spawned tunnel) {
        String listening = ":%04X 00000000:0000 0A".formatted(Iperf.PORT);
        boolean listens = Deadline.await(START_SECONDS, () -> {
            tunnel.check();
            return Proc.read("/proc/" + tunnel.pid() + "/net/tcp").orElse("").contains(listening);
        });
        if (!listens) {
            throw new BenchException("ssh forwards no port after " + START_SECONDS + " s: " + tunnel.log());
        }
    }
}
