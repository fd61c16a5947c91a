package org.violin.benchmarks.e2e;

import java.util.List;
import java.util.Locale;
import org.violin.benchmarks.e2e.Side.Starter;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.End;

/**
 * The other tunnels that people use, as Debian packages them. Each is set up as its manual says for two hosts that know
 * each other, and told nothing that only a benchmark would tell it. Where encryption can be left out, there is a side
 * without it, since that is what plaintext Violin compares with.
 */
final class Peers {
    private static final int PORT = 7000;
    private static final double START_SECONDS = 15;
    private static final String NONE = "-";
    private static final int TINC_SETTLE_PINGS = 8;

    private Peers() {
    }

    static List<Side> all() {
        return List.of(
            layer2("openvpn", "OpenVPN, TAP over UDP, no cipher", NONE, List.of("openvpn"), List.of("openvpn"),
                List.of("openvpn", "--version"), Peers::startOpenvpnPlain),
            openvpnAes("openvpn-aes", "udp"),
            layer2("tinc", "tinc 1.0, switch mode, no cipher", NONE, List.of("tincd"), List.of("tinc"),
                List.of("tincd", "--version"), pair -> startTinc(pair, "Cipher = none\nDigest = none\n")),
            layer2("tinc-aes", "tinc 1.0, switch mode, default cipher", "AES-256-CBC, SHA-256", List.of("tincd"),
                List.of("tinc"), List.of("tincd", "--version"), pair -> startTinc(pair, "")),
            layer2("n2n", "n2n, edge to edge", "Twofish", List.of("edge", "supernode"), List.of("n2n"),
                List.of("edge", "-h"), Peers::startN2n),
            layer2("fastd", "fastd, method null", NONE, List.of("fastd"), List.of("fastd"),
                List.of("fastd", "--version"), pair -> startFastd(pair, "null")),
            layer2("fastd-salsa", "fastd", "Salsa20/12, UMAC", List.of("fastd"), List.of("fastd"),
                List.of("fastd", "--version"), pair -> startFastd(pair, "salsa2012+umac")),
            layer2("vde", "vde_plug, TAP to UDP", NONE, List.of("vde_plug"), List.of("vdeplug"), List.of(),
                Peers::startVdePlug),
            layer2("vde-switch", "vde_switch with a TAP, vde_plug to UDP", NONE, List.of("vde_plug", "vde_switch"),
                List.of("vdeplug", "vde-switch", "vde2"), List.of("vde_switch", "--version"), Peers::startVdeSwitch),
            layer2("vtun", "vtun, ether over UDP", NONE, List.of("vtund"), List.of("vtun"),
                List.of("sh", "-c", "vtund --help 2>&1 | grep -i ver"), Peers::startVtun),
            layer2("socat", "socat, TAP to UDP", NONE, List.of("socat"), List.of("socat"),
                List.of("sh", "-c", "socat -V | sed -n 2p"), Peers::startSocat),
            new Side("wireguard-go", "wireguard-go, IP only", 3, "ChaCha20-Poly1305", List.of("wireguard-go", "wg"),
                List.of("wireguard-go", "wireguard-tools"), List.of("wireguard-go", "--version"), End.OVERLAY,
                Peers::startWireguard),
            new Side("nebula", "nebula, IP only", 3, "AES-256-GCM", List.of("nebula", "nebula-cert"),
                List.of("nebula"), List.of("nebula", "-version"), End.OVERLAY, Peers::startNebula));
    }

    /** What goes over a path that only UDP passes, or only TCP. */
    static List<Side> openvpnOverWan() {
        return List.of(openvpnAes("openvpn-udp", "udp"), openvpnAes("openvpn-tcp", "tcp"));
    }

    private static Side openvpnAes(String name, String transport) {
        return layer2(name, "OpenVPN, TAP over " + transport.toUpperCase(Locale.ROOT), "AES-256-GCM",
            List.of("openvpn", "openssl"), List.of("openvpn", "openssl"), List.of("openvpn", "--version"),
            pair -> startOpenvpnAes(pair, transport));
    }

    private static Side layer2(String name, String description, String encryption, List<String> programs,
        List<String> packages, List<String> version, Starter starter) {
        return new Side(name, description, 2, encryption, programs, packages, version, End.OVERLAY, starter);
    }

    private static List<String> openvpn(End here, End there, int mtu, String protocol) {
        // The kernel's offload of OpenVPN is another program; mssfix would change the guests' packets.
        return List.of("openvpn", "--dev", End.OVERLAY, "--dev-type", "tap", "--proto", protocol, "--disable-dco",
            "--local", here.underlay(), "--remote", there.underlay(), "--port", Integer.toString(PORT),
            "--tun-mtu", Integer.toString(mtu), "--mssfix", "0");
    }

