package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;

class TooBigAnswersTest {
    private static final int ROOM = 1_400;
    private static final int SLOTS = 8;
    private static final int FRAME_BYTES = 1_514;

    private final UnsafeBuffer frame = new UnsafeBuffer(new byte[FRAME_BYTES]);
    private final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, 2048)]), SLOTS, 2048);
    private final FrameBatch batch = new FrameBatch();
    private final PortCounters counters = new PortCounters();
    private long nowNs = Long.MAX_VALUE - 1;
    private final TooBigAnswers answers = new TooBigAnswers(0xFEDC_BA98, () -> nowNs);

    {
        frame.putBytes(0, HexFormat.of().parseHex("020000000002" + "020000000001" + "0800" + "450005dc000040004011"
            + "0000" + "0a000001" + "0a000002"));
    }

    private boolean answer() {
        return answers.answer(frame, 0, FRAME_BYTES, Offload.NONE, ROOM);
    }

    private int take() {
        int taken = answers.take(pool, batch, counters);
        assertThat(batch.count()).isLessThanOrEqualTo(taken);
        batch.release(pool);
        return taken;
    }

    @Test
    void manyAtOnceAndThenSoManyASecond() {
        int told = 0;
        for (int i = 0; i < 10 * TooBigAnswers.BURST; i++) {
            assertThat(answer()).as("it is answered, or dropped without a word").isTrue();
            told += take();
        }
        assertThat(told).isEqualTo(TooBigAnswers.BURST);
        for (int i = 0; i < 100; i++) {
            nowNs += TooBigAnswers.INTERVAL_NS / 2;
            assertThat(answer()).isTrue();
            told += take();
        }
        assertThat(told).isEqualTo(TooBigAnswers.BURST + 50);
        nowNs += 3600L * 1_000_000_000;
        for (int i = 0; i < 10 * TooBigAnswers.BURST; i++) {
            answer();
            told += take();
        }
        assertThat(told).isEqualTo(2 * TooBigAnswers.BURST + 50);
    }

    @Test
    void noMoreWaitThanThereIsMemoryFor() {
        for (int i = 0; i < 40; i++) {
            assertThat(answer()).isTrue();
        }
        assertThat(answers.isEmpty()).isFalse();
        assertThat(take()).isEqualTo(16);
        assertThat(counters.dropsByLabel()).as("of a pool of 8")
            .containsOnlyKeys(DropReason.NO_BUFFER.label()).containsValue(8L);
        assertThat(answers.isEmpty()).isTrue();
        assertThat(take()).isZero();
    }

    @Test
    void comesFromTheLinksOwnAddress() {
        answer();
        answers.take(pool, batch, counters);
        byte[] head = new byte[14];
        pool.storage().getBytes(batch.offsets()[0], head);
        assertThat(HexFormat.of().formatHex(head)).isEqualTo("020000000001" + "0e56fedcba98" + "0800");
        assertThat(batch.lengths()[0]).isEqualTo(14 + 576);
        batch.release(pool);
    }
}
