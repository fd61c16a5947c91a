package org.violin.benchmarks.lab;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** What a test that makes networks needs of its machine: without it, it is skipped and says why. */
public final class Needs {
    private Needs() {
    }

    public static void networks() {
        assumeTrue("root".equals(System.getProperty("user.name")), "network namespaces and TAPs need root");
        assumeTrue(Files.exists(Path.of("/dev/net/tun")), "/dev/net/tun is missing");
    }
}
