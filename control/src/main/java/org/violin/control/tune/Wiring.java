package org.violin.control.tune;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import org.violin.control.os.Command;
import org.violin.control.os.NetworkNamespace;

/**
 * How the TAP of a trial stands in its namespace, and the addresses that both ends know. These are nobody's (RFC 5737),
 * and nothing outside sees them.
 */
final class Wiring {
    static final InetAddress SENDER = InetAddress.ofLiteral("192.0.2.1");
    static final InetSocketAddress BULK = new InetSocketAddress("192.0.2.2", 7001);
    static final InetSocketAddress ECHO = new InetSocketAddress("192.0.2.2", 7002);
    static final InetSocketAddress DATAGRAMS = new InetSocketAddress("192.0.2.2", 7003);

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private Wiring() {
    }

    /** Moves a TAP to a namespace and gives it its address. */
    static void lay(NetworkNamespace namespace, String device, boolean sends) {
        String path = namespace.path().toString();
        ip(List.of("ip", "-batch", "-"), "link set dev " + device + " netns " + path);
        ip(List.of("nsenter", "--net=" + path, "ip", "-batch", "-"),
            "addr add " + (sends ? SENDER : BULK.getAddress()).getHostAddress() + "/30 dev " + device
            + " noprefixroute\nlink set dev " + device + " up\n"
            // What Linux guests have, whatever this host was told to use itself.
            + "route add 192.0.2.0/30 dev " + device + " congctl cubic");
    }

    private static void ip(List<String> argv, String batch) {
        Command.run(argv, batch + "\n", LIMIT).orThrow();
    }
}