    private static void startOpenvpnPlain(Pair pair) {
        for (End here : pair.ends()) {
            here.daemon(openvpn(here, pair.other(here), pair.mtu(), "udp4"), "--cipher", "none", "--auth", "none");
        }
        pair.ends().forEach(end -> end.daemons().getFirst().awaitLog("Initialization Sequence Completed",
            START_SECONDS));
    }

    /** A cipher with authentication needs TLS. One certificate signed by itself is both ends' and their authority. */
    private static void startOpenvpnAes(Pair pair, String transport) {
        String key = pair.a().path("key.pem").toString();
        String certificate = pair.a().path("certificate.pem").toString();
        pair.a().run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-keyout", key, "-out", certificate, "-subj", "/CN=violin-bench", "-days", "2");
        for (End here : pair.ends()) {
            boolean serves = here == pair.a();
            String protocol = transport + "4" + (transport.equals("udp") ? "" : serves ? "-server" : "-client");
            here.daemon(openvpn(here, pair.other(here), pair.mtu(), protocol),
                serves ? "--tls-server" : "--tls-client", "--dh", "none", "--ca", certificate,
                "--cert", certificate, "--key", key, "--cipher", "AES-256-GCM", "--data-ciphers", "AES-256-GCM");
        }
        pair.ends().forEach(end -> end.daemons().getFirst().awaitLog("Initialization Sequence Completed",
            START_SECONDS));
    }

    /** Its frames go over TCP until its search for the path MTU is done, so that is waited for. */
    private static void startTinc(Pair pair, String cipher) {
        for (End here : pair.ends()) {
            here.file("tinc/tinc.conf", "Name = " + name(here) + "\nMode = switch\nDeviceType = tap\nInterface = "
                + End.OVERLAY + "\nBindToAddress = " + here.underlay() + " " + PORT + "\nAddressFamily = ipv4\n"
                + (here == pair.b() ? "ConnectTo = " + name(pair.a()) + "\n" : ""));
            here.file("tinc/hosts/" + name(here), "Address = " + here.underlay() + " " + PORT + "\nPort = " + PORT
                + "\n" + cipher);
            here.run("sh", "-c", "exec tincd -c " + here.path("tinc") + " -K 2048 </dev/null");
        }
        for (End here : pair.ends()) {
            End there = pair.other(here);
            here.run("cp", there.path("tinc/hosts/" + name(there)).toString(), here.path("tinc/hosts").toString());
        }
        pair.ends().forEach(end -> end.daemon("tincd", "-c", end.path("tinc").toString(), "-D",
            "--pidfile=" + end.path("tinc/pid")));
        pair.configure();
        pair.awaitConnection(20);
        pair.a().attempt(pair.pingLimit(), "ping", "-q", "-c", Integer.toString(TINC_SETTLE_PINGS), "-i", "0.5",
            "-s", Integer.toString(pair.mtu() - 28), pair.b().overlay());
    }

    private static String name(End end) {
        return "host" + end.number();
    }

    /** The edges find each other through a supernode, which runs at a's side. */
    private static void startN2n(Pair pair) {
        pair.a().daemon("supernode", "-l", Integer.toString(PORT + 1));
        for (End here : pair.ends()) {
            here.daemon("edge", "-d", End.OVERLAY, "-a", here.overlay(), "-s", "255.255.255.0", "-c", "bench",
                "-k", "violin-bench", "-l", pair.a().underlay() + ":" + (PORT + 1), "-p", Integer.toString(PORT),
                "-u", "0", "-g", "0", "-M", Integer.toString(pair.mtu()));
        }
    }

    private static void startFastd(Pair pair, String method) {
        String[] keyOfA = fastdKey(pair.a());
        String[] keyOfB = fastdKey(pair.b());
        for (End here : pair.ends()) {
            boolean isA = here == pair.a();
            String config = here.file("fastd.conf", String.join("\n", "mode tap;", "interface \"" + End.OVERLAY + "\";",
                "bind " + here.underlay() + ":" + PORT + ";", "method \"" + method + "\";",
                "mtu " + pair.mtu() + ";", "secret \"" + (isA ? keyOfA : keyOfB)[0] + "\";",
                "peer \"other\" {", "  key \"" + (isA ? keyOfB : keyOfA)[1] + "\";",
                "  remote " + pair.other(here).underlay() + ":" + PORT + ";", "}", "")).toString();
            here.daemon("fastd", "--config", config);
        }
    }

    /** Secret and public key, from {@code Secret: HEX} and {@code Public: HEX}. */
    private static String[] fastdKey(End end) {
        String said = end.run("fastd", "--generate-key");
        return new String[] {word(said, "Secret: "), word(said, "Public: ")};
    }

    private static String word(String text, String prefix) {
        return text.lines().filter(line -> line.startsWith(prefix)).findFirst()
            .map(line -> line.substring(prefix.length()).strip())
            .orElseThrow(() -> new BenchException("no \"" + prefix + "\" in: " + text));
    }

