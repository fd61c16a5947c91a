package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.violin.control.TestRun;
import org.violin.control.client.Underlay.Member;
import org.violin.control.os.Command;

/** The underlay in real namespaces. */
class UnderlayIT {
    private static final String NETWORK = TestRun.name("board");
    private static final Member A = new Member("a", "198.18.0.1");
    private static final Member B = new Member("b", "198.18.255.254");

    private final Underlay underlay = new Underlay(NETWORK);

    @BeforeEach
    void needsRoot() {
        assumeTrue(Processes.userId() == 0, "network namespaces need root");
        clean();
    }

    @AfterEach
    void clean() {
        if (Processes.userId() == 0) {
            underlay.remove(A);
            underlay.remove(B);
            underlay.removeBoard();
        }
    }

    private static Command.Result in(String host, String... argv) {
        List<String> all = new ArrayList<>(List.of("ip", "netns", "exec",
            Underlay.namespace(NETWORK, host)));
        all.addAll(List.of(argv));
        return Command.run(all, Duration.ofSeconds(10));
    }

    /** Without what the kernel does by itself some time later: its IPv6 addresses, and that a device has a carrier. */
    private static String dump(String host) {
        return in(host, "ip", "-4", "-o", "addr").output()
            + in(host, "ip", "-o", "link").output().replaceAll(" state \\w+|,LOWER_UP|NO-CARRIER,", "");
    }

    private static void assertReaches(String from, Member to) {
        // A bash that opens a connection to a port where nobody listens is told so only when packets pass.
        Command.Result result = in(from, "bash", "-c", "exec 3<>/dev/tcp/" + to.address() + "/9");
        assertThat(result.errors()).contains("Connection refused");
    }

    @Test
    void membersReachEachOther() {
        underlay.ensure(List.of(A, B));
        assertReaches("a", B);
        assertReaches("b", A);
    }

    @Test
    void whatIsRightIsLeftAlone() {
        underlay.ensure(List.of(A, B));
        String before = dump("a") + dump("b") + dump(Underlay.RESERVED_HOST);
        underlay.ensure(List.of(A, B));
        assertThat(dump("a") + dump("b") + dump(Underlay.RESERVED_HOST)).isEqualTo(before);
    }

    @Test
    void whatIsMissingIsMade() {
        underlay.ensure(List.of(A));
        underlay.ensure(List.of(A, B));
        in("a", "ip", "addr", "flush", "dev", "eth0").orThrow();
        in(Underlay.RESERVED_HOST, "ip", "link", "del", B.port()).orThrow();
        underlay.ensure(List.of(A, B));
        assertReaches("a", B);
    }

    @Test
    void aMemberCanGoAndComeBackAtOnce() {
        underlay.ensure(List.of(A, B));
        for (int i = 0; i < 5; i++) {
            underlay.remove(B);
            assertThat(dump(Underlay.RESERVED_HOST)).doesNotContain(B.port());
            underlay.ensure(List.of(A, B));
        }
        assertReaches("a", B);
    }

    @Test
    void removingTwiceIsNoError() {
        underlay.ensure(List.of(A));
        underlay.remove(A);
        underlay.remove(A);
        underlay.removeBoard();
        underlay.removeBoard();
        assertThat(Underlay.exists(Underlay.namespace(NETWORK, "a"))).isFalse();
    }

    @Test
    void anInterfaceThatLeadsElsewhereIsNotTouched() {
        underlay.ensure(List.of(A));
        in(Underlay.RESERVED_HOST, "ip", "link", "del", A.port()).orThrow();
        in("a", "ip", "link", "add", "eth0", "type", "veth", "peer", "name", "elsewhere").orThrow();
        assertThatThrownBy(() -> underlay.ensure(List.of(A))).hasMessageContaining("leads elsewhere");
        assertThat(dump("a")).contains("elsewhere");
    }
}
