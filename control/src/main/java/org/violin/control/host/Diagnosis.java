package org.violin.control.host;

import java.util.Locale;
import java.util.Map;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.PathStatus;
import org.violin.dataplane.TunnelStatus;

/**
 * How a tunnel is, and what is the matter with it, in words for its operator.
 *
 * @param text one sentence or two, without a full stop; what to do comes last
 */
public record Diagnosis(Verdict verdict, String text) {
    /** More is worth telling: a hundredth is what any busy path loses now and then. */
    private static final double MUCH_LOSS = 0.01;
    /** More makes TCP streams hold back. */
    private static final double MUCH_REORDERING = 0.01;
    /** The search for a path's MTU is no more precise. */
    private static final int MTU_PRECISION = 8;

    /** What an operator wants to know first. */
    public enum Verdict {
        GOOD, POOR, BAD;

        /** Stable from release to release. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param handshakes what has become of them, by label; empty where the tunnel is not sealed
     * @param way        to its remote; null: that is not known
     */
    public static Diagnosis of(TunnelStatus tunnel, Map<String, Long> handshakes, Way way) {
        if (tunnel.state().equals("up")) {
            return ofUp(tunnel, way);
        }
        String bad = tunnel.sealed() ? keys(tunnel, handshakes) : version(tunnel);
        if (way != null && way.error() != null) {
            bad = "there is no route to " + tunnel.remote() + ": " + way.error();
        } else if (way != null && way.own()) {
            bad = "the route to " + tunnel.remote() + " leads into " + way.device() + ", which belongs to a network"
                + " that this tunnel carries: change that network's addresses, or this host's routes";
        }
        return new Diagnosis(Verdict.BAD, bad == null ? silence(tunnel, handshakes, way) : bad);
    }

    /** @param trouble why control connections give the tunnel no key; null: they do, or there are none */
    public static Diagnosis of(TunnelStatus tunnel, Map<String, Long> handshakes, Way way, String trouble) {
        boolean open = way == null || way.error() == null && !way.own() && !way.refused();
        return trouble != null && open && !tunnel.state().equals("up") ? new Diagnosis(Verdict.BAD, trouble)
            : of(tunnel, handshakes, way);
    }

    /** Of a tunnel that goes by a stream. */
    public static Diagnosis byStream(TunnelStatus tunnel, Map<String, Long> handshakes, StreamStatus stream) {
        if (tunnel.state().equals("up")) {
            Diagnosis up = ofUp(tunnel, null);
            return new Diagnosis(up.verdict, up.text + ", by " + stream.way());
        }
        if (stream.connection().isEmpty()) {
            return new Diagnosis(Verdict.BAD, stream.trouble().isEmpty() ? "there is no connection for "
                + stream.transport() + " yet: is the other end running, with the same transport?" : stream.trouble());
        }
        String keys = keys(tunnel, handshakes);
        return new Diagnosis(Verdict.BAD, keys != null ? keys
            : "there is a connection, by " + stream.way() + ", but nothing of the tunnel comes by it");
    }

    /** The same of a tunnel that is to have a stream, too; null: it is not. */
    Diagnosis beside(StreamStatus stream) {
        return stream == null || stream.trouble().isEmpty() ? this
            : new Diagnosis(verdict, text + "; no " + stream.transport() + ": " + stream.trouble());
    }

    private static Diagnosis ofUp(TunnelStatus tunnel, Way way) {
        PathStatus path = tunnel.path();
        StringBuilder text = new StringBuilder(path.rttMinMicros() < 0 ? "up" : String.format(Locale.ROOT,
            "round trip %.2f ms, one of a hundred %.2f", path.rttP50Micros() / 1000.0, path.rttP99Micros() / 1000.0));
        boolean loses = path.lossThere() > MUCH_LOSS || path.lossBack() > MUCH_LOSS;
        if (loses) {
            text.append(String.format(Locale.ROOT, "; lost there %.1f %%, back %.1f %%",
                percent(path.lossThere()), percent(path.lossBack())));
            text.append(path.fec().isEmpty() ? ": --fec auto brings most of it back" : ", protected " + path.fec());
        }
        boolean reorders = path.reorderedThere() > MUCH_REORDERING || path.reorderedBack() > MUCH_REORDERING;
        if (reorders) {
            text.append(String.format(Locale.ROOT, "; overtaken there %.1f %%, back %.1f %%: TCP takes what is late for"
                + " lost and slows down: let the path spread flows over its lines, not packets, or take --transport"
                + " tcp, which keeps order", percent(path.reorderedThere()), percent(path.reorderedBack())));
        }
        if (way != null && tunnel.pathMtu() < way.mtu() - MTU_PRECISION) {
            text.append("; the path carries packets of ").append(tunnel.pathMtu()).append(" bytes, ")
                .append(way.device()).append(' ').append(way.mtu());
        }
        return new Diagnosis(loses || reorders ? Verdict.POOR : Verdict.GOOD, text.toString());
    }

    private static double percent(double part) {
        return Double.isNaN(part) ? 0 : 100 * part;
    }

    private static String version(TunnelStatus tunnel) {
        if (drops(tunnel, "bad-version") > 0) {
            return "the other end speaks another version of the protocol: run the same release on both";
        }
        return drops(tunnel, "bad-type") > 0
            ? "the other end seals its tunnels, and this one does not: start both the same way" : null;
    }

    private static String keys(TunnelStatus tunnel, Map<String, Long> handshakes) {
        boolean met = count(handshakes, "answered") + count(handshakes, "agreed") > 0;
        if (count(handshakes, "handshake-forged") > 0 && !met) {
            return "the other end has another key: compare what 'violin key show' says of both";
        }
        if (count(handshakes, "handshake-cipher") > 0 && !met) {
            return "the ends have no cipher in common: leave --cipher out at one of them";
        }
        if (drops(tunnel, "bad-version") + count(handshakes, "handshake-type") > 0 && !met) {
            return "the other end speaks another version of the protocol: run the same release on both";
        }
        return drops(tunnel, "unknown-session") > 0 && !met
            ? "the other end does not seal its tunnels, and this one does: start both the same way" : null;
    }

    private static String silence(TunnelStatus tunnel, Map<String, Long> handshakes, Way way) {
        String remote = tunnel.remote();
        if (way == null) {
            return "the other end has not shown itself: it has to know this end's address, and to begin";
        }
        boolean heard = tunnel.rxDatagrams() > 0;
        if (way.refused()) {
            return "nothing listens at " + remote + (heard ? " any more" : "")
                + ", as its host says: is its daemon running, and on this port?";
        }
        if (tunnel.state().equals("lost")) {
            boolean forged = count(handshakes, "handshake-forged") > 0;
            return "nothing comes from " + remote + " any more: its daemon, its host or the path is out"
                + (forged ? ", or it has another key now" : "");
        }
        boolean answers = count(handshakes, "answered") > 0 && count(handshakes, "agreed") == 0
            || !tunnel.sealed() && heard;
        if (answers) {
            return "what " + remote + " sends comes in, but what is sent there does not seem to arrive: a firewall or"
                + " NAT lets UDP pass one way only";
        }
        return "nothing comes from " + remote + ": its daemon is not running, or a firewall at either end or on the way"
            + " blocks UDP";
    }

    private static long drops(TunnelStatus tunnel, String label) {
        return tunnel.drops().getOrDefault(label, 0L);
    }

    private static long count(Map<String, Long> handshakes, String label) {
        return handshakes.getOrDefault(label, 0L);
    }
}
