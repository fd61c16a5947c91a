package org.violin.control.host;

import java.util.List;
import java.util.Set;
import org.violin.control.spec.TapSpec;

/** One step of a plan. */
sealed interface Step {

    /** One line for people. */
    String text();

    void run(Site site);

    /** Notes in {@code held} that this step is done. */
    void note(Set<Piece> held);

    record Make(Piece piece) implements Step {
        @Override
        public String text() {
            return piece.making();
        }

        @Override
        public void run(Site site) {
            piece.make(site);
        }

        @Override
        public void note(Set<Piece> held) {
            held.add(piece);
        }
    }

    record Unmake(Piece piece) implements Step {
        @Override
        public String text() {
            return piece.unmaking();
        }

        @Override
        public void run(Site site) {
            piece.unmake(site);
        }

        @Override
        public void note(Set<Piece> held) {
            held.remove(piece);
        }
    }

    record ReaddressTap(TapSpec from, TapSpec to) implements Step {
        @Override
        public String text() {
            return "change the addresses of TAP " + to.device();
        }

        @Override
        public void run(Site site) {
            site.driver().readdressTap(from, to);
        }

        @Override
        public void note(Set<Piece> held) {
            held.remove(new Piece.Tap(from));
            held.add(new Piece.Tap(to));
        }
    }

    /** What {@code from} has made is made otherwise in one go. */
    record Remake(Piece from, Piece to) implements Step {
        @Override
        public String text() {
            return to.making();
        }

        @Override
        public void run(Site site) {
            to.make(site);
        }

        @Override
        public void note(Set<Piece> held) {
            held.remove(from);
            held.add(to);
        }
    }

    /**
     * Changes a guest without a restart.
     *
     * @param replugged vNICs whose ports the plan has opened anew
     */
    record ChangeGuest(Piece.Guest from, Piece.Guest to, List<String> replugged) implements Step {
        @Override
        public String text() {
            String name = to.spec().name();
            if (!to.runs()) {
                return "change stopped guest " + name;
            }
            String plug = "re-plug " + String.join(", ", replugged) + " of guest " + name;
            if (to.configuredAs(from)) {
                return plug;
            }
            return replugged.isEmpty() ? "configure guest " + name : plug + " and configure it";
        }

        @Override
        public void run(Site site) {
            if (!to.runs()) {
                return;
            }
            if (replugged.isEmpty()) {
                site.driver().configureGuest(site.network(), to.spec());
            } else {
                site.driver().replugGuest(site.network(), to.spec());
            }
        }

        @Override
        public void note(Set<Piece> held) {
            held.remove(from);
            held.add(to);
        }
    }
}
