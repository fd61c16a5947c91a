package org.violin.control.host;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.violin.control.spec.GuestSpec;
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

    /**
     * Plugs open ports into other bridges, all at once: two may change places on patches, which have no room for three.
     *
     * @param to each at the place of the one that it was
     */
    record Move(List<Plugged> from, List<Plugged> to) implements Step {
        @Override
        public String text() {
            return "move " + from.stream().map(port -> port.port() + " from " + port.bridge() + " to "
                + to.get(from.indexOf(port)).bridge()).collect(Collectors.joining(", "));
        }

        @Override
        public void run(Site site) {
            Map<String, String> bridges = new LinkedHashMap<>();
            to.forEach(port -> bridges.put(port.port(), port.bridge()));
            site.driver().movePorts(site.network(), bridges);
        }

        @Override
        public void note(Set<Piece> held) {
            from.forEach(held::remove);
            held.addAll(to);
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
     * @param opened names of its vNICs whose ports the plan has opened
     */
    record ChangeGuest(Piece.Guest from, Piece.Guest to, Set<String> opened) implements Step {
        @Override
        public String text() {
            String name = to.spec().name();
            if (!to.runs()) {
                return "change stopped guest " + name;
            }
            List<String> words = new ArrayList<>();
            add(words, "unplug ", notIn(to.spec(), from.spec()));
            add(words, "plug in ", notIn(from.spec(), to.spec()));
            add(words, "re-plug ", replugged());
            if (words.isEmpty()) {
                return "configure guest " + name;
            }
            return String.join(", ", words) + " of guest " + name + (to.equals(from) ? "" : " and configure it");
        }

        private static void add(List<String> words, String verb, Set<String> nics) {
            if (!nics.isEmpty()) {
                words.add(verb + String.join(", ", nics));
            }
        }

        /** The vNICs that the first does not have, and the second does. */
        private static Set<String> notIn(GuestSpec first, GuestSpec second) {
            Set<String> names = new TreeSet<>();
            second.nics().stream().filter(nic -> first.nics().stream().noneMatch(nic::isSameDevice))
                .forEach(nic -> names.add(nic.name()));
            return names;
        }

        /** The vNICs that it had before and has now, on ports that are new. */
        private Set<String> replugged() {
            Set<String> names = new TreeSet<>(opened);
            names.removeAll(notIn(from.spec(), to.spec()));
            return names;
        }

        @Override
        public void run(Site site) {
            if (!to.runs()) {
                return;
            }
            Set<String> replugged = replugged();
            if (replugged.isEmpty()) {
                site.driver().configureGuest(site.network(), to.spec());
            } else {
                site.driver().replugGuest(site.network(), to.spec(), replugged);
            }
        }

        @Override
        public void note(Set<Piece> held) {
            held.remove(from);
            held.add(to);
        }
    }
}
