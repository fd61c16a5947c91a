package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.tunnel.TunnelSession.State;
import org.violin.dataplane.wire.TunnelCodec;

/** Which keys are sent with, and which are received, from handshake to handshake; one side, its peer played by hand. */
class SealedSessionTest {
    private static final int RECEIVE_LIMIT = 1472;
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final TunnelSession session = TunnelSession.sealed(RECEIVE_LIMIT, 0, 0);
    private final UnsafeBuffer buffer = new UnsafeBuffer(new byte[TunnelCodec.HELLO_WITH_REPORT_BYTES]);
    private final List<Epoch> all = new ArrayList<>();
    private long nowNs;

    private Epoch epoch(int number, boolean confirmed) {
        byte[] there = {1};
        byte[] back = {2};
        Epoch epoch = Epoch.sealed(number, -number, Aead.Cipher.AES_256_GCM, Arrays.copyOf(there, 32),
            Arrays.copyOf(back, 32), 1, confirmed, nowNs);
        all.add(epoch);
        return epoch;
    }

    @AfterEach
    void close() {
        all.forEach(Epoch::close);
    }

    private Epoch install(int number, boolean confirmed) {
        Epoch epoch = epoch(number, confirmed);
        assertThat(session.install(epoch, nowNs)).isTrue();
        return epoch;
    }

    private DropReason hello(Epoch epoch, long counter, State state) {
        write(epoch, counter, state);
        return session.onHello(epoch, buffer, 0, TunnelCodec.HELLO_BYTES, nowNs);
    }

    private void write(Epoch epoch, long counter, State state) {
        TunnelCodec.writeHeader(buffer, 0, TunnelCodec.TYPE_HELLO, epoch.localIndex(), counter);
        buffer.setMemory(TunnelCodec.HEADER_BYTES, TunnelCodec.HELLO_BYTES - TunnelCodec.HEADER_BYTES, (byte) 0);
        buffer.putInt(TunnelCodec.HELLO_SENDER_INDEX, epoch.remoteIndex(), ByteOrder.BIG_ENDIAN);
        buffer.putByte(TunnelCodec.HELLO_STATE, (byte) state.ordinal());
        buffer.putShort(TunnelCodec.HELLO_RECEIVE_LIMIT, (short) RECEIVE_LIMIT, ByteOrder.BIG_ENDIAN);
    }

    @Test
    void isDownAndSilentWithoutKeys() {
        for (int i = 0; i < 100; i++) {
            nowNs += SECOND / 10;
            assertThat(session.onTick(nowNs)).isFalse();
        }
        assertThat(session.state()).isEqualTo(State.DOWN);
        assertThat(session.epoch()).isNull();
        assertThat(session.find(0)).isNull();
        assertThat(session.find(1)).isNull();
    }

    @Test
    void comesUpWithTheKeysOfAHandshakeThatItBegan() {
        Epoch epoch = install(1, true);
        assertThat(session.epoch()).isSameAs(epoch);
        assertThat(session.onTick(nowNs)).as("says hello at once").isTrue();
        session.writeHello(buffer, 0, nowNs);
        assertThat(TunnelCodec.receiverIndex(buffer, 0)).isEqualTo(-1);
        assertThat(hello(epoch, 0, State.INIT)).isNull();
        assertThat(session.state()).isEqualTo(State.UP);
    }

    @Test
    void keysOfAPeersHandshakeWaitForItsFirstDatagram() {
        Epoch first = install(1, true);
        hello(first, 0, State.UP);
        Epoch second = install(2, false);
        assertThat(session.epoch()).as("still sends with the first").isSameAs(first);
        assertThat(session.accept(first, 1, nowNs)).isNull();
        assertThat(session.epoch()).isSameAs(first);
        assertThat(session.accept(second, 0, nowNs)).isNull();
        assertThat(session.epoch()).isSameAs(second);
        assertThat(session.state()).as("nothing is lost by new keys").isEqualTo(State.UP);
        assertThat(session.accept(first, 2, nowNs)).as("what is under way").isNull();
        assertThat(session.accept(first, 2, nowNs)).isEqualTo(DropReason.REPLAYED);
        assertThat(session.accept(second, 0, nowNs)).isEqualTo(DropReason.REPLAYED);
    }

    @Test
    void oldKeysAreForgottenAfterTheOverlap() {
        Epoch first = install(1, true);
        hello(first, 0, State.UP);
        Epoch second = install(2, true);
        nowNs += Epochs.OVERLAP_NS - 1;
        session.onTick(nowNs);
        assertThat(session.find(1)).isSameAs(first);
        assertThat(session.takeRetired(false)).isEmpty();
        nowNs += 1;
        session.onTick(nowNs);
        assertThat(session.find(1)).isNull();
        assertThat(session.find(2)).isSameAs(second);
        assertThat(session.takeRetired(false)).containsExactly(first);
        assertThat(session.takeRetired(false)).isEmpty();
    }

    /** Somebody repeats first messages that were once good. */
    @Test
    void keysThatNobodyUsesAreBoundedAndHarmless() {
        Epoch first = install(1, true);
        hello(first, 0, State.UP);
        for (int i = 0; i < 10; i++) {
            install(100 + i, false);
        }
        assertThat(session.takeRetired(false)).hasSize(9);
        assertThat(session.epoch()).isSameAs(first);
        assertThat(session.find(108)).as("the older ones are gone").isNull();
        Epoch newest = session.find(109);
        assertThat(session.accept(newest, 0, nowNs)).isNull();
        assertThat(session.epoch()).isSameAs(newest);
    }

