package org.violin.control.host;

import java.util.Set;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.Transport;

/** What another piece is set to, and goes with; it can be made otherwise at any time. */
sealed interface Setting extends Piece {
    /** That piece's key. */
    String of();

    @Override
    default int rank() {
        return 5;
    }

    @Override
    default Set<String> foundations() {
        return Set.of(of());
    }

    @Override
    default boolean canBecome(Piece wanted) {
        return wanted.getClass() == getClass();
    }

    /** How this network wants a tunnel protected. */
    record Protection(String peer, String remote, FecSpec fec) implements Setting {
        @Override
        public String key() {
            return "protection " + remote;
        }

        @Override
        public String making() {
            return "protect tunnel to " + peer + " at " + remote + ": " + fec.text();
        }

        @Override
        public String unmaking() {
            return "protect tunnel to " + peer + " at " + remote + " no more";
        }

        @Override
        public void make(Site site) {
            site.tunnels().protect(site.network(), remote, fec);
        }

        @Override
        public void unmake(Site site) {
            site.tunnels().protect(site.network(), remote, FecSpec.OFF);
        }

        @Override
        public String of() {
            return "tunnel " + remote;
        }
    }

    /** What this network wants a tunnel to go by. */
    record Carriage(String peer, String remote, Transport transport) implements Setting {
        @Override
        public String key() {
            return "carriage " + remote;
        }

        @Override
        public String making() {
            return "have tunnel to " + peer + " at " + remote + " go by " + transport.label();
        }

        @Override
        public String unmaking() {
            return "have tunnel to " + peer + " at " + remote + " go by udp";
        }

        @Override
        public void make(Site site) {
            site.tunnels().carry(site.network(), remote, transport);
        }

        @Override
        public void unmake(Site site) {
            site.tunnels().carry(site.network(), remote, Transport.UDP);
        }

        @Override
        public String of() {
            return "tunnel " + remote;
        }
    }

    /** What those who send through a link are told. */
    record Fit(String link, FitSpec fit) implements Setting {
        @Override
        public String key() {
            return "fit " + link;
        }

        @Override
        public String making() {
            return "fit what passes " + link + ": " + fit.text();
        }

        @Override
        public String unmaking() {
            return "fit what passes " + link + " no more";
        }

        @Override
        public void make(Site site) {
            site.driver().fit(site.network(), link, fit);
        }

        @Override
        public void unmake(Site site) {
            site.driver().fit(site.network(), link, FitSpec.NONE);
        }

        @Override
        public String of() {
            return "port " + link;
        }
    }

    /** What a port lets in, with what is declared. */
    record Guard(GuardSpec spec) implements Setting {
        @Override
        public String key() {
            return "guard " + spec.port();
        }

        @Override
        public String making() {
            return "guard " + spec.port() + ": " + spec.text();
        }

        @Override
        public String unmaking() {
            return "guard " + spec.port() + " no more";
        }

        @Override
        public void make(Site site) {
            site.driver().guard(site.network(), spec.port(), spec);
        }

        @Override
        public void unmake(Site site) {
            site.driver().guard(site.network(), spec.port(), null);
        }

        @Override
        public String of() {
            return "port " + spec.port();
        }
    }

    /** What becomes of the frames that leave by a port. */
    record Impairment(ImpairmentSpec spec) implements Setting {
        @Override
        public String key() {
            return "impairment " + spec.port();
        }

        @Override
        public String making() {
            return "impair " + spec.port() + ": " + spec.line().text();
        }

        @Override
        public String unmaking() {
            return "impair " + spec.port() + " no more";
        }

        @Override
        public void make(Site site) {
            site.driver().impair(site.network(), spec.port(), spec.line());
        }

        @Override
        public void unmake(Site site) {
            site.driver().impair(site.network(), spec.port(), LineSpec.NONE);
        }

        @Override
        public String of() {
            return "port " + spec.port();
        }
    }
}
