package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CodelQueueTest {
    private static final long MS = 1_000_000;
    private static final int FRAME_BYTES = 1_500;

    private final StreamCounters counters = new StreamCounters();
    private final CodelQueue queue = new CodelQueue(counters);
    private final List<ByteBuf> made = new ArrayList<>();
    private long nowNs = 7;
    private int next;

    private void offer(int bytes) {
        ByteBuf frame = Unpooled.buffer(bytes).writeInt(next++).writeZero(bytes - Integer.BYTES);
        made.add(frame);
        queue.offer(frame, nowNs);
    }

    /** The number of the next frame; -1: none. */
    private int poll() {
        ByteBuf frame = queue.poll(nowNs);
        if (frame == null) {
            return -1;
        }
        int number = frame.readInt();
        frame.release();
        return number;
    }

    private long count(StreamEvent event) {
        return counters.toMap().getOrDefault(event, 0L);
    }

    @AfterEach
    void nothingIsHeld() {
        queue.clear(StreamEvent.NO_CONNECTION);
        assertThat(made).allMatch(frame -> frame.refCnt() == 0);
    }

    @Test
    void frameAfterFrameComesOutAsTheyWentIn() {
        for (int i = 0; i < 5_000; i++) {
            offer(FRAME_BYTES);
            offer(FRAME_BYTES);
            assertThat(poll()).isEqualTo(2 * i);
            assertThat(poll()).isEqualTo(2 * i + 1);
            assertThat(poll()).isEqualTo(-1);
        }
        assertThat(queue.isEmpty()).isTrue();
        assertThat(counters.toMap()).isEmpty();
    }

    @Test
    void aBurstThatIsGoneWithinAnIntervalLosesNothing() {
        for (int i = 0; i < 95; i++) {
            offer(FRAME_BYTES);
        }
        for (int i = 0; i < 95; i++) {
            nowNs += MS;
            assertThat(poll()).isEqualTo(i);
        }
        assertThat(counters.toMap()).isEmpty();
    }

    /** One frame in and one out every millisecond, behind 50 that stand: they wait 50 ms each. */
    @Test
    void aQueueThatStandsLosesFromItsHeadMoreAndMoreOften() {
        for (int i = 0; i < 50; i++) {
            offer(FRAME_BYTES);
        }
        List<Long> dropsMs = new ArrayList<>();
        for (int ms = 0; ms < 400; ms++) {
            offer(FRAME_BYTES);
            long before = count(StreamEvent.CODEL);
            int number = poll();
            if (count(StreamEvent.CODEL) > before) {
                dropsMs.add((long) ms);
                assertThat(number).as("what came first went").isEqualTo(ms + dropsMs.size());
            }
            nowNs += MS;
        }
        // From 5 ms on all wait too long; 100 ms later the first goes, then one after 100, 71, 58, 50 ms.
        assertThat(dropsMs).hasSize(5);
        assertThat(dropsMs.get(0)).isBetween(104L, 107L);
        assertThat(dropsMs.get(1) - dropsMs.get(0)).isBetween(99L, 101L);
        assertThat(dropsMs.get(2) - dropsMs.get(1)).isBetween(70L, 72L);
        assertThat(dropsMs.get(3) - dropsMs.get(2)).isBetween(57L, 59L);
        assertThat(dropsMs.get(4) - dropsMs.get(3)).isBetween(49L, 51L);
    }

    @Test
    void oneLongFrameThatWaitsIsNoStandingQueue() {
        for (int ms = 0; ms < 1_000; ms += 50) {
            offer(60_000);
            nowNs += 50 * MS;
            assertThat(poll()).isEqualTo(ms / 50);
        }
        assertThat(counters.toMap()).isEmpty();
    }

    @Test
    void droppingEndsWhenTheQueueIsShortAgain() {
        for (int i = 0; i < 300; i++) {
            offer(FRAME_BYTES);
        }
        for (int ms = 0; ms < 150; ms++) {
            poll();
            nowNs += MS;
        }
        assertThat(count(StreamEvent.CODEL)).isPositive();
        while (poll() >= 0) {
            continue;
        }
        long before = count(StreamEvent.CODEL);
        for (int i = 0; i < 100; i++) {
            offer(FRAME_BYTES);
            nowNs += MS;
            assertThat(poll()).isEqualTo(300 + i);
        }
        assertThat(count(StreamEvent.CODEL)).isEqualTo(before);
    }

    @Test
    void itNeverHoldsMoreThanItsBounds() {
        for (int i = 0; i < CodelQueue.FRAMES_MAX + 10; i++) {
            offer(100);
        }
        assertThat(count(StreamEvent.QUEUE_FULL)).isEqualTo(10);
        queue.clear(StreamEvent.NO_CONNECTION);
        assertThat(count(StreamEvent.NO_CONNECTION)).isEqualTo(CodelQueue.FRAMES_MAX);
        int fit = CodelQueue.BYTES_MAX / 65_000;
        for (int i = 0; i < fit + 5; i++) {
            offer(65_000);
        }
        assertThat(count(StreamEvent.QUEUE_FULL)).isEqualTo(15);
        assertThat(poll()).isEqualTo(CodelQueue.FRAMES_MAX + 10);
    }
}
