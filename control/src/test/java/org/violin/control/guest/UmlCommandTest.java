package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.GuestSpec;

class UmlCommandTest {
    private static final GuestPlatform PLATFORM =
        new GuestPlatform(Path.of("/usr/bin/linux.uml"), Path.of("/cache/guest-1.img"), Path.of("/dev/shm"));

    @Test
    void startsUmlInASessionOfItsOwnWithItsLines() {
        List<String> command = UmlCommand.build(PLATFORM, guest(2));
        assertThat(command.subList(0, 6)).containsExactly("setsid", "sh", "-c",
            "exec \"$@\" 0<>console.in 1>>console.log 2>&1 3<>agent.in 4<>agent.out", "sh", "unshare");
        assertThat(command).containsSubsequence("--pid", "--fork", "--kill-child=KILL", "--", "env",
            "LD_PRELOAD=./xstate.so", "/usr/bin/linux.uml");
        assertThat(command).contains("mem=64M", "ubd0=root.cow,image", "con0=fd:0,fd:1", "ssl0=fd:3,fd:4",
            "violin.hostname=r1",
            "vec0:transport=bess,dst=eth0.sock,mac=02:00:00:00:00:00,mtu=1500",
            "vec1:transport=bess,dst=eth1.sock,mac=02:00:00:00:00:01,mtu=1500");
    }

    @Test
    void anOrdinaryUserConfinesGuestsToo() {
        assertThat(UmlCommand.confinement(false)).contains("--pid", "--user", "--map-current-user");
    }

    @Test
    void saysWhenTheKernelCannotTakeSoManyNics() {
        assertThat(UmlCommand.build(PLATFORM, guest(40))).hasSizeGreaterThan(40);
        assertThatThrownBy(() -> UmlCommand.build(PLATFORM, guest(90))).isInstanceOf(GuestException.class)
            .hasMessageContaining("r1: 90 vNICs").hasMessageContaining("fewer");
    }

    private static GuestSpec guest(int nics) {
        return new GuestSpec("r1", GuestSpec.Role.ROUTER, 64, IntStream.range(0, nics).mapToObj(i ->
            new GuestSpec.NicSpec("eth" + i, "lan", "02:00:00:00:00:%02x".formatted(i), 1500, List.of())).toList(),
            List.of(), "");
    }
}
