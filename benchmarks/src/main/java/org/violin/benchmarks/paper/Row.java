package org.violin.benchmarks.paper;

import java.util.List;
import java.util.Optional;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Programs;
import org.violin.benchmarks.report.Subject;

/**
 * A row of the figures.
 *
 * @param name     for the command line and JSON
 * @param title    for tables, as the paper has it
 * @param programs what it needs in PATH
 * @param packages the Debian packages those come from
 */
record Row(String name, Kind kind, String title, String description, String encryption, List<String> programs,
           List<String> packages, Starter starter) implements Subject {

    /** What rows have in common. */
    enum Kind {
        /** The network itself. */
        PHYSICAL(3),
        /** A guest, by what a VMM offers by itself. */
        GUEST(2),
        /** A guest on the Client's LAN. */
        VNET(2),
        /** A TCP port forwarded. */
        SSH(4),
        /** A tunnel of Violin's between Client and Host. */
        TUNNEL(2),
        /** Two guests in one network of Violin's. */
        VMS(2);

        private final int layer;

        Kind(int layer) {
            this.layer = layer;
        }
    }

    /** Brings the row up on a testbed; throws {@link BenchException} when it does not come. */
    @FunctionalInterface
    interface Starter {
        Route start(Testbed testbed);
    }

    /** The lowest layer that it carries: 4 is a stream. */
    @Override
    public int layer() {
        return kind.layer;
    }

    /** Which of its programs is not installed; empty if all are. */
    Optional<String> missingProgram() {
        return programs.stream().filter(program -> Programs.find(program).isEmpty()).findFirst();
    }
}
