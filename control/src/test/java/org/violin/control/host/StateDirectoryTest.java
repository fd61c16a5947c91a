package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    private Path directory;

    @Test
    void isMadeForItsOwnerAlone() throws IOException {
        Path path = directory.resolve("a/b");
        try (StateDirectory state = StateDirectory.open(path)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path))).isEqualTo("rwx------");
            assertThat(state.socket()).isEqualTo(path.resolve("api.sock"));
        }
    }

    @Test
    void hasOneDaemonAtATime() {
        try (StateDirectory state = StateDirectory.open(directory)) {
            assertThatThrownBy(() -> StateDirectory.open(state.path())).isInstanceOf(HostException.class)
                .hasMessageContaining("another daemon runs on it (pid " + ProcessHandle.current().pid() + ")");
        }
        StateDirectory.open(directory).close();
    }

    @Test
    void isShortEnoughForItsSocket() {
        assertThatThrownBy(() -> StateDirectory.open(directory.resolve("x".repeat(100))))
            .isInstanceOf(HostException.class).hasMessageContaining("at most 107: use a shorter --state-dir");
    }

    @Test
    void isADirectory() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> StateDirectory.open(file)).isInstanceOf(HostException.class)
            .hasMessageContaining(file + ": ENOTDIR");
        assertThatThrownBy(() -> StateDirectory.open(Path.of("/proc/violin"))).isInstanceOf(HostException.class)
            .hasMessageContaining("choose another --state-dir");
    }
}
