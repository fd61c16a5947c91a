package org.violin.control.cli;

import org.violin.control.topology.Quantity;
import org.violin.dataplane.Impairment;
import picocli.CommandLine.Option;

/** Link emulation: how much worse than it is a link should be, in the direction away from here. */
final class ImpairOptions {
    @Option(names = "--delay", paramLabel = "TIME", converter = Duration.class, defaultValue = "0",
        description = "Link emulation: what is sent into the link arrives later by this: 20ms, 150us, 1.5s.")
    private long delayNs;

    @Option(names = "--jitter", paramLabel = "TIME", converter = Duration.class, defaultValue = "0",
        description = "Up to so much more or less than the delay; frames keep their order.")
    private long jitterNs;

    @Option(names = "--loss", paramLabel = "PERCENT", converter = Part.class, defaultValue = "0",
        description = "Lose this part of all frames: 1%%, 0.05%%.")
    private double loss;

    @Option(names = "--burst", paramLabel = "FRAMES", defaultValue = "0",
        description = "Lose so many in a row, on average (default: as chance makes it).")
    private double burstFrames;

    @Option(names = "--rate", paramLabel = "RATE", converter = Rate.class, defaultValue = "0",
        description = "A bottleneck of so many bits of Ethernet frame a second: 512kbit, 200Mbit, 1Gbit.")
    private long rateBitsPerSecond;

    @Option(names = "--queue", paramLabel = "SIZE", converter = Size.class, defaultValue = "0",
        description = "The queue before the bottleneck: 64KiB, 1MiB (default: what passes in 50 ms, 64KiB or more).")
    private int queueBytes;

    @Option(names = "--reorder", paramLabel = "PERCENT", converter = Part.class, defaultValue = "0",
        description = "This part of all frames is not delayed and overtakes others.")
    private double reorder;

    @Option(names = "--duplicate", paramLabel = "PERCENT", converter = Part.class, defaultValue = "0",
        description = "This part comes twice.")
    private double duplicate;

    @Option(names = "--corrupt", paramLabel = "PERCENT", converter = Part.class, defaultValue = "0",
        description = "This part has one bit turned over.")
    private double corrupt;

    @Option(names = "--seed", paramLabel = "N", defaultValue = "0",
        description = "Of all these chances: the same seed, the same fate (default: ${DEFAULT-VALUE}).")
    private long seed;

    /** @throws IllegalArgumentException when the options contradict each other */
    Impairment impairment() {
        return new Impairment(delayNs, jitterNs, loss, burstFrames, rateBitsPerSecond, queueBytes, reorder, duplicate,
            corrupt, false, seed);
    }

    static final class Duration extends Converter<Long> {
        Duration() {
            super(Quantity.DURATION::parse);
        }
    }

    static final class Rate extends Converter<Long> {
        Rate() {
            super(Quantity.RATE::parse);
        }
    }

    static final class Size extends Converter<Integer> {
        Size() {
            super(text -> (int) Math.min(Quantity.SIZE.parse(text), Integer.MAX_VALUE));
        }
    }

    static final class Part extends Converter<Double> {
        Part() {
            super(Quantity::part);
        }
    }
}
