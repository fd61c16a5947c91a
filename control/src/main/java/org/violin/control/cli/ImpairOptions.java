package org.violin.control.cli;

import java.util.Objects;
import java.util.stream.Stream;
import org.violin.control.spec.LineSpec;
import org.violin.control.topology.Quantity;
import picocli.CommandLine.Option;

/** Link emulation: how much worse than it is a link should be, in the direction away from here. */
final class ImpairOptions {
    @Option(names = "--delay", paramLabel = "TIME", converter = Duration.class,
        description = "Link emulation: what is sent into the link arrives later by this: 20ms, 150us, 1.5s.")
    private Long delayNanos;

    @Option(names = "--jitter", paramLabel = "TIME", converter = Duration.class,
        description = "Up to so much more or less than the delay; frames keep their order.")
    private Long jitterNanos;

    @Option(names = "--loss", paramLabel = "PERCENT", converter = Part.class,
        description = "Lose this part of all frames: 1%%, 0.05%%.")
    private Double loss;

    @Option(names = "--burst", paramLabel = "FRAMES",
        description = "Lose so many in a row, on average (default: as chance makes it).")
    private Double burstFrames;

    @Option(names = "--rate", paramLabel = "RATE", converter = Rate.class,
        description = "A bottleneck of so many bits of Ethernet frame a second: 512kbit, 200Mbit, 1Gbit.")
    private Long rateBitsPerSecond;

    @Option(names = "--queue", paramLabel = "SIZE", converter = Size.class,
        description = "The queue before the bottleneck: 64KiB, 1MiB (default: what passes in 50 ms, 64KiB or more).")
    private Integer queueBytes;

    @Option(names = "--reorder", paramLabel = "PERCENT", converter = Part.class,
        description = "This part of all frames is not delayed and overtakes others.")
    private Double reorder;

    @Option(names = "--duplicate", paramLabel = "PERCENT", converter = Part.class,
        description = "This part comes twice.")
    private Double duplicate;

    @Option(names = "--corrupt", paramLabel = "PERCENT", converter = Part.class,
        description = "This part has one bit turned over.")
    private Double corrupt;

    @Option(names = "--seed", paramLabel = "N",
        description = "Of all these chances: the same seed, the same fate (default: 0).")
    private Long seed;

    /** Whether any of them is on the command line. */
    boolean given() {
        return Stream.of(delayNanos, jitterNanos, loss, burstFrames, rateBitsPerSecond, queueBytes, reorder, duplicate,
            corrupt, seed).anyMatch(Objects::nonNull);
    }

    /** A line such as {@code before} where the options are silent. */
    LineSpec applyTo(LineSpec before) {
        return new LineSpec(or(delayNanos, before.delayNanos()), or(jitterNanos, before.jitterNanos()),
            or(loss, before.loss()), or(burstFrames, before.burstFrames()),
            or(rateBitsPerSecond, before.rateBitsPerSecond()), or(queueBytes, before.queueBytes()),
            or(reorder, before.reorder()), or(duplicate, before.duplicate()), or(corrupt, before.corrupt()),
            before.down(), or(seed, before.seed()));
    }

    private static <T> T or(T given, T otherwise) {
        return given == null ? otherwise : given;
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
