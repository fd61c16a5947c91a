package org.violin.control.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LibcTest {
    @TempDir
    private Path directory;

    @Test
    void makesFifosAndNamesErrors() throws Exception {
        Path fifo = directory.resolve("fifo");
        Libc.makeFifo(fifo, 0600);
        assertThat(Files.readAttributes(fifo, "*").get("isOther")).isEqualTo(true);
        assertThatThrownBy(() -> Libc.makeFifo(fifo, 0600)).isInstanceOf(LibcException.class)
            .hasMessage("mkfifo " + fifo + ": EEXIST: File exists");
        assertThatThrownBy(() -> Libc.openFile(fifo, Libc.O_WRONLY | Libc.O_NONBLOCK, 0))
            .satisfies(e -> assertThat(((LibcException) e).errno()).isEqualTo(Libc.ENXIO));
    }

    @Test
    void oneHolderOfALockAtATime() {
        Path file = directory.resolve("lock");
        int one = Libc.openFile(file, Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC, 0600);
        int other = Libc.openFile(file, Libc.O_RDWR | Libc.O_CLOEXEC, 0);
        assertThat(Libc.tryLock(one)).isTrue();
        assertThat(Libc.tryLock(other)).isFalse();
        Libc.closeFile(one);
        assertThat(Libc.tryLock(other)).isTrue();
        Libc.closeFile(other);
    }

    @Test
    void signalsOneProcessOrNone() throws Exception {
        Process sleep = new ProcessBuilder("sleep", "100").start();
        assertThat(Libc.sendSignal(sleep.pid(), 0)).isTrue();
        assertThat(Libc.sendSignal(sleep.pid(), Libc.SIGTERM)).isTrue();
        assertThat(sleep.waitFor()).isEqualTo(128 + Libc.SIGTERM);
        assertThat(Libc.sendSignal(sleep.pid(), 0)).isFalse();
        assertThatThrownBy(() -> Libc.sendSignal(0, Libc.SIGKILL)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Libc.sendSignal(-1, Libc.SIGKILL)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void knowsTheUser() throws Exception {
        Object owner = Files.getAttribute(Files.createFile(directory.resolve("mine")), "unix:uid");
        assertThat(Libc.effectiveUserId()).isEqualTo(owner);
        int mask = Libc.setUmask(0077);
        assertThat(Libc.setUmask(mask)).isEqualTo(0077);
    }
}
