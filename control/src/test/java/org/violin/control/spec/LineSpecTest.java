package org.violin.control.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.violin.control.topology.Quantity;

class LineSpecTest {
    private static final String[] WORDS = {"delay", "jitter", "loss", "burst", "rate", "queue", "reorder", "duplicate",
        "corrupt", "seed"};

    @Test
    void isToldInTheWordsOfTopologyFiles() {
        assertThat(LineSpec.NONE.text()).isEmpty();
        assertThat(new LineSpec(20_000_000, 1_500, 0.005, 2.5, 1_500_000_000, 65_536, 0.01, 0.02, 1, true, -7).text())
            .isEqualTo("down, delay 20ms, jitter 1.5us, loss 0.5%, burst 2.5, rate 1.5Gbit, queue 64KiB, reorder 1%,"
                + " duplicate 2%, corrupt 100%, seed -7");
        assertThat(new LineSpec(61_000_000_000L, 1, 0, 0, 999, 1_500, 0, 0, 0, false, 0).text())
            .isEqualTo("delay 61s, jitter 1ns, rate 999bit, queue 1500B");
    }

    @Test
    void onlyTheSeedChangesNothing() {
        assertThat(LineSpec.NONE.withSeed(7).changesNothing()).isTrue();
        assertThat(LineSpec.NONE.withDown(true).changesNothing()).isFalse();
        assertThat(LineSpec.NONE.withDown(true).withDown(false)).isEqualTo(LineSpec.NONE);
    }

    /** Nothing is lost in the telling. */
    @Test
    void whatIsToldIsReadAsTheSame() {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("LineSpecTest: -Dviolin.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 1000; i++) {
            LineSpec line = new LineSpec(random.nextLong(100_000_000_000L), random.nextLong(1_000_000),
                part(random), random.nextInt(1000) / 8.0, random.nextLong(1_000_000_000_000L), random.nextInt(1 << 26),
                part(random), part(random), part(random), random.nextBoolean(), random.nextLong());
            String[] told = new String[WORDS.length];
            for (String word : line.text().split(", ")) {
                for (int j = 0; j < WORDS.length; j++) {
                    told[j] = word.startsWith(WORDS[j] + " ") ? word.substring(WORDS[j].length() + 1) : told[j];
                }
            }
            for (int j = 0; j < WORDS.length; j++) {
                told[j] = told[j] == null ? "0" : told[j];
            }
            assertThat(new LineSpec(Quantity.DURATION.parse(told[0]), Quantity.DURATION.parse(told[1]),
                Quantity.part(told[2]), Double.parseDouble(told[3]), Quantity.RATE.parse(told[4]),
                (int) Quantity.SIZE.parse(told[5]), Quantity.part(told[6]), Quantity.part(told[7]),
                Quantity.part(told[8]), line.text().startsWith("down"), Long.parseLong(told[9])))
                .as("seed " + seed + ": " + line.text()).isEqualTo(line);
        }
    }

    /** Of as many digits as people write. */
    private static double part(Random random) {
        return random.nextInt(100_001) / 100_000.0;
    }
}
