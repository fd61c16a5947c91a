package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.Seeds;

class ReplayWindowTest {
    private final ReplayWindow window = new ReplayWindow();

    private boolean accept(long counter) {
        boolean fresh = window.isFresh(counter);
        if (fresh) {
            window.mark(counter);
        }
        return fresh;
    }

    @Test
    void takesEveryCounterOnce() {
        assertThat(accept(0)).isTrue();
        assertThat(accept(0)).isFalse();
        assertThat(accept(2)).isTrue();
        assertThat(accept(1)).isTrue();
        assertThat(accept(1)).isFalse();
        assertThat(accept(2)).isFalse();
    }

    @Test
    void lookingIsNotTaking() {
        assertThat(window.isFresh(5)).isTrue();
        assertThat(window.isFresh(5)).isTrue();
    }

    @Test
    void isAsWideAsItSays() {
        accept(20_000);
        assertThat(window.isFresh(20_000 - ReplayWindow.WIDTH + 1)).isTrue();
        assertThat(window.isFresh(20_000 - ReplayWindow.WIDTH)).isFalse();
    }

    @Test
    void leapsToTheLastCounterThereIs() {
        accept(3);
        assertThat(accept(Long.MAX_VALUE)).isTrue();
        assertThat(accept(Long.MAX_VALUE)).isFalse();
        assertThat(accept(Long.MAX_VALUE - 8191)).isTrue();
        assertThat(accept(Long.MAX_VALUE - ReplayWindow.WIDTH)).isFalse();
        assertThat(accept(4)).isFalse();
        window.reset();
        assertThat(accept(3)).isTrue();
    }

    @Test
    void agreesWithASet() {
        SplittableRandom random = Seeds.random("ReplayWindow against a set");
        for (int round = 0; round < 50; round++) {
            window.reset();
            Set<Long> seen = new HashSet<>();
            long highest = -1;
            long middle = random.nextLong(1L << random.nextInt(1, 62));
            int spread = 1 << random.nextInt(1, 17);
            for (int step = 0; step < 20_000; step++) {
                middle += random.nextInt(100) == 0 ? random.nextInt(3 * ReplayWindow.WIDTH) : random.nextInt(3);
                long counter = Math.max(0, middle - random.nextInt(spread));
                boolean expected = counter > highest - ReplayWindow.WIDTH && !seen.contains(counter);
                assertThat(accept(counter)).isEqualTo(expected);
                highest = Math.max(highest, counter);
                seen.add(counter);
            }
        }
    }
}
