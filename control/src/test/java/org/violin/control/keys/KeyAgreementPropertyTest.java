package org.violin.control.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.control.Seeds;

/** Two sides on paths of every kind: whatever has happened, they come to keys that fit once the path carries. */
class KeyAgreementPropertyTest {
    private static final int RUNS = 200;
    private static final long SECOND_NS = Simulation.SECOND_NS;

    @Test
    void bothSidesConvergeAfterAnyPath() {
        SplittableRandom seeds = Seeds.random("KeyAgreement after any path");
        for (int run = 0; run < RUNS; run++) {
            Simulation simulation = new Simulation(seeds.split());
            SplittableRandom random = seeds.split();
            simulation.renewal = Duration.ofSeconds(random.nextInt(1, 12));
            simulation.forgets = random.nextBoolean();
            simulation.onConfirmed = Side.Waiting.values()[run % 3];
            simulation.start(0);
            simulation.start(1);
            for (int phase = random.nextInt(1, 6); phase > 0; phase--) {
                disturb(simulation, random);
                simulation.run(random.nextLong(8 * SECOND_NS));
            }
            calm(simulation);
            simulation.run(10 * SECOND_NS);
            assertThat(simulation.bothUp()).as("run %d is up", run).isTrue();
            if (simulation.onConfirmed == Side.Waiting.ENDS) {
                assertStaysUp(simulation, run);
            } else {
                simulation.run(20 * SECOND_NS, () -> assertThat(simulation.bothUp()).isTrue());
            }
        }
    }

    /** Whoever can connect, and whatever becomes of the connections; in the end, one way is enough. */
    @Test
    void sharedKeysOfConnectionsConvergeAsWell() {
        SplittableRandom seeds = Seeds.random("KeyAgreement by control connections");
        for (int run = 0; run < RUNS / 2; run++) {
            Simulation simulation = new Simulation(seeds.split());
            SplittableRandom random = seeds.split();
            simulation.connections = true;
            simulation.renewal = Duration.ofSeconds(random.nextInt(1, 12));
            simulation.forgets = random.nextBoolean();
            simulation.start(0);
            simulation.start(1);
            for (int phase = random.nextInt(6); phase > 0; phase--) {
                disturb(simulation, random);
                simulation.halfWay = random.nextDouble();
                simulation.connects = new boolean[] {random.nextBoolean(), random.nextBoolean()};
                simulation.run(random.nextLong(8 * SECOND_NS));
            }
            calm(simulation);
            simulation.halfWay = 0;
            int able = random.nextInt(2);
            simulation.connects[able] = true;
            simulation.run(15 * SECOND_NS);
            assertThat(simulation.bothUp()).as("run %d is up", run).isTrue();
            assertNothingIsLostByAnotherSharedKey(simulation, able, run);
            assertStaysUp(simulation, run);
        }
    }

    private static void assertNothingIsLostByAnotherSharedKey(Simulation simulation, int client, int run) {
        int lost = simulation.side(0).notUnderstood + simulation.side(1).notUnderstood;
        simulation.connect(client);
        simulation.run(2 * SECOND_NS, () -> {
            assertThat(simulation.side(0).isUnderstoodBy(simulation.side(1))).as("run %d", run).isTrue();
            assertThat(simulation.side(1).isUnderstoodBy(simulation.side(0))).as("run %d", run).isTrue();
        });
        assertThat(simulation.side(0).notUnderstood + simulation.side(1).notUnderstood).as("run %d", run)
            .isEqualTo(lost);
    }

    private static void disturb(Simulation simulation, SplittableRandom random) {
        simulation.loss = new double[] {loss(random), loss(random)};
        simulation.repeat = random.nextDouble(0.5);
        simulation.delayNs = random.nextLong(SECOND_NS);
        simulation.jitterNs = random.nextBoolean() ? 0 : random.nextLong(2 * SECOND_NS);
        if (random.nextInt(3) == 0) {
            simulation.start(random.nextInt(2));
        }
    }

    /** A path that works one way is a case of its own. */
    private static double loss(SplittableRandom random) {
        return random.nextInt(4) == 0 ? 1 : random.nextDouble(0.7);
    }

