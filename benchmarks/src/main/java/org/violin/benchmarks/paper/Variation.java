package org.violin.benchmarks.paper;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import org.violin.benchmarks.lab.WanPath;
import org.violin.benchmarks.paper.Published.What;

/** An explanation, from a run's own figures, of the standard deviations that the VNET paper saw. */
final class Variation {
    static final List<String> PAPERS_HEAD = List.of("testbed", "row", "average, more than the pieces", "sd",
        "that is one ping in", "late by");
    static final List<String> HEAD = List.of("row", "median ms", "avg", "sd", "sd without late", "late %", "longest",
        "lost %", "held %", "sent again");
    static final String PAPERS_READING = "On its LAN, with and without SSL, it is about as many pings as it says were"
        + " lost: each came late instead. On its WAN the averages differ by less than from hour to hour, and tell"
        + " nothing.";
    static final String LEGEND = "Medians of the rounds. Late: of the answers, those that took more than twice the"
        + " median. Held: those that came along with the answer to the request before, " + Ping.INTERVAL_MS
        + " ms older: they waited behind it. Sent again: segments of the TCP connection that carries the frames, by"
        + " both its ends, while the pings ran.";
    /** More than that is no delay of a ping: the averages are of different hours. */
    private static final double LATE_MS_MAX = 10_000;
    /** Pings that get lost by losses of the path are more. */
    private static final double FEW_LOST_PERCENT = 0.5;
    /** A standard deviation that many times another one is another one. */
    private static final double TIMES = 2;

    private final PaperFigures figures;
    private final List<Place> places;

    Variation(PaperFigures figures, List<Place> places) {
        this.figures = figures;
        this.places = places;
    }

    /** Whether a row of VNET and the physical network have been measured. */
    boolean canBeTold() {
        return places.stream().anyMatch(place -> figures.added(Rows.VNET, place.ping(Place.IDLE, "avg")).count() > 0);
    }

    /**
     * Of pings of which a share p is late by D and all others are not, the average grows by pD, and the variance is
     * p(1 - p)D².
     *
     * @param late milliseconds
     */
    record Late(double share, double late) {
        /** @param added to the average; has to be positive */
        static Late of(double added, double deviation) {
            double late = (deviation * deviation + added * added) / added;
            return new Late(added / late, late);
        }
    }

    String papersOwn() {
        return "The paper: \"We believe this large variability is because the TCP connection between VNET servers"
            + " inherently trades packet loss for increased delay.\" It had 1 % of the packets lost on its LAN, and 7 %"
            + " on its WAN. Its averages and deviations alone tell what delays these were, if some pings were late"
            + " and all others were not:";
    }

    List<List<String>> papersRows() {
        List<List<String>> rows = new ArrayList<>();
        for (String place : List.of(Place.LAN, Place.WAN)) {
            for (String row : List.of(Rows.VNET, Rows.VNET_SSL)) {
                double added = paper(place, row, What.AVERAGE) - paper(place, Published.PIECES, What.AVERAGE);
                double deviation = paper(place, row, What.DEVIATION);
                Late late = Late.of(added, deviation);
                boolean told = added > 0 && late.late() < LATE_MS_MAX;
                rows.add(List.of(place.toUpperCase(Locale.ROOT), row, String.format(Locale.ROOT, "%.3f ms", added),
                    WanPath.plain(deviation) + " ms", told ? String.format(Locale.ROOT, "%.0f", 1 / late.share()) : "-",
                    told ? String.format(Locale.ROOT, "%.0f ms", late.late()) : "-"));
            }
        }
        return rows;
    }

    private static double paper(String place, String row, What what) {
        OptionalDouble value = Published.value(place, row, what);
        return value.orElseThrow();
    }

    /** Of the rows that tell; empty if there are none. */
    List<List<String>> rows(Place place, String load) {
        List<List<String>> rows = new ArrayList<>();
        for (String name : Turn.EXPLAINED) {
            if (!figures.spread(name, place.ping(load, "avg")).isEmpty()) {
                List<String> cells = new ArrayList<>(List.of(figures.row(name).map(PaperMarkdown::title).orElse(name)));
                for (String what : List.of("median", "avg", "sd", "prompt-sd", "late", "longest", "lost", "held",
                    "resent")) {
                    cells.add(PaperMarkdown.digits(of(place, load, name, what)));
                }
                rows.add(cells);
            }
        }
        return rows;
    }

