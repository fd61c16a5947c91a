package org.violin.benchmarks.paper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.LongConsumer;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.report.Recorder;

/**
 * What a row is given in each round: pings, a TCP transfer each way and, for some, pings beside a transfer.
 *
 * @param seconds        of each
 * @param verdictSeconds of a transfer over the WAN that a verdict compares
 */
record Turn(Place place, Row row, int seconds, int verdictSeconds) {
    /** Those that tell where a deviation comes from. */
    static final List<String> EXPLAINED = List.of(Rows.HOST_CLIENT, Rows.UDP, Rows.VNET, Rows.VNET_SSL);
    /** Losses make single transfers a lottery: those that are judged by them over the WAN have longer ones as well. */
    private static final Set<String> JUDGED = Set.of(Rows.HOST_CLIENT, Rows.UDP);

    /** As the paper: buffers of 64 KiB, both of the program and of the socket. */
    private static final List<String> TTCP = List.of("-C", "cubic", "-l", "64K", "-w", "64K");
    /** A transfer runs so long before the first ping, and longer than the last one. */
    private static final double LEAD_SECONDS = 0.5;
    private static final int LONGER_THAN_PINGS_SECONDS = 2;
    /** Programs that start; a guest's are started through its agent. */
    private static final double MARGIN_SECONDS = 0.3;
    private static final double GUEST_MARGIN_SECONDS = 0.6;
    private static final double BYTES_PER_MEGABYTE = 1e6;

    double estimateSeconds() {
        double margin = switch (row.kind()) {
            case GUEST, VNET, VMS -> GUEST_MARGIN_SECONDS;
            default -> MARGIN_SECONDS;
        };
        return (row.kind() == Row.Kind.SSH ? 0 : seconds + margin) + 2 * (seconds + margin)
            + (isJudged() ? 2 * (verdictSeconds + margin) : 0)
            + (isExplained() ? seconds + LONGER_THAN_PINGS_SECONDS + margin : 0);
    }

    private boolean isJudged() {
        return place.isWan() && JUDGED.contains(row.name());
    }

    private boolean isExplained() {
        return EXPLAINED.contains(row.name());
    }

    /**
     * Does the work and records its figures; returns those of most interest.
     *
     * @param impair begins the losses of a piece of work, which has a number
     */
    String run(Route route, Recorder recorder, LongConsumer impair) {
        String figure = "";
        if (route.pings()) {
            impair.accept(0);
            Ping.Answers answers = ping(route, recorder, Place.IDLE);
            figure = String.format(Locale.ROOT, "%.3f ms, sd %.3f, ", answers.average(), answers.deviation());
        }
        impair.accept(1);
        double there = transfer(route, recorder, Place.THERE, List.of(), seconds);
        impair.accept(2);
        double back = transfer(route, recorder, Place.BACK, List.of("-R"), seconds);
        recorder.value(place.transfer(Place.BOTH), (there + back) / 2);
        if (isJudged()) {
            judge(route, recorder, impair);
        }
        if (route.pings() && isExplained()) {
            impair.accept(5);
            pingBesideTransfer(route, recorder);
        }
        return figure + String.format(Locale.ROOT, "%.2f and %.2f MB/s", there, back);
    }

    private Ping.Answers ping(Route route, Recorder recorder, String load) {
        long resent = route.carrier() == null ? 0 : route.carrier().resent();
        Ping ping = new Ping(route.from(), route.target(), seconds);
        try {
            String said = ping.end();
            recorder.keep(place.samples(load), said);
            Ping.Answers answers = Ping.parse(said);
            record(answers, recorder, load);
            if (route.carrier() != null) {
                recorder.value(place.ping(load, "resent"), route.carrier().resent() - resent);
            }
            return answers;
        } finally {
            ping.stop();
        }
    }

    private void record(Ping.Answers answers, Recorder recorder, String load) {
        recorder.samples(place.samples(load), answers.histogram());
        recorder.value(place.ping(load, "avg"), answers.average());
        recorder.value(place.ping(load, "sd"), answers.deviation());
        recorder.value(place.ping(load, "lost"), answers.lostPercent());
        if (isExplained()) {
            recorder.value(place.ping(load, "median"), answers.median());
            recorder.value(place.ping(load, "longest"), answers.longest());
            recorder.value(place.ping(load, "prompt-sd"), answers.deviationOfPrompt());
            recorder.value(place.ping(load, "late"), answers.latePercent());
            recorder.value(place.ping(load, "held"), answers.heldPercent());
        }
    }

    private void judge(Route route, Recorder recorder, LongConsumer impair) {
        impair.accept(3);
        double there = transfer(route, recorder, Place.VERDICT + Place.THERE, List.of(), verdictSeconds);
        impair.accept(4);
        double back = transfer(route, recorder, Place.VERDICT + Place.BACK, List.of("-R"), verdictSeconds);
        recorder.value(place.transfer(Place.VERDICT + Place.BOTH), (there + back) / 2);
    }

    /** Megabytes a second. */
    private double transfer(Route route, Recorder recorder, String direction, List<String> options,
        int transferSeconds) {
        Iperf iperf = route.iperf();
        iperf.begin(transferSeconds, with(options));
        String json = iperf.end(transferSeconds);
        recorder.keep(place.transfer(direction).key(), json);
        double megabytes = Iperf.parse(json).gigabits() * 1e9 / 8 / BYTES_PER_MEGABYTE;
        recorder.value(place.transfer(direction), megabytes);
        return megabytes;
    }

    private static List<String> with(List<String> options) {
        List<String> all = new ArrayList<>(TTCP);
        all.addAll(options);
        return all;
    }

    private void pingBesideTransfer(Route route, Recorder recorder) {
        int loadSeconds = seconds + LONGER_THAN_PINGS_SECONDS;
        Iperf iperf = route.iperf();
        try {
            iperf.begin(loadSeconds, TTCP);
            Deadline.pause(LEAD_SECONDS);
            ping(route, recorder, Place.LOADED);
            recorder.keep(place.key() + ".loaded.tcp", iperf.end(loadSeconds));
        } finally {
            iperf.stop();
        }
    }
}
