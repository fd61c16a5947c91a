package org.violin.benchmarks.e2e;

import java.util.List;
import java.util.Optional;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Programs;
import org.violin.benchmarks.report.Subject;

/**
 * One way to join two hosts.
 *
 * @param name       for the command line, tables and namespaces
 * @param layer      2 if it carries Ethernet frames, 3 if only IP packets
 * @param encryption what it encrypts with, or "-"
 * @param programs   what it needs in PATH
 * @param packages   the Debian packages those come from
 * @param version    a command that prints a version; empty if there is none
 * @param device     the device the load goes through, of the same name at both ends
 */
record Side(String name, String description, int layer, String encryption, List<String> programs,
            List<String> packages, List<String> version, String device, Starter starter) implements Subject {

    /** Brings the side up between the two ends of a pair; throws {@link BenchException} when it does not come. */
    @FunctionalInterface
    interface Starter {
        void start(Pair pair);
    }

    /** Which of its programs is not installed; empty if all are. */
    Optional<String> missingProgram() {
        return programs.stream().filter(program -> Programs.find(program).isEmpty()).findFirst();
    }
}