    private static void startVdePlug(Pair pair) {
        for (End here : pair.ends()) {
            here.daemon("vde_plug", "tap://" + End.OVERLAY, vdeUdp(here, pair.other(here)));
        }
    }

    private static String vdeUdp(End here, End there) {
        return "udp://" + here.underlay() + ":" + PORT + "->" + there.underlay() + ":" + PORT;
    }

    private static void startVdeSwitch(Pair pair) {
        for (End here : pair.ends()) {
            String socket = here.path("switch").toString();
            // In the foreground it reads commands, and ends when there are none. As a daemon it stays in its namespace.
            here.run("vde_switch", "--daemon", "--sock", socket, "--tap", End.OVERLAY);
            here.awaitDevice(End.OVERLAY);
            here.daemon("vde_plug", "vde://" + socket, vdeUdp(here, pair.other(here)));
        }
    }

    /** It ends when it cannot write to its TAP, so that has to be there and up before it. */
    private static void startVtun(Pair pair) {
        for (End here : pair.ends()) {
            here.ip("tuntap add " + End.OVERLAY + " mode tap");
            here.ip("link set " + End.OVERLAY + " up");
            here.file("vtund.conf", String.join("\n", "options {", "  port " + PORT + ";", "  timeout 60;", "}",
                "bench {", "  passwd bench;", "  type ether;", "  device " + End.OVERLAY + ";", "  proto udp;",
                "  compress no;", "  encrypt no;", "  stat no;", "  keepalive yes;", "  up { };", "  down { };", "}",
                ""));
        }
        pair.a().daemon("vtund", "-s", "-n", "-f", pair.a().path("vtund.conf").toString(), "-L",
            pair.a().underlay());
        pair.b().daemon("vtund", "-n", "-p", "-f", pair.b().path("vtund.conf").toString(), "bench",
            pair.a().underlay());
    }

    private static void startSocat(Pair pair) {
        for (End here : pair.ends()) {
            here.daemon("socat",
                "UDP4-DATAGRAM:" + pair.other(here).underlay() + ":" + PORT + ",bind=" + here.underlay() + ":" + PORT,
                "TUN,tun-type=tap,tun-name=" + End.OVERLAY + ",iff-no-pi,iff-up");
        }
    }

    /** Its control socket has the device's name and a fixed directory, which the two ends may not share. */
    private static void startWireguard(Pair pair) {
        for (End here : pair.ends()) {
            here.file("private", here.run("wg", "genkey"));
            here.file("public", here.run("sh", "-c", "wg pubkey <" + here.path("private")));
            here.file("sockets/.keep", "");
        }
        for (End here : pair.ends()) {
            End there = pair.other(here);
            here.daemon("sh", "-c", String.join("\n", "mkdir -p /run/wireguard",
                "mount --bind " + here.path("sockets") + " /run/wireguard",
                "(until wg set " + End.OVERLAY + " listen-port " + PORT + " private-key " + here.path("private")
                    + " peer $(cat " + there.path("public") + ") allowed-ips 0.0.0.0/0 endpoint " + there.underlay()
                    + ":" + PORT + " 2>/dev/null; do sleep 0.1; done) &",
                "WG_PROCESS_FOREGROUND=1 exec wireguard-go -f " + End.OVERLAY));
        }
    }

    private static void startNebula(Pair pair) {
        String authority = pair.a().path("ca").toString();
        pair.a().run("nebula-cert", "ca", "-name", "violin-bench", "-out-crt", authority + ".crt", "-out-key",
            authority + ".key");
        for (End here : pair.ends()) {
            pair.a().run("nebula-cert", "sign", "-ca-crt", authority + ".crt", "-ca-key", authority + ".key",
                "-name", name(here), "-ip", here.overlay() + "/24",
                "-out-crt", here.path("host.crt").toString(), "-out-key", here.path("host.key").toString());
            End there = pair.other(here);
            String config = here.file("nebula.yml", String.join("\n",
                "pki: { ca: " + authority + ".crt, cert: " + here.path("host.crt") + ", key: "
                    + here.path("host.key") + " }",
                "static_host_map: { \"" + there.overlay() + "\": [\"" + there.underlay() + ":" + PORT + "\"] }",
                "lighthouse: { am_lighthouse: false }",
                "listen: { host: " + here.underlay() + ", port: " + PORT + " }",
                "tun: { dev: " + End.OVERLAY + ", mtu: " + pair.mtu() + " }",
                "firewall:",
                "  outbound: [ { port: any, proto: any, host: any } ]",
                "  inbound: [ { port: any, proto: any, host: any } ]", "")).toString();
            here.daemon("nebula", "-config", config);
        }
    }
}
