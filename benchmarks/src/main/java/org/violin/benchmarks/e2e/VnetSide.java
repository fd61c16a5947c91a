package org.violin.benchmarks.e2e;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Spawned;

/**
 * VNET's servers, and a handler between them: one end's overlay device is the virtual machine's, the other's is all
 * there is of the LAN. Behind each device is another one, the other end of a veth pair, that its server has.
 */
final class VnetSide {
    private static final String DEVICE = "vnet0";
    private static final int PORT = 7700;
    private static final double START_SECONDS = 20;
    private static final Pattern FINGERPRINT = Pattern.compile("fingerprint (\\S+)");

    private VnetSide() {
    }

    /**
     * Over TLS, by a handler's options.
     *
     * @param root    Violin's folder
     * @param options of {@code violin handler add}
     * @param by      what the Host says when frames go as they are to
     */
    static Side of(Path root, String name, List<String> options, String by) {
        String launcher = root.resolve("scripts/violin").toString();
        return new Side(name, "violin vnet, TLS" + (options.isEmpty() ? "" : ", " + String.join(" ", options)), 2,
            "AES-256-GCM", List.of(), List.of(), List.of(launcher, "version"), End.OVERLAY,
            pair -> start(pair, launcher, options, by));
    }

    private static void start(Pair pair, String launcher, List<String> options, String by) {
        pair.ends().forEach(end -> plug(end, pair.mtu()));
        End host = pair.a();
        String hash = host.path("vnet.hash").toString();
        Path password = host.file("vnet.password", host.run(launcher, "vnet", "password", hash));
        String identity = host.path("vnet.pem").toString();
        host.run(launcher, "key", "new", identity);
        List<Spawned> servers = pair.ends().stream().map(end -> end.daemon(launcher, "vnet", "serve", "--listen",
            address(end), "--udp", address(end), "--password-file", hash, "--identity", identity)).toList();
        servers.forEach(server -> server.awaitLog("ready at", START_SECONDS));
        String fingerprint = fingerprint(servers.getFirst());
        List<String> add = new ArrayList<>(List.of(launcher, "handler", "add", "--server", address(host),
            "--password-file", password.toString(), "--fingerprint", fingerprint, "--host", DEVICE, "--remote",
            address(pair.b()), "--remote-password-file", password.toString(), "--remote-fingerprint", fingerprint,
            "--remote-device", DEVICE));
        add.addAll(options);
        add.add(host.macOf(End.OVERLAY));
        host.run(add.toArray(new String[0]));
        servers.getFirst().awaitLog(by, START_SECONDS);
    }

    private static void plug(End end, int mtu) {
        end.ip("link add " + End.OVERLAY + " type veth peer name " + DEVICE);
        end.ip("link set " + DEVICE + " mtu " + mtu + " up");
        end.ip("link set " + End.OVERLAY + " up");
    }

    private static String address(End end) {
        return end.underlay() + ":" + PORT;
    }

    private static String fingerprint(Spawned server) {
        Matcher found = FINGERPRINT.matcher(server.log());
        if (!found.find()) {
            throw new BenchException("a VNET server has told no fingerprint: " + server.log());
        }
        return found.group(1);
    }
}
