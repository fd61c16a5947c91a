package org.violin.benchmarks.paper;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Netns;
import org.violin.benchmarks.lab.Spawned;

/** A guest of the Host brought onto the Client's LAN by VNET's servers: of section 4 of the paper, by our own. */
final class Vnet {
    private static final int PORT = 7700;
    private static final int TLS_PORT = 7701;
    private static final double START_SECONDS = 20;
    private static final Pattern FINGERPRINT = Pattern.compile("fingerprint (\\S+)");

    private Vnet() {
    }

    static Route start(Testbed bed, boolean tls) {
        String network = tls ? Rows.VNET_SSL : Rows.VNET;
        int port = tls ? TLS_PORT : PORT;
        String last = tls ? "32" : "31";
        String vm = Testbed.CLIENT_NET + last;
        String mac = "02:00:00:00:01:" + last;
        String tap = "vm" + last;
        bed.up(network, """
            network: %s
            hosts:
              host: %s
            switches:
              lan: { host: host }
            nodes:
              vm:
                host: host
                nics: [{ switch: lan, addresses: [%s/24], mac: %s }]
            taps:
              %s: { host: host, switch: lan }
            """.formatted(network, bed.hostEntry(false), vm, mac, tap));
        String hash = bed.host().path(network + ".hash").toString();
        Path password = bed.host().file(network + ".password", bed.run(bed.host(), "vnet", "password", hash) + "\n");
        Spawned host = serve(bed, bed.host(), Testbed.HOST + ":" + port, hash, tls);
        Spawned proxy = serve(bed, bed.proxy(), Testbed.PROXY + ":" + port, hash, tls);
        List<String> add = bed.violin("handler", "add", "--server", Testbed.HOST + ":" + port, "--password-file",
            password.toString(), "--host", tap, "--remote", Testbed.PROXY + ":" + port, "--remote-password-file",
            password.toString(), "--remote-device", Testbed.LAN);
        add.addAll(tls ? List.of("--fingerprint", fingerprint(host), "--remote-fingerprint", fingerprint(proxy))
            : List.of("--insecure-plaintext"));
        add.add(mac);
        bed.host().run(add.toArray(String[]::new));
        bed.awaitConnection(bed.client(), vm);
        return new Route(bed.client(), vm, bed.guest(network, "vm"), vm, true,
            new Carrier(List.of(bed.host(), bed.proxy()), port));
    }

    private static Spawned serve(Testbed bed, Netns here, String address, String hash, boolean tls) {
        List<String> serve = bed.violin("vnet", "serve", "--listen", address, "--password-file", hash);
        if (tls) {
            String identity = here.path("vnet.pem").toString();
            bed.run(here, "key", "new", identity);
            serve.addAll(List.of("--identity", identity));
        } else {
            serve.add("--insecure-plaintext");
        }
        Spawned server = here.daemon(serve);
        server.awaitLog("ready at", START_SECONDS);
        return server;
    }

    private static String fingerprint(Spawned server) {
        Matcher found = FINGERPRINT.matcher(server.log());
        if (!found.find()) {
            throw new BenchException("a VNET server has told no fingerprint: " + server.log());
        }
        return found.group(1);
    }
}
