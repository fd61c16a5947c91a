package org.violin.benchmarks.e2e;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.report.Environment;
import org.violin.benchmarks.report.Markdown;
import org.violin.benchmarks.report.Plots;
import org.violin.benchmarks.report.Results;
import org.violin.benchmarks.report.Setup;
import org.violin.benchmarks.report.Spread;
import org.violin.benchmarks.report.Subject;
import org.violin.benchmarks.report.Tables;

/** The report of {@code violin bench impair}. */
final class ImpairMarkdown extends Markdown {
    private static final double DELAY_BOUND_US = 200;
    private static final double RATE_BOUND_PERCENT = 2;
    /** Standard deviations: chance alone leaves them once in 370 lines. */
    private static final int LOSS_BOUND = 3;

    private final ImpairCommand.Asked asked;

    ImpairMarkdown(Setup setup, Environment environment, Results results, ImpairCommand.Asked asked) {
        super(setup, environment, results);
        this.asked = asked;
    }

    @Override
    protected Plots plots() {
        return new ImpairPlots(results(), setup().output(), asked.delays());
    }

    @Override
    protected String method() {
        return """
            One direction of %s, between two network namespaces, is told to delay, lose or slow
            what passes; %d rounds, %d s for each piece of work. Delay: the median of 1,000 round trips a second, less
            that of the line without delay just before, and the delay. Loss: of all the rounds' datagrams of 200 bytes,
            beside %d standard deviations of what chance gives. Rate: full frames that come out of what is offered 1.3
            times as much, by the median of the rounds.
            """.formatted(setup().network(), setup().rounds(), setup().seconds(), LOSS_BOUND);
    }

    @Override
    protected String summary() {
        List<List<String>> rows = new ArrayList<>();
        for (Subject side : results().sides()) {
            asked.delays().forEach(millis -> addDelay(rows, side, millis));
            asked.losses().forEach(loss -> addLoss(rows, side, loss.percent(), loss.burst()));
            asked.rates().forEach(megabits -> addRate(rows, side, megabits));
        }
        return Tables.markdown(List.of("asked for", "measured", "off by", "bound", "within"), rows);
    }

    private void addDelay(List<List<String>> rows, Subject side, double millis) {
        Spread late = results().spread(side, DelayCell.late(millis, "p50"));
        if (!late.isEmpty()) {
            rows.add(List.of("delay " + WanPath.plain(millis) + " ms", format("%.3f ms", millis + late.median() / 1000),
                format("%+.0f (%+.0f..%+.0f) us", late.median(), late.min(), late.max()),
                format("%.0f us", DELAY_BOUND_US), within(late.median(), DELAY_BOUND_US)));
        }
    }

    private void addLoss(List<List<String>> rows, Subject side, double percent, double burst) {
        List<Double> shares = results().rounds(side, LossCell.lost(percent, burst));
        List<Double> counts = results().rounds(side, LossCell.counted(percent, burst));
        double all = 0;
        double lost = 0;
        for (int i = 0; i < counts.size(); i++) {
            if (Double.isFinite(counts.get(i))) {
                all += counts.get(i);
                lost += counts.get(i) * shares.get(i) / 100;
            }
        }
        if (all > 0) {
            double measured = 100 * lost / all;
            double bound = LOSS_BOUND * LossCell.deviationPercent(percent, burst, all);
            rows.add(List.of("loss " + LossCell.title(percent, burst), format("%.3f %%", measured),
                format("%+.3f points", measured - percent), format("%.3f points", bound),
                within(measured - percent, bound)));
        }
    }

    private void addRate(List<List<String>> rows, Subject side, double megabits) {
        Spread passed = results().spread(side, RateCell.passed(megabits));
        if (!passed.isEmpty()) {
            double off = 100 * (passed.median() / megabits - 1);
            rows.add(List.of("rate " + WanPath.plain(megabits) + " Mbit/s", format("%.3f Mbit/s", passed.median()),
                format("%+.2f %%", off), format("%.0f %%", RATE_BOUND_PERCENT), within(off, RATE_BOUND_PERCENT)));
        }
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String within(double off, double bound) {
        return Math.abs(off) <= bound ? "yes" : "**no**";
    }

    @Override
    protected void sections() {
        section("How much later than asked");
        plot(ImpairPlots.LATE);
    }
}