    private double of(Place place, String load, String row, String what) {
        return figures.median(row, place.ping(load, what));
    }

    /** What the figures of a testbed say. */
    String reading(Place place) {
        double deviation = of(place, Place.IDLE, Rows.VNET, "sd");
        double physical = of(place, Place.IDLE, Rows.HOST_CLIENT, "sd");
        double resent = of(place, Place.IDLE, Rows.VNET, "resent");
        if (!Double.isFinite(deviation) || !Double.isFinite(physical)) {
            return "On the " + place.title() + " this cannot be told: a row is missing.";
        }
        String text = String.format(Locale.ROOT, "On the %s, the physical network lost %.1f %% of the pings and VNET"
            + " %.1f %%, while its connection sent %.0f segments again. ", place.title(),
            of(place, Place.IDLE, Rows.HOST_CLIENT, "lost"), of(place, Place.IDLE, Rows.VNET, "lost"), resent);
        double lost = of(place, Place.IDLE, Rows.HOST_CLIENT, "lost");
        if (lost < FEW_LOST_PERCENT) {
            text += String.format(Locale.ROOT, "Where nothing is lost, nothing is there to be sent again, and its"
                + " standard deviation of %.3f ms (physical: %.3f ms) is not TCP's: it is how soon the servers and the"
                + " guest get a processor, of which all machines of this testbed share a few. ", deviation, physical);
        } else if (resent > 0 && deviation > TIMES * physical) {
            text += resentAndVaried(place, deviation, physical);
        } else {
            text += String.format(Locale.ROOT, "Its standard deviation is %.3f ms all the same (physical: %.3f ms). ",
                deviation, physical);
        }
        return text + others(place);
    }

    private String resentAndVaried(Place place, double deviation, double physical) {
        double prompt = of(place, Place.IDLE, Rows.VNET, "prompt-sd");
        double added = figures.added(Rows.VNET, place.ping(Place.IDLE, "avg")).median();
        String text = String.format(Locale.ROOT, "%.1f %% of its answers took more than twice the median, the longest"
            + " %.0f ms, and %.1f %% came along with the one before them: they were there, and waited behind a segment"
            + " that had to be sent again. Its standard deviation is %.1f ms (physical: %.3f ms), and %.3f ms without"
            + " what is late. Losses have become delays, as the paper believes",
            of(place, Place.IDLE, Rows.VNET, "late"), of(place, Place.IDLE, Rows.VNET, "longest"),
            of(place, Place.IDLE, Rows.VNET, "held"), deviation, physical, prompt);
        text += prompt * TIMES < deviation ? ". "
            : "; most were shorter, as all that is sent within a round trip waits for the same segment. ";
        if (added > 0) {
            Late late = Late.of(added, deviation);
            text += String.format(Locale.ROOT, "Reckoned as above, one ping in %.0f is late by %.0f ms. ",
                Math.max(1, 1 / late.share()), late.late());
        }
        return text;
    }

    /** A tunnel of datagrams, and a busy network. */
    private String others(Place place) {
        StringBuilder text = new StringBuilder();
        double datagrams = of(place, Place.IDLE, Rows.UDP, "sd");
        if (Double.isFinite(datagrams)) {
            text.append(String.format(Locale.ROOT, "Violin's tunnel of datagrams lets what is lost be lost (%.1f %%):"
                + " %.3f ms. ", of(place, Place.IDLE, Rows.UDP, "lost"), datagrams));
        }
        double busy = of(place, Place.LOADED, Rows.VNET, "sd");
        if (Double.isFinite(busy)) {
            text.append(String.format(Locale.ROOT, "Beside a TCP transfer VNET's standard deviation is %.3f ms, with"
                + " %.0f segments sent again; the physical network's is %.3f ms.", busy,
                of(place, Place.LOADED, Rows.VNET, "resent"), of(place, Place.LOADED, Rows.HOST_CLIENT, "sd")));
        }
        return text.toString();
    }
}
