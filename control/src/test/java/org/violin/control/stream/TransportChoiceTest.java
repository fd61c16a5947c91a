package org.violin.control.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.Transport;
import org.violin.control.stream.TransportChoice.Step;

class TransportChoiceTest {
    private TransportChoice choice = wanted(Transport.AUTO);

    private static TransportChoice wanted(Transport transport) {
        return new TransportChoice(transport, TimeUnit.SECONDS.toNanos(100));
    }

    private Step at(int seconds, boolean up, boolean byStream, boolean connected) {
        return choice.next(up, byStream, connected, TimeUnit.SECONDS.toNanos(100 + seconds));
    }

    @Test
    void datagramsThatPassAreAllThereIs() {
        assertThat(at(1, false, false, false)).isEqualTo(Step.STAY);
        for (int seconds = 2; seconds < 100; seconds++) {
            assertThat(at(seconds, true, false, false)).isEqualTo(Step.STAY);
        }
    }

    @Test
    void aStreamTakesOverWhereDatagramsDoNotPassAndGivesBackWhereTheyDo() {
        assertThat(at(2, false, false, false)).isEqualTo(Step.STAY);
        assertThat(at(3, false, false, false)).isEqualTo(Step.CONNECT);
        assertThat(at(4, false, false, false)).isEqualTo(Step.CONNECT);
        assertThat(at(5, false, false, true)).isEqualTo(Step.TO_STREAM);
        assertThat(at(6, false, true, true)).isEqualTo(Step.STAY);
        for (int trial = 0; trial < 10; trial++) {
            for (int seconds = 7; seconds < 11; seconds++) {
                assertThat(at(6 * trial + seconds, true, true, true)).isEqualTo(Step.STAY);
            }
            assertThat(at(6 * trial + 11, true, true, true)).as("a trial").isEqualTo(Step.TO_DATAGRAMS);
        }
        assertThat(at(90, true, false, true)).as("it came through").isEqualTo(Step.STAY);
        assertThat(at(200, true, false, true)).isEqualTo(Step.STAY);
        assertThat(at(201, false, false, true)).as("lost").isEqualTo(Step.TO_STREAM);
    }

    @Test
    void bothAreTriedInTurnWhileNothingPasses() {
        assertThat(at(3, false, false, true)).isEqualTo(Step.TO_STREAM);
        assertThat(at(5, false, true, true)).isEqualTo(Step.STAY);
        assertThat(at(6, false, true, true)).isEqualTo(Step.TO_DATAGRAMS);
        assertThat(at(8, false, false, true)).isEqualTo(Step.STAY);
        assertThat(at(9, false, false, true)).isEqualTo(Step.TO_STREAM);
        assertThat(at(12, false, true, false)).isEqualTo(Step.TO_DATAGRAMS);
        assertThat(at(15, false, false, false)).isEqualTo(Step.CONNECT);
    }

    @Test
    void aStreamThatIsLostHasTimeToComeBack() {
        assertThat(at(1, true, true, true)).as("datagrams come first").isEqualTo(Step.TO_DATAGRAMS);
        assertThat(at(1, true, true, true)).isEqualTo(Step.STAY);
        assertThat(at(3, false, true, false)).isEqualTo(Step.STAY);
        assertThat(at(4, false, true, false)).isEqualTo(Step.TO_DATAGRAMS);
    }

    @Test
    void aStreamThatIsWantedIsGoneToOnceThereIsOneOrNothingElse() {
        choice = wanted(Transport.TLS);
        assertThat(at(1, true, false, false)).isEqualTo(Step.STAY);
        assertThat(at(2, true, false, true)).isEqualTo(Step.TO_STREAM);
        assertThat(at(6, true, false, true)).as("it is tried").isEqualTo(Step.STAY);
        assertThat(at(7, true, false, true)).isEqualTo(Step.TO_STREAM);
        assertThat(at(8, true, true, true)).isEqualTo(Step.STAY);
        assertThat(at(20, false, true, false)).isEqualTo(Step.STAY);
        choice = wanted(Transport.TCP);
        assertThat(at(1, false, false, false)).isEqualTo(Step.TO_STREAM);
    }

    @Test
    void datagramsThatAreWantedAreTriedUntilTheyPass() {
        choice = wanted(Transport.UDP);
        assertThat(at(1, true, true, true)).isEqualTo(Step.TO_DATAGRAMS);
        assertThat(at(5, true, true, true)).isEqualTo(Step.STAY);
        assertThat(at(6, false, true, false)).isEqualTo(Step.TO_DATAGRAMS);
        assertThat(at(7, false, false, false)).isEqualTo(Step.STAY);
    }
}