    private static void calm(Simulation simulation) {
        simulation.loss = new double[] {0, 0};
        simulation.repeat = 0;
        simulation.delayNs = SECOND_NS / 50;
        simulation.jitterNs = 0;
    }

    /** And nothing is lost by renewing, which happens once an interval and not twice. */
    private static void assertStaysUp(Simulation simulation, int run) {
        long agreed = simulation.count(KeyEvent.AGREED);
        int lost = simulation.side(0).notUnderstood + simulation.side(1).notUnderstood;
        long[] steps = {0, 0};
        simulation.run(20 * SECOND_NS, () -> {
            assertThat(simulation.bothUp()).as("run %d", run).isTrue();
            assertThat(simulation.side(0).isUnderstoodBy(simulation.side(1))).as("run %d", run).isTrue();
            assertThat(simulation.side(1).isUnderstoodBy(simulation.side(0))).as("run %d", run).isTrue();
            steps[0]++;
            steps[1] += Side.fit(simulation.side(0), simulation.side(1)) ? 1 : 0;
        });
        assertThat(simulation.side(0).notUnderstood + simulation.side(1).notUnderstood).as("run %d", run)
            .isEqualTo(lost);
        long renewals = 20 / simulation.renewal.toSeconds();
        assertThat(simulation.count(KeyEvent.AGREED) - agreed).as("run %d", run)
            .isBetween(renewals - 1 - renewals / 4, renewals + 2);
        // Until the initiator's first datagram with them, the responder still sends with the keys before.
        assertThat(steps[1]).as("run %d", run).isGreaterThan(steps[0] / 5);
    }

    @Test
    void onAPathOfSecondsBothSidesConvergeAsWell() {
        SplittableRandom random = Seeds.random("KeyAgreement on a path of seconds");
        for (int run = 0; run < RUNS / 3; run++) {
            Simulation simulation = new Simulation(random.split());
            simulation.delayNs = random.nextLong(SECOND_NS);
            simulation.start(0);
            simulation.run(random.nextLong(2 * SECOND_NS));
            simulation.start(1);
            simulation.run(30 * SECOND_NS);
            assertThat(simulation.bothUp()).as("run %d, %d ns one way", run, simulation.delayNs).isTrue();
            assertThat(simulation.side(0).isUnderstoodBy(simulation.side(1))).isTrue();
            assertThat(simulation.side(1).isUnderstoodBy(simulation.side(0))).isTrue();
        }
    }

    @Test
    void theReturnOfAPathIsNoticedWithinASecond() {
        SplittableRandom random = Seeds.random("KeyAgreement and the return of a path");
        for (int run = 0; run < RUNS; run++) {
            Simulation simulation = new Simulation(random.split());
            simulation.forgets = true;
            simulation.start(0);
            simulation.start(1);
            simulation.run(3 * SECOND_NS);
            assertThat(simulation.bothUp()).isTrue();
            simulation.loss = new double[] {1, random.nextInt(2)};
            simulation.run(10 * SECOND_NS + random.nextLong(20 * SECOND_NS));
            long agreed = simulation.count(KeyEvent.AGREED);
            simulation.loss = new double[] {0, 0};
            simulation.run(SECOND_NS + 2 * simulation.delayNs + 2 * Simulation.STEP_NS);
            assertThat(simulation.count(KeyEvent.AGREED)).as("run %d", run).isGreaterThan(agreed);
        }
    }

    @Test
    void crossingHandshakesGiveOneSetOfKeys() {
        SplittableRandom random = Seeds.random("KeyAgreement, crossing");
        for (int run = 0; run < RUNS; run++) {
            Simulation simulation = new Simulation(random.split());
            simulation.delayNs = SECOND_NS / 10;
            simulation.start(0);
            simulation.start(1);
            simulation.run(SECOND_NS / 4);
            assertThat(simulation.count(KeyEvent.INITIATED)).isEqualTo(2);
            assertThat(simulation.count(KeyEvent.HANDSHAKE_CROSSED)).isEqualTo(1);
            simulation.run(2 * SECOND_NS);
            assertThat(Side.fit(simulation.side(0), simulation.side(1))).as("run %d", run).isTrue();
            assertThat(simulation.count(KeyEvent.AGREED)).isEqualTo(1);
            assertThat(simulation.count(KeyEvent.CONFIRMED)).isEqualTo(1);
        }
    }
}
