package org.violin.control.cli;

import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.cli.TwoHosts.Host;

/** What a test of tunnels begins with: two hosts with a path between them. */
abstract class BetweenTwoHosts {
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
}
