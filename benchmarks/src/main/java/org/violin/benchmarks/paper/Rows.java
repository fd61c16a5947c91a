package org.violin.benchmarks.paper;

import java.util.List;
import org.violin.benchmarks.lab.Netns;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.paper.Row.Kind;
import org.violin.benchmarks.paper.Row.Starter;

/** All rows there are, in the order of the tables: those of the VNET paper's figures, then ours. */
final class Rows {
    static final String CLIENT_PROXY = "client-proxy";
    static final String HOST_PROXY = "host-proxy";
    static final String HOST_CLIENT = "host-client";
    static final String HOST_ONLY = "vm-host-only";
    static final String BRIDGED = "vm-bridged";
    static final String NAT = "vm-nat";
    static final String VNET = "vnet";
    static final String VNET_SSL = "vnet-ssl";
    static final String SSH = "ssh";
    static final String UDP = "violin-udp";
    static final String VMS = "vms";
    static final String VMS_SEALED = "vms-sealed";

    private static final String NONE = "-";
    private static final String AES = "AES-256-GCM";
    private static final double UP_SECONDS = 20;
    private static final int TUNNEL_PORT = 7100;
    private static final List<String> UML = List.of("linux.uml");
    private static final List<String> UML_PACKAGE = List.of("user-mode-linux");

    private Rows() {
    }

    static List<Row> all() {
        return List.of(
            physical("local-host", "Local ↔ Host", "two machines of the Host's LAN",
                bed -> Route.between(bed.local(), bed.host(), Testbed.HOST)),
            physical(CLIENT_PROXY, "Client ↔ Proxy", "two machines of the Client's LAN",
                bed -> Route.between(bed.client(), bed.proxy(), Testbed.PROXY)),
            physical(HOST_PROXY, "Host ↔ Proxy", "what a handler's TCP connection passes",
                bed -> Route.between(bed.host(), bed.proxy(), Testbed.PROXY)),
            physical(HOST_CLIENT, "Host ↔ Client", "end to end, but for the guest",
                bed -> Route.between(bed.host(), bed.client(), Testbed.CLIENT)),
            physical("host-host", "Host ↔ Host", "within the Host",
                bed -> Route.between(bed.host(), bed.host(), Testbed.HOST)),
            guest(HOST_ONLY, Kind.GUEST, "Host ↔ VM (host-only)", "a TAP of the Host", NONE, Guests::hostOnly),
            guest(BRIDGED, Kind.GUEST, "Client ↔ VM (bridged)", "a jetway of mode bridge, into the Host's LAN", NONE,
                Guests::bridged),
            guest(NAT, Kind.GUEST, "VM ↔ Client (NAT)", "a jetway of mode nat: the kernel's; the VM calls", NONE,
                Guests::nat),
            guest(VNET, Kind.VNET, "Client ↔ VM (VNET)", "violin vnet serve at Host and Proxy, in the clear", NONE,
                bed -> Vnet.start(bed, false)),
            guest(VNET_SSL, Kind.VNET, "Client ↔ VM (VNET+SSL)", "the same by TLS 1.3", "TLS 1.3",
                bed -> Vnet.start(bed, true)),
            new Row(SSH, Kind.SSH, "Host ↔ Client (SSH)", "a port forwarded by OpenSSH", "as the two agree",
                List.of("sshd", "ssh", "ssh-keygen"), List.of("openssh-server", "openssh-client"), Ssh::start),
            tunnel(1, UDP, "Host ↔ Client (Violin udp)", "plaintext", NONE),
            tunnel(2, "violin-udp-sealed", "Host ↔ Client (Violin udp, sealed)", "sealed", AES),
            tunnel(3, "violin-fec", "Host ↔ Client (Violin FEC)", "sealed, --fec auto", AES, "--fec", "auto"),
            tunnel(4, "violin-tls", "Host ↔ Client (Violin tls)", "sealed, --transport tls", AES, "--transport",
                "tls"),
            guest(VMS, Kind.VMS, "VM ↔ VM (Violin)", "guests on Host and Client in one network, plaintext", NONE,
                bed -> Guests.pair(bed, false)),
            guest(VMS_SEALED, Kind.VMS, "VM ↔ VM (Violin, sealed)", "the same, sealed", AES,
                bed -> Guests.pair(bed, true)));
    }

    private static Row physical(String name, String title, String description, Starter starter) {
        return new Row(name, Kind.PHYSICAL, title, description, NONE, List.of(), List.of(), starter);
    }

    private static Row guest(String name, Kind kind, String title, String description, String encryption,
        Starter starter) {
        return new Row(name, kind, title, "UML, " + description, encryption, UML, UML_PACKAGE, starter);
    }

    /**
     * @param number of the tunnel: its device, its port, its network
     * @param option of {@code violin tunnel}
     */
    private static Row tunnel(int number, String name, String title, String description, String encryption,
        String... option) {
        return new Row(name, Kind.TUNNEL, title, "violin tunnel, " + description + ", --mss-clamp auto", encryption,
            List.of(), List.of(), bed -> startTunnel(bed, number, !encryption.equals(NONE), List.of(option)));
    }

    private static Route startTunnel(Testbed bed, int number, boolean sealed, List<String> options) {
        String net = "10.202." + number + ".";
        List<String> command = bed.violin("tunnel", "--tap", "vt" + number, "--mss-clamp", "auto");
        command.addAll(sealed ? List.of("--key-file", bed.newKey("tunnel" + number))
            : List.of("--insecure-plaintext"));
        command.addAll(options);
        String client = Testbed.CLIENT + ":" + (TUNNEL_PORT + number);
        String host = Testbed.HOST + ":" + (TUNNEL_PORT + number);
        List<Spawned> ends = List.of(startEnd(bed.host(), command, host, client, net + "1"),
            startEnd(bed.client(), command, client, host, net + "2"));
        ends.forEach(end -> end.awaitLog(": up,", UP_SECONDS));
        bed.awaitConnection(bed.host(), net + "2");
        return Route.between(bed.host(), bed.client(), net + "2");
    }

    private static Spawned startEnd(Netns here, List<String> command, String local, String remote, String address) {
        return here.daemon(command, "--local", local, "--remote", remote, "--address", address + "/24");
    }
}
