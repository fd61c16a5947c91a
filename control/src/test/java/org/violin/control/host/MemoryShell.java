package org.violin.control.host;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.violin.control.guest.ExecOutput;

/** What a guest in memory can run. */
final class MemoryShell {
    private MemoryShell() {
    }

    /** {@code cat} echoes its arguments, {@code false} fails, {@code forever} runs until it is cancelled. */
    static int run(
            String guest, List<String> argv, ExecOutput output, BooleanSupplier cancelled, Runnable onCancelled) {
        byte[] out = String.join(" ", argv.subList(1, argv.size())).getBytes(StandardCharsets.UTF_8);
        switch (argv.getFirst()) {
            case "cat" -> output.onStdout(out, out.length);
            case "false" -> {
                output.onStderr(out, out.length);
                return 1;
            }
            case "forever" -> {
                // What the output throws cancels a command as well: the client may be gone before it takes the first.
                try {
                    output.onStdout(out, out.length);
                    while (!cancelled.getAsBoolean()) {
                        Thread.onSpinWait();
                    }
                } finally {
                    onCancelled.run();
                }
                return 137;
            }
            case "break" -> {
                output.onStdout(out, out.length);
                throw new HostException(HostException.Kind.CONFLICT, "guest " + guest + " died");
            }
            default -> throw new IllegalStateException("a secret");
        }
        return 0;
    }
}
