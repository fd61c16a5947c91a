package org.violin.dataplane.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.wire.Ethernet;

class PatchTest {
    private final Patch patch = new Patch();
    private final Frames frames = new Frames(8);

    @Test
    void carriesWhateverComes() {
        patch.addPort(5);
        patch.addPort(9);
        long[] addresses = {Ethernet.BROADCAST, 0, 0x0180_C200_0001L, 0x0200_0000_0001L};
        for (long destination : addresses) {
            for (long source : addresses) {
                assertThat(frames.decideOne(patch, 5, destination, source)).isEqualTo(9);
                assertThat(frames.decideOne(patch, 9, destination, source)).isEqualTo(5);
            }
        }
    }

    @Test
    void hasTwoEndsAndNoMore() {
        assertThat(patch.addPort(1)).isTrue();
        assertThat(patch.addPort(2)).isTrue();
        assertThat(patch.addPort(3)).isFalse();
        patch.removePort(1);
        assertThat(patch.addPort(3)).isTrue();
        assertThat(frames.decideOne(patch, 3, 1, 1)).isEqualTo(2);
        patch.removePort(2);
        assertThatThrownBy(() -> patch.addPort(3)).hasMessageContaining("member already");
    }

    @Test
    void dropsWhileTheOtherEndIsOff() {
        patch.addPort(1);
        int verdict = frames.decideOne(patch, 1, 1, 1);
        assertThat(Verdict.reason(verdict)).isEqualTo(DropReason.NO_EGRESS);
    }
}
