package org.violin.control.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.violin.control.TestRun;

/** What comes to a device from the network, as tcpdump tells it. */
final class Capture implements AutoCloseable {
    private final Netns host;
    private final String device;
    private final Path file;
    private final Process tcpdump;

    /**
     * Looks from when it is made.
     *
     * @param directory for what tcpdump writes
     * @param filter    of tcpdump's language
     */
    Capture(Path directory, Netns host, String device, String filter) throws IOException {
        this.host = host;
        this.device = device;
        file = Files.createTempFile(directory, device, ".txt");
        tcpdump = new ProcessBuilder(host.command("tcpdump -l -n --immediate-mode -Q in -i " + device + " " + filter))
            .redirectErrorStream(true).redirectOutput(file.toFile()).start();
        TestRun.await("tcpdump on " + device, () -> text().contains("listening on"), this::text);
    }

    Netns host() {
        return host;
    }

    String device() {
        return device;
    }

    String text() {
        return Product.read(file);
    }

    Stream<String> lines() {
        return text().lines();
    }

    @Override
    public void close() {
        try {
            tcpdump.destroyForcibly().waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