    /** Both have begun at once, and this side's handshake goes before. */
    @Test
    void keysThatWaitMakeRoomForThoseOfAnAnswer() {
        Epoch first = install(1, true);
        hello(first, 0, State.UP);
        Epoch answered = install(2, false);
        Epoch own = install(3, true);
        assertThat(session.epoch()).isSameAs(own);
        assertThat(session.find(2)).isNull();
        assertThat(session.find(1)).as("what is under way").isSameAs(first);
        assertThat(session.takeRetired(false)).containsExactly(answered);
    }

    @Test
    void anIndexThatIsInUseIsRefused() {
        install(1, true);
        install(2, false);
        assertThat(session.install(epoch(1, true), nowNs)).isFalse();
        assertThat(session.install(epoch(2, true), nowNs)).isFalse();
    }

    @Test
    void aLostPeerComesBackWithItsKeys() {
        Epoch epoch = install(1, true);
        hello(epoch, 0, State.UP);
        int generation = session.generation();
        nowNs += TunnelSession.DETECTION_NS;
        assertThat(session.onTick(nowNs)).as("says hello").isTrue();
        assertThat(session.state()).isEqualTo(State.DOWN);
        assertThat(session.generation()).isNotEqualTo(generation);
        assertThat(hello(epoch, 0, State.UP)).as("of before").isEqualTo(DropReason.REPLAYED);
        assertThat(hello(epoch, 1, State.INIT)).isNull();
        assertThat(session.state()).isEqualTo(State.UP);
    }

    @Test
    void aPeerThatHasBegunAnewHasOtherFragments() {
        hello(install(1, true), 0, State.UP);
        int generation = session.generation();
        Epoch second = install(2, false);
        assertThat(hello(second, 0, State.DOWN)).isNull();
        assertThat(session.generation()).isNotEqualTo(generation);
        assertThat(session.state()).isEqualTo(State.INIT);
    }

    @Test
    void anOlderHelloTellsNothing() {
        Epoch epoch = install(1, true);
        hello(epoch, 5, State.UP);
        assertThat(hello(epoch, 4, State.DOWN)).as("overtaken").isNull();
        assertThat(session.state()).isEqualTo(State.UP);
        Epoch second = install(2, true);
        assertThat(hello(epoch, 6, State.DOWN)).as("authentic, but of the keys before").isNull();
        assertThat(session.state()).isEqualTo(State.UP);
        assertThat(hello(second, 0, State.DOWN)).isNull();
        assertThat(session.state()).isEqualTo(State.INIT);
    }

    /** The short hello of a probe may overtake the long one, and the answer to it the other answer. */
    @Test
    void anOlderHelloIsAnsweredAndItsEchoCounts() {
        Epoch epoch = install(1, true);
        hello(epoch, 5, State.UP);
        long sent = session.writeProbe(buffer, 0, TunnelCodec.HELLO_WITH_REPORT_BYTES, nowNs);
        session.writeHello(buffer, 0, nowNs);
        nowNs += SECOND / 10;
        assertThat(session.onTick(nowNs)).isFalse();
        write(epoch, 4, State.DOWN);
        buffer.putByte(TunnelCodec.HELLO_PARTS, (byte) TunnelCodec.HELLO_ASKS);
        buffer.putLong(TunnelCodec.HELLO_TIMESTAMP, 77, ByteOrder.BIG_ENDIAN);
        buffer.putLong(TunnelCodec.HELLO_ECHO, sent, ByteOrder.BIG_ENDIAN);
        assertThat(session.onHello(epoch, buffer, 0, TunnelCodec.HELLO_WITH_REPORT_BYTES, nowNs)).isNull();
        assertThat(session.echo()).isEqualTo(sent);
        assertThat(session.rttNs()).isEqualTo(SECOND / 10);
        assertThat(session.onTick(nowNs)).as("is to answer").isTrue();
        session.writeHello(buffer, 0, nowNs);
        assertThat(buffer.getLong(TunnelCodec.HELLO_ECHO, ByteOrder.BIG_ENDIAN)).isEqualTo(77);
        assertThat(session.state()).isEqualTo(State.UP);
    }

    @Test
    void aHelloOfAnotherSenderIsBad() {
        Epoch epoch = install(1, true);
        Epoch other = epoch(3, true);
        hello(other, 0, State.UP);
        assertThat(session.onHello(epoch, buffer, 0, TunnelCodec.HELLO_BYTES, nowNs)).isEqualTo(DropReason.BAD_HELLO);
        assertThat(session.state()).isEqualTo(State.DOWN);
    }

    @Test
    void keysThatAreNeverReplacedEndTheSession() {
        Epoch epoch = install(1, true);
        hello(epoch, 0, State.UP);
        nowNs += Epochs.LIFETIME_NS;
        assertThat(session.accept(epoch, 1, nowNs)).isNull();
        assertThat(session.onTick(nowNs)).isFalse();
        assertThat(session.state()).isEqualTo(State.DOWN);
        assertThat(session.epoch()).isNull();
        assertThat(session.takeRetired(false)).containsExactly(epoch);
    }

    @Test
    void theEndForgetsAll() {
        List<Epoch> installed = List.of(install(1, true), install(2, true), install(3, false));
        assertThat(session.takeRetired(true)).containsExactlyInAnyOrderElementsOf(installed);
        assertThat(session.find(2)).isNull();
    }
}
