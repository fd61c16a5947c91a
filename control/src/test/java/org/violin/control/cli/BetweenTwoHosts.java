package org.violin.control.cli;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.cli.TwoHosts.Host;

/** What a test of tunnels begins with: two hosts with a path between them. */
abstract class BetweenTwoHosts {
    private static final int PROXY_PORT = 8888;
    /** Where {@link #startProxy} has it listen. */
    static final String PROXY = "10.77.0.2:" + PROXY_PORT;

    @TempDir
    Path directory;
    @AutoClose
    TwoHosts hosts;
    Host left;
    Host right;

    @BeforeEach
    final void makeHosts() {
        hosts = new TwoHosts(directory);
        left = hosts.left;
        right = hosts.right;
    }

    /** Starts an HTTP proxy on the right host, which passes port 7000 to {@code user:pass}. */
    final void startProxy() throws IOException {
        assumeTrue(Files.exists(Path.of("/usr/bin/tinyproxy")), "tinyproxy-bin is missing");
        Path configuration = Files.writeString(directory.resolve("tinyproxy.conf"), """
            Port %d
            Listen 10.77.0.2
            Timeout 600
            Allow 10.77.0.0/24
            ConnectPort 7000
            BasicAuth user pass
            """.formatted(PROXY_PORT));
        right.background("tinyproxy -d -c " + configuration, directory.resolve("tinyproxy.log"));
        hosts.await("the proxy", () -> right.in("ss -Hltn sport = :" + PROXY_PORT).contains(":" + PROXY_PORT));
    }
}
