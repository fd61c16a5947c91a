package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.NetworkSpec;

/** Random pairs of specifications: from any one to any other, whichever step fails. */
class EnginePropertyTest {
    private static final int PAIRS = 100;
    private static final int FAILING_PAIRS = 12;

    @TempDir
    private Path directory;
    private int journals;

    private final class Host implements AutoCloseable {
        private final MemoryDriver driver;
        private final Path journal;
        private final Engine engine;

        Host() {
            this(new MemoryDriver(), directory.resolve("journal" + journals++));
        }

        Host(MemoryDriver driver, Path journal) {
            this.driver = driver;
            this.journal = journal;
            this.engine = new Engine(driver, journal, new Events(Clock.systemUTC(), 16, 16));
            engine.restore();
        }

        Host killedAndStartedAgain() {
            driver.loseDaemon();
            return new Host(driver, journal);
        }

        @Override
        public void close() {
            engine.close();
        }
    }

    private static long seed() {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println("seed " + seed + " (repeat with -Dseed=" + seed + ")");
        return seed;
    }

    @Test
    void anySpecificationLeadsToAnyOther() {
        RandomSpecs specs = new RandomSpecs(seed());
        for (int i = 0; i < PAIRS; i++) {
            NetworkSpec from = specs.next();
            NetworkSpec to = specs.next();
            try (Host host = new Host(); Host direct = new Host()) {
                host.engine.apply(from);
                List<String> planned = host.engine.plan(to);
                assertThat(host.engine.apply(to)).isEqualTo(planned);
                direct.engine.apply(to);
                assertThat(host.driver.state()).isEqualTo(direct.driver.state());
                assertThat(host.engine.plan(to)).isEmpty();
                assertThat(host.engine.apply(to)).isEmpty();
                host.engine.remove("n1");
                assertThat(host.driver.state()).isEmpty();
            }
        }
    }

    @Test
    void whicheverStepFailsAllIsAsBefore() throws IOException {
        RandomSpecs specs = new RandomSpecs(seed());
        for (int i = 0; i < FAILING_PAIRS; i++) {
            NetworkSpec from = specs.next();
            NetworkSpec to = specs.next();
            int calls = callsOf(from, to);
            for (int failing = 0; failing < calls; failing++) {
                try (Host host = new Host()) {
                    host.engine.apply(from);
                    Map<String, Object> before = host.driver.state();
                    host.driver.failAt(failing);
                    assertThatThrownBy(() -> host.engine.apply(to)).isInstanceOf(HostException.class)
                        .hasMessageContaining("told to fail").extracting("kind").isEqualTo(Kind.ROLLED_BACK);
                    assertThat(host.driver.state()).isEqualTo(before);
                    assertThat(host.engine.spec("n1")).isEqualTo(from);
                    assertThat(host.engine.plan(from)).isEmpty();
                    try (Host again = host.killedAndStartedAgain()) {
                        assertThat(again.driver.state()).isEqualTo(before);
                    }
                }
                Files.deleteIfExists(directory.resolve("journal" + (journals - 1)));
            }
        }
    }

    /** Without the deletion of disks, which comes last and is not undone. */
    private int callsOf(NetworkSpec from, NetworkSpec to) {
        try (Host host = new Host()) {
            host.engine.apply(from);
            host.driver.failAt(-1);
            host.engine.apply(to);
            return (int) host.driver.calls().stream().filter(call -> !call.startsWith("forgetGuest")).count();
        }
    }

    @Test
    void aDaemonKilledAtAnyCallComesBackWithWhatIsWanted() {
        RandomSpecs specs = new RandomSpecs(seed());
        for (int i = 0; i < PAIRS; i++) {
            NetworkSpec from = specs.next();
            NetworkSpec to = specs.next();
            try (Host host = new Host(); Host direct = new Host()) {
                direct.engine.apply(to);
                host.engine.apply(from);
                // As if it had been killed between the journal and the first step: the guests run as 'from' says.
                host.engine.close();
                try (Journal journal = Journal.open(host.journal)) {
                    journal.want(to);
                }
                try (Host again = host.killedAndStartedAgain()) {
                    assertThat(again.driver.state()).isEqualTo(direct.driver.state());
                    assertThat(again.engine.plan(to)).isEmpty();
                }
            }
        }
    }
}
