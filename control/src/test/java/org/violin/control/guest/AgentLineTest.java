package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.os.Libc;

/** The daemon's end of the line against an agent played by the test, over real FIFOs. */
@Timeout(60)
class AgentLineTest {
    private static final byte[] NOTHING = new byte[0];
    private static final ExecOutput IGNORED = new ExecOutput() {
        @Override
        public void onStdout(byte[] bytes, int length) {
        }

        @Override
        public void onStderr(byte[] bytes, int length) {
        }
    };

    @TempDir
    private Path directory;

    /** An agent that has given the last daemon up announces itself just as the next daemon greets it. */
    @Test
    void commandsRunAfterAnAnnouncementCrossedTheGreeting() throws Exception {
        for (int round = 0; round < 50; round++) {
            Path in = directory.resolve("in" + round);
            Path out = directory.resolve("out" + round);
            Libc.makeFifo(in, 0600);
            Libc.makeFifo(out, 0600);
            CountDownLatch ready = new CountDownLatch(1);
            try (FileChannel fromDaemon = open(in); FileChannel toDaemon = open(out);
                AgentLine line = new AgentLine("g", in, out, ready::countDown)) {
                AgentDecoder decoder = new AgentDecoder(AgentFrame.TO_GUEST_PAYLOAD_MAX);
                line.open(true);
                AgentFrame greeting = next(fromDaemon, decoder);
                assertThat(greeting.type()).isEqualTo(AgentFrame.HELLO);
                int epoch = greeting.epoch();
                write(toDaemon, new AgentFrame(AgentFrame.HELLO, 0, 0, NOTHING),
                    new AgentFrame(AgentFrame.HELLO, epoch, 0, NOTHING));
                assertThat(next(fromDaemon, decoder).type()).isEqualTo(AgentFrame.HELLO);
                write(toDaemon, new AgentFrame(AgentFrame.HELLO, epoch, 0, NOTHING));
                assertThat(ready.await(10, TimeUnit.SECONDS)).isTrue();

                CompletableFuture<Integer> exit =
                    CompletableFuture.supplyAsync(() -> line.run(List.of("true"), IGNORED, () -> false));
                AgentFrame run = next(fromDaemon, decoder);
                assertThat(run.type()).isEqualTo(AgentFrame.RUN);
                write(toDaemon, new AgentFrame(AgentFrame.ACK, epoch, run.id(), NOTHING),
                    new AgentFrame(AgentFrame.EXIT, epoch, run.id(), new byte[] {0, 0, 0, 3}));
                assertThat(exit.get(10, TimeUnit.SECONDS)).isEqualTo(3);
            }
        }
    }

    private static FileChannel open(Path fifo) throws IOException {
        return FileChannel.open(fifo, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private static AgentFrame next(FileChannel from, AgentDecoder decoder) throws IOException {
        AgentFrame frame = decoder.next();
        while (frame == null) {
            from.read(decoder.input());
            frame = decoder.next();
        }
        return frame;
    }

    private static void write(FileChannel to, AgentFrame... frames) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (AgentFrame frame : frames) {
            bytes.writeBytes(frame.encode());
        }
        to.write(ByteBuffer.wrap(bytes.toByteArray()));
    }
}
