package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.spec.GuestSpec;

/** The disk of a real guest on a host whose image is the same, but was made at another time, which UML looks at. */
@Timeout(180)
class GuestDisksIT {
    private static final String NET = "net";
    private static final GuestSpec SPEC = new GuestSpec("g", GuestSpec.Role.HOST, 64, List.of(), List.of(), "");

    @TempDir
    private Path directory;

    private static String run(Guests guests, String script) {
        ReportOutput said = new ReportOutput(4096);
        int exit = guests.exec(NET, "g", List.of("sh", "-c", script), said, () -> false);
        assertThat(exit).as(said.text()).isZero();
        return said.text();
    }

    private static void boot(Guests guests) {
        guests.start(NET, SPEC);
        TestRun.await("the guest", () -> guests.status(NET, "g").state() == GuestStatus.State.READY,
            () -> guests.status(NET, "g").toString());
    }

    @Test
    void aGuestFindsItsDiskOnAnotherHost() throws Exception {
        GuestPlatform platform = TestRun.requireGuests();
        Path image = Files.copy(platform.image(), directory.toRealPath().resolve("image"));
        Files.setLastModifiedTime(image, FileTime.fromMillis(1_600_000_000_000L));
        Path stream = directory.resolve("stream");
        try (Guests here = new Guests(directory.resolve("here"), platform, change -> { })) {
            assertThatThrownBy(() -> here.disks().amount(NET, "g"))
                .hasMessage("net/g: has no disk yet: start it first");
            boot(here);
            run(here, "echo kept > /root/file");
            here.stop(NET, "g", Duration.ofSeconds(20));
            try (OutputStream out = Files.newOutputStream(stream)) {
                here.disks().send(NET, "g", out);
            }
            assertThat(Files.size(stream)).isBetween(1L, here.disks().amount(NET, "g").bytes() + 64 * 1024)
                .isLessThan(Files.size(image) / 2);
        }
        GuestPlatform other = new GuestPlatform(platform.kernel(), image, platform.memory());
        try (Guests there = new Guests(directory.resolve("there"), other, change -> { });
            InputStream in = Files.newInputStream(stream)) {
            assertThat(there.disks().platform().image()).isEqualTo(
                new GuestDisks(directory, platform).platform().image());
            assertThatThrownBy(() -> there.disks().settle(NET, SPEC)).hasMessageContaining("its disk has not come");
            there.disks().receive(NET, "g", in);
            there.disks().settle(NET, SPEC);
            boot(there);
            try {
                assertThat(run(there, "cat /root/file")).isEqualTo("kept\n");
                assertThat(Files.readString(there.consoleLog(NET, "g"), StandardCharsets.ISO_8859_1))
                    .as("its file system was in order").contains("EXT4-fs").doesNotContain("recovery complete");
            } finally {
                there.kill(NET, "g");
            }
        }
    }
}
