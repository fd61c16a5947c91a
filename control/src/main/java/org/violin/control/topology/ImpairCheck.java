package org.violin.control.topology;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.regex.Matcher;
import org.violin.control.spec.LineSpec;

/**
 * What stands under {@code impair}: every value within its bounds, which are the dataplane's, and none that makes no
 * sense without another.
 */
final class ImpairCheck {
    private static final String KEY = "impair";
    private static final long MAX_DELAY_NANOS = 60_000_000_000L;
    private static final long MIN_RATE = 1_000;
    private static final long MAX_RATE = 1_000_000_000_000L;
    private static final long MAX_QUEUE_BYTES = 64 << 20;
    private static final double MAX_BURST_FRAMES = 1e6;
    /** Not every 1 / (1 - loss) is a number that a double has. */
    private static final double ROUNDING = 1e-9;

    private final YamlNode root;
    private final Problems problems;

    private ImpairCheck(YamlNode root, Problems problems) {
        this.root = root;
        this.problems = problems;
    }

    static void run(YamlNode root, Problems problems) {
        ImpairCheck check = new ImpairCheck(root, problems);
        root.mapping("nodes").values().forEach(node -> node.list("nics").forEach(check::owner));
        root.mapping("taps").values().forEach(check::owner);
        root.mapping("packets").values().forEach(check::owner);
        root.mapping("udp-ports").values().forEach(check::owner);
        root.list("links").forEach(check::owner);
        root.list("links").forEach(check::cableOnOneHost);
    }

    /** The line of a link, vNIC, TAP, interface or UDP port in which nothing is wrong. */
    static LineSpec read(YamlNode owner) {
        YamlNode impair = owner.get(KEY);
        if (impair == null) {
            return LineSpec.NONE;
        }
        String seed = impair.text("seed");
        return new LineSpec(quantity(impair, "delay", Quantity.DURATION), quantity(impair, "jitter", Quantity.DURATION),
            part(impair, "loss"), burst(impair), quantity(impair, "rate", Quantity.RATE),
            (int) quantity(impair, "queue", Quantity.SIZE), part(impair, "reorder"), part(impair, "duplicate"),
            part(impair, "corrupt"), Boolean.parseBoolean(impair.text("down")),
            seed == null ? 0 : Long.parseLong(seed));
    }

    private static long quantity(YamlNode impair, String key, Quantity kind) {
        String text = impair.text(key);
        return text == null ? 0 : kind.parse(text);
    }

    private static double part(YamlNode impair, String key) {
        String text = impair.text(key);
        return text == null ? 0 : Quantity.part(text);
    }

    private static double burst(YamlNode impair) {
        String text = impair.text("burst");
        return text == null ? 0 : Double.parseDouble(text);
    }

    private void owner(YamlNode owner) {
        YamlNode impair = owner.get(KEY);
        if (impair == null || !impair.isMapping()) {
            return;
        }
        bounds(impair, "delay", Quantity.DURATION, 0, MAX_DELAY_NANOS, "at most 60s");
        bounds(impair, "jitter", Quantity.DURATION, 0, Long.MAX_VALUE, "");
        bounds(impair, "rate", Quantity.RATE, MIN_RATE, MAX_RATE, "1kbit to 1000Gbit");
        bounds(impair, "queue", Quantity.SIZE, 0, MAX_QUEUE_BYTES, "at most 64MiB");
        List.of("loss", "reorder", "duplicate", "corrupt").forEach(key -> sound(impair, key, () -> part(impair, key)));
        jitter(impair);
        burstOfLoss(impair);
        if (given(impair, "queue") && quantity(impair, "queue", Quantity.SIZE) > 0 && lacks(impair, "rate")) {
            problems.at(impair.get("queue"), "queue: there is no bottleneck that frames would wait for; add 'rate',"
                + " such as 'rate: 200Mbit'");
        }
        if (given(impair, "reorder") && part(impair, "reorder") > 0 && lacks(impair, "delay")) {
            problems.at(impair.get("reorder"), "reorder: frames overtake others by not being delayed; add 'delay', such"
                + " as 'delay: 20ms'");
        }
    }

    private static boolean given(YamlNode impair, String key) {
        return impair.get(key) != null;
    }

