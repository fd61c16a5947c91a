package org.violin.control.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Writer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.violin.control.TestRun;
import org.violin.control.os.Command.CommandException;

class IpToolTest {
    private static final String NAMESPACE = TestRun.name("iptool");
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** More than the kernel tells of in one message, so that changes fall between two. */
    private static final int ADDRESSES = 1_000;

    private static final int LISTS = 20;

    @BeforeEach
    void make() {
        assumeTrue(Libc.isRoot(), "namespaces need root");
        Command.run(List.of("ip", "netns", "add", NAMESPACE), LIMIT).orThrow();
    }

    @AfterEach
    void remove() {
        if (Libc.isRoot()) {
            Command.run(List.of("ip", "netns", "delete", NAMESPACE), LIMIT).orThrow();
        }
    }

    private static String address(int number) {
        return "10.1." + number / 100 + "." + number % 100;
    }

    private static int number(String address) {
        String[] bytes = address.split("\\.");
        return Integer.parseInt(bytes[2]) * 100 + Integer.parseInt(bytes[3]);
    }

    /** The first address of the list is removed, and comes again at its end, all the time. */
    @Test
    void aListIsOfOneMoment() throws Exception {
        Command.run(List.of("ip", "-n", NAMESPACE, "-batch", "-"), IntStream.range(0, ADDRESSES)
            .mapToObj(i -> "addr add " + address(i) + "/32 dev lo\n").collect(Collectors.joining()), LIMIT).orThrow();
        Process changing = new ProcessBuilder("ip", "-n", NAMESPACE, "-batch", "-").start();
        Thread changes = Thread.ofPlatform().start(() -> rotate(changing));
        try {
            for (int i = 0; i < LISTS; i++) {
                List<String> list = IpTool.json("-n", NAMESPACE, "-4", "addr", "show").findValuesAsText("local");
                assertThat(list).hasSizeBetween(ADDRESSES - 1, ADDRESSES);
                for (int k = 1; k < list.size(); k++) {
                    assertThat(number(list.get(k))).as("after %s", list.get(k - 1))
                        .isEqualTo((number(list.get(k - 1)) + 1) % ADDRESSES);
                }
            }
            assertThat(changing.isAlive()).as("changes to the end").isTrue();
        } finally {
            changes.interrupt();
            changes.join();
            changing.destroy();
            changing.waitFor();
        }
    }

    private static void rotate(Process ip) {
        try (Writer lines = ip.outputWriter()) {
            for (int i = 0; !Thread.interrupted(); i = (i + 1) % ADDRESSES) {
                lines.write("addr del %1$s/32 dev lo\naddr add %1$s/32 dev lo\n".formatted(address(i)));
                lines.flush();
            }
        } catch (IOException e) {
            // It has ended, which the test asks for itself.
        }
    }

    @Test
    void whatItRefusesIsTold() {
        assertThatThrownBy(() -> IpTool.json("-n", NAMESPACE, "addr", "show", "dev", "none"))
            .isInstanceOf(CommandException.class).hasMessageContaining("\"none\" does not exist");
        assertThat(IpTool.json("-n", NAMESPACE, "route", "show")).isEmpty();
    }
}
