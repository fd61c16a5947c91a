package org.violin.control.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.keys.SharedKey;
import org.violin.control.stream.Gate;

/** What strangers cannot use up, by a clock that the test moves. */
class BoundsTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @TempDir
    private Path directory;

    @Test
    void unfinishedConnectionsMakeRoomTheOldestFirst() {
        Gate gate = new Gate(ControlPort.PER_SECOND, ControlPort.BURST, 0);
        List<Channel> open = new ArrayList<>();
        List<Channel> evicted = new ArrayList<>();
        for (int i = 0; i < Gate.OPEN_MAX + 3; i++) {
            Channel channel = new EmbeddedChannel();
            open.add(channel);
            assertThat(gate.admit(channel, evicted::add, i * SECOND_NS)).isTrue();
        }
        assertThat(evicted).isEqualTo(open.subList(0, 3));
        open.get(10).close();
        assertThat(gate.admit(new EmbeddedChannel(), evicted::add, 1000 * SECOND_NS)).isTrue();
        assertThat(evicted).hasSize(3);
    }

    @Test
    void handshakesASecondAreBounded() {
        Gate gate = new Gate(ControlPort.PER_SECOND, ControlPort.BURST, 0);
        int admitted = 0;
        for (int i = 0; i < 10_000; i++) {
            Channel channel = new EmbeddedChannel();
            admitted += gate.admit(channel, evicted -> { }, i * SECOND_NS / 1000) ? 1 : 0;
            channel.close();
        }
        assertThat(admitted).isBetween(10 * ControlPort.PER_SECOND,
            10 * ControlPort.PER_SECOND + ControlPort.BURST + 1);
    }

    @Test
    void aNoticeIsNotRepeatedAndEndsNoLine() {
        List<String> told = new ArrayList<>();
        Notices notices = new Notices(told::add, 0);
        notices.tell("one\nthing\u001b[0m", 0);
        notices.tell("one\nthing\u001b[0m", SECOND_NS);
        assertThat(told).containsExactly("one?thing?[0m");
        notices.tell("one\nthing\u001b[0m", 61 * SECOND_NS);
        assertThat(told).hasSize(2);
        for (int i = 0; i < 1000; i++) {
            notices.tell("stranger " + i, 62 * SECOND_NS);
        }
        assertThat(told).hasSizeLessThan(20);
    }

    /** What becomes of a connection. */
    private static final class Kept implements Connection.Outcome {
        private final List<Fault> faults = new ArrayList<>();

        @Override
        public boolean onKey(SslHandler tls, SharedKey key) {
            throw new AssertionError("there was no TLS");
        }

        @Override
        public void onFault(Fault fault) {
            faults.add(fault);
        }
    }

    @Test
    void aConnectionThatSaysNothingEndsInTime() {
        for (boolean client : new boolean[] {false, true}) {
            Kept kept = new Kept();
            Identity self = Identity.create(directory.resolve("self-" + client));
            EmbeddedChannel channel = new EmbeddedChannel(new Connection(self, client, kept));
            channel.freezeTime();
            channel.advanceTimeBy(Connection.TIME_MS / 2, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            assertThat(channel.isOpen()).isTrue();
            channel.advanceTimeBy(Connection.TIME_MS / 2, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            assertThat(channel.isOpen()).isFalse();
            assertThat(kept.faults).extracting(Fault::event).containsExactly(ControlEvent.TIMED_OUT);
        }
    }

    @Test
    void whatIsNotTheOneByteEndsAConnection() {
        for (byte[] said : new byte[][] {{2}, {1, 1}, {0}}) {
            Kept kept = new Kept();
            EmbeddedChannel channel = new EmbeddedChannel(new Connection(null, true, kept));
            channel.writeInbound(Unpooled.wrappedBuffer(said));
            assertThat(channel.isOpen()).isFalse();
            assertThat(kept.faults).extracting(Fault::event).containsExactly(ControlEvent.NOT_OURS);
        }
        Kept kept = new Kept();
        EmbeddedChannel server = new EmbeddedChannel(new Connection(null, false, kept));
        server.writeInbound(Unpooled.wrappedBuffer(new byte[] {Connection.READY}));
        assertThat(kept.faults).extracting(Fault::event).containsExactly(ControlEvent.NOT_OURS);
    }
}
