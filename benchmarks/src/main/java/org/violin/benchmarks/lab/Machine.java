package org.violin.benchmarks.lab;

import java.util.List;

/** Where a load's programs run. */
public interface Machine {

    /** Starts a program of a load, with a log of its own. */
    Spawned load(String name, List<String> command);
}
