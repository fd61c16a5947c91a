package org.violin.dataplane.shaping;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BottleneckTest {
    private static final long SECOND_NS = 1_000_000_000L;

    @Test
    void withoutARateEverythingPassesAtOnce() {
        Bottleneck bottleneck = new Bottleneck(0, 0);
        assertThat(bottleneck.pass(1514, 7)).isEqualTo(7);
        assertThat(bottleneck.pass(1514, 7)).isEqualTo(7);
    }

    @Test
    void framesTakeTheirTimeOneAfterTheOther() {
        Bottleneck bottleneck = new Bottleneck(8_000_000, 1 << 20);
        assertThat(bottleneck.pass(1000, 5)).isEqualTo(1_000_005);
        assertThat(bottleneck.pass(500, 600_005)).isEqualTo(1_500_005);
        assertThat(bottleneck.pass(1000, 9_000_000)).as("after a pause").isEqualTo(10_000_000);
    }

    /** 8 / 3 ns a byte: what is cut off each frame would come to 0.03 % here, and to more for smaller frames. */
    @Test
    void fractionsOfANanosecondAddUp() {
        Bottleneck bottleneck = new Bottleneck(3_000_000_000L, 1 << 30);
        long throughNs = 0;
        for (int i = 0; i < 3_000_000; i++) {
            throughNs = bottleneck.pass(125, 1);
        }
        assertThat(throughNs).isBetween(SECOND_NS - 1, SECOND_NS + 1);
    }

    @Test
    void aFullQueueTakesNoMoreUntilItHasRoom() {
        Bottleneck bottleneck = new Bottleneck(8_000_000, 3000);
        for (int i = 1; i <= 4; i++) {
            assertThat(bottleneck.pass(1000, 0)).isEqualTo(i * 1_000_000);
        }
        assertThat(bottleneck.pass(1000, 0)).isEqualTo(Bottleneck.FULL);
        assertThat(bottleneck.pass(64, 999_999)).isEqualTo(Bottleneck.FULL);
        assertThat(bottleneck.pass(1000, 1_000_000)).isEqualTo(5_000_000);
    }

    @Test
    void aFrameLongerThanTheQueuePassesAnEmptyOne() {
        Bottleneck bottleneck = new Bottleneck(8_000_000, 100);
        assertThat(bottleneck.pass(1514, 0)).isEqualTo(1_514_000);
        assertThat(bottleneck.pass(1514, 0)).isEqualTo(Bottleneck.FULL);
    }
}
