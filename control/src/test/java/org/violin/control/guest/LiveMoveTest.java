package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes to a host and says that it is a guest that runs. */
class LiveMoveTest {
    private static final String IMAGE = "ab".repeat(32);

    @TempDir
    private Path directory;

    private static byte[] stream(int version, String image, int length, String head) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        data.writeLong(LiveMove.MAGIC);
        data.writeInt(version);
        data.write(HexFormat.of().parseHex(image));
        data.writeInt(length);
        data.write(head.getBytes(StandardCharsets.UTF_8));
        return bytes.toByteArray();
    }

    /** Nothing is made of it, and nothing is started. */
    private void assertRefused(String why, byte[] bytes) {
        GuestPlatform platform = new GuestPlatform(directory, directory, directory);
        GuestDirectory home = new GuestDirectory(directory.resolve("g"));
        assertThatThrownBy(() -> LiveMove.receive(
            new DataInputStream(new ByteArrayInputStream(bytes)), home, platform, IMAGE))
            .isInstanceOf(GuestException.class).hasMessageContaining("the guest that came: ")
            .hasMessageContaining(why);
        assertThat(Files.exists(home.path())).isFalse();
    }

    @Test
    void refusesWhatIsNoGuest() throws IOException {
        assertRefused("version 2, this Violin reads version 1", stream(2, IMAGE, 2, "{}"));
        assertRefused("another guest image", stream(1, "cd".repeat(32), 2, "{}"));
        for (int length : new int[] {0, -1, Integer.MIN_VALUE, Integer.MAX_VALUE, (1 << 16) + 1}) {
            assertRefused("a head of " + length + " bytes", stream(1, IMAGE, length, ""));
        }
        assertRefused("its head is none", stream(1, IMAGE, 3, "{[]"));
        byte[] good = stream(1, IMAGE, 2, "{}");
        for (int length = 8; length < good.length; length += 7) {
            assertRefused("it is cut off", Arrays.copyOf(good, length));
        }
    }

    @Test
    void aDiskIsNoGuestThatRuns() throws IOException {
        assertThat(LiveMove.isNext(new ByteArrayInputStream(stream(1, IMAGE, 2, "{}")))).isTrue();
        assertThat(LiveMove.isNext(new ByteArrayInputStream(new byte[64]))).isFalse();
        assertThat(LiveMove.isNext(new ByteArrayInputStream(new byte[3]))).isFalse();
    }
}
