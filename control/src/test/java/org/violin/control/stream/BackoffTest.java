package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(100, 5_000);

    @Test
    void pausesDoubleAndAreShorterAtRandom() {
        assertThat(backoff.nextMs()).isZero();
        for (long longest : new long[] {200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000}) {
            assertThat(backoff.nextMs()).isBetween(longest / 2, longest);
        }
    }

    @Test
    void whatHasHeldForAMomentOnlyIsNoSuccess() {
        backoff.nextMs();
        backoff.nextMs();
        backoff.onConnected();
        backoff.onLost();
        assertThat(backoff.nextMs()).isBetween(200L, 400L);
    }
}
