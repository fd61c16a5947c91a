package org.violin.control.cli;

import java.nio.file.Path;
import org.violin.control.topology.Topology;
import org.violin.control.topology.TopologyException;
import org.violin.control.topology.TopologyFile;

/** Reads topology files for commands. */
final class Topologies {
    private Topologies() {
    }

    /** Null when the file is wrong; then every error has been written to standard error. */
    static Topology load(Path file) {
        try {
            return TopologyFile.load(file);
        } catch (TopologyException e) {
            e.errors().forEach(System.err::println);
            return null;
        }
    }
}
