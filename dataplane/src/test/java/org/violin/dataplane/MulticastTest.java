package org.violin.dataplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.wire.GroupFrames;

/** Guests at real sockets of a switch that snoops and asks, each read by its own worker where there are several. */
class MulticastTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final String GROUP = "239.1.2.3";
    private static final byte[] DATA = GroupFrames.data(GROUP);
    private static final byte[] MARKER = GroupFrames.data("224.0.0.251");

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0} workers")
    @ValueSource(ints = {1, 3})
    void aGroupsFramesGoToWhoHasJoined(int workers) throws Exception {
        Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("m", null).withWorkers(workers, List.of()));
        try (dataplane) {
            dataplane.addSwitch(new SwitchConfig("lan", 64, 300, new MulticastConfig(true, true, 1, true)));
            for (String name : List.of("sender", "member", "other", "left")) {
                dataplane.openUnix(new UnixPortConfig(name, directory.resolve(name)), "lan");
            }
            dataplane.closePort("left");
            try (TestGuest sender = new TestGuest(directory.resolve("sender"));
                TestGuest member = new TestGuest(directory.resolve("member"));
                TestGuest other = new TestGuest(directory.resolve("other"))) {
                FastPath.await("the guests", () -> dataplane.ports().stream().allMatch(PortStatus::up));
                FastPath.await("all ports to be asked", () -> lines(dataplane, "new").isEmpty());
                assertThat(lines(dataplane, "querier")).containsExactly("* null igmp-v3", "* null mld-v2");
                FastPath.await("the member's frames", () -> {
                    member.send(GroupFrames.from(2, GroupFrames.igmp3("04000000" + GroupFrames.hex(GROUP))));
                    if (lines(dataplane, "member").contains("239.1.2.3 member igmp-v3")) {
                        sender.send(DATA);
                    }
                    return Arrays.equals(member.receive(Duration.ofMillis(10)), DATA);
                });
                sender.send(MARKER);
                byte[] received = other.receive(DEADLINE);
                while (!Arrays.equals(received, MARKER)) {
                    assertThat(received).as("before the marker").isNotNull().isNotEqualTo(DATA);
                    assertThat(HexFormat.of().formatHex(received, 0, 6)).as("the switch's questions")
                        .isIn("01005e000001", "333300000001");
                    received = other.receive(DEADLINE);
                }
            }
        }
        dataplane.terminated().get();
    }

    private static List<String> lines(Dataplane dataplane, String role) {
        return dataplane.groups().stream().filter(group -> group.role().equals(role))
            .map(group -> group.group() + " " + group.port() + " " + group.version()).toList();
    }

    @Test
    void boundsAreNamed() {
        assertThatThrownBy(() -> new MulticastConfig(true, true, 0, false)).hasMessageContaining("1 to 3600");
        assertThatThrownBy(() -> new MulticastConfig(true, true, 3601, false)).hasMessageContaining("query-interval");
    }
}
