package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessesTest {

    /** As a guest's: numbers start again at 300 after 32,768, so that a child's may be before its parent's. */
    @Test
    void killsAChildBeforeAParentThatDoesNotLookAfterIt() throws Exception {
        Process parent = new ProcessBuilder("sh", "-c", "sleep 1000 & echo $!; exec sleep 1001").start();
        try (var output = parent.inputReader()) {
            long child = Long.parseLong(output.readLine());
            Processes.kill(List.of(child, parent.pid()));
            assertThat(parent.isAlive()).isFalse();
            assertThat(Processes.arguments(child)).isEmpty();
        } finally {
            parent.destroyForcibly();
        }
    }
}