    /** Whether the quantity at {@code key} is 0, and known to be. */
    private static boolean lacks(YamlNode impair, String key) {
        return !impair.isUncertain(key)
            && quantity(impair, key, key.equals("rate") ? Quantity.RATE : Quantity.DURATION) == 0;
    }

    /** Has a value that cannot be read told, and taken for broken. */
    private boolean sound(YamlNode impair, String key, Runnable reading) {
        if (!given(impair, key)) {
            return false;
        }
        try {
            reading.run();
            return true;
        } catch (IllegalArgumentException e) {
            problems.at(impair.get(key), key + ": " + e.getMessage());
            impair.get(key).markBroken();
            return false;
        }
    }

    private void bounds(YamlNode impair, String key, Quantity kind, long min, long max, String expected) {
        if (sound(impair, key, () -> quantity(impair, key, kind))) {
            YamlNode node = impair.get(key);
            long value = kind.parse(node.text());
            if (value != 0 && (value < min || value > max)) {
                problems.at(node, key + ": found " + node.shown() + ", expected " + expected);
                node.markBroken();
            }
        }
    }

    private void jitter(YamlNode impair) {
        YamlNode jitter = impair.get("jitter");
        if (jitter == null || impair.isUncertain("delay")) {
            return;
        }
        long delayNanos = quantity(impair, "delay", Quantity.DURATION);
        if (Quantity.DURATION.parse(jitter.text()) > delayNanos) {
            problems.at(jitter, "jitter: " + jitter.shown() + " is more than the delay, " + (delayNanos == 0
                ? "which is 0; add 'delay', as long as this or longer"
                : "'" + impair.text("delay") + "'; give at most that"));
        }
    }

    private void burstOfLoss(YamlNode impair) {
        YamlNode burst = impair.get("burst");
        if (burst == null || burst(impair) == 0 || impair.isUncertain("loss")) {
            return;
        }
        double loss = part(impair, "loss");
        double frames = burst(impair);
        if (loss == 0) {
            problems.at(burst, "burst: there is no loss to come in bursts; add 'loss', such as 'loss: 1%'");
        } else if (loss == 1) {
            problems.at(burst, "burst: a loss of 100% has no end; remove this key, or lose less");
        } else if (frames > MAX_BURST_FRAMES) {
            problems.at(burst, "burst: found " + burst.shown() + ", expected at most 1000000");
        } else if (frames * (1 - loss) < 1 - ROUNDING) {
            String chance = BigDecimal.valueOf(1 / (1 - loss) - ROUNDING).setScale(2, RoundingMode.CEILING)
                .stripTrailingZeros().toPlainString();
            problems.at(burst, "burst: " + burst.shown() + " is less than what chance alone makes of this loss; give "
                + chance + " or more, or remove this key");
        }
    }

    /** There the cable has no ports but those of its vNICs, each of which takes one line. */
    private void cableOnOneHost(YamlNode link) {
        List<YamlNode> ends = link.list("ends");
        if (link.get(KEY) == null || ends.size() != 2) {
            return;
        }
        String host = hostOf(ends.get(0));
        if (host == null || !host.equals(hostOf(ends.get(1)))) {
            return;
        }
        for (YamlNode end : ends) {
            YamlNode own = nic(end) == null ? null : nic(end).get(KEY);
            if (own != null) {
                problems.atKey(link.get(KEY), "impair: '" + end.text() + "' has one of its own on line "
                    + own.keyPosition().line() + ", and both ends of this cable are on host " + host
                    + ", where it has no other place; remove one of the two");
            }
        }
    }

    private YamlNode node(YamlNode end) {
        Matcher nic = WiringCheck.NIC.matcher(end.text());
        return nic.matches() ? root.mapping("nodes").get(nic.group(1)) : null;
    }

    private String hostOf(YamlNode end) {
        YamlNode node = node(end);
        return node == null ? null : node.text("host");
    }

    private YamlNode nic(YamlNode end) {
        Matcher name = WiringCheck.NIC.matcher(end.text());
        YamlNode node = node(end);
        if (node == null || !name.matches() || node.isUncertain("nics")) {
            return null;
        }
        List<YamlNode> nics = node.list("nics");
        int index = Integer.parseInt(name.group(2));
        return index < nics.size() ? nics.get(index) : null;
    }
}
