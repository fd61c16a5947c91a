/**
 * Measuring a tunnel with what guests send (docs/tuning.md). A {@link org.violin.control.tune.Trial} is one end of it,
 * in a daemon: a link of its own, and real sockets at its TAP, in a network namespace where nothing else is. One end
 * sends, the other receives; neither waits for the other longer than a bound, so a path that dies is a result. What was
 * measured becomes {@link org.violin.control.tune.Figures}, and {@link org.violin.control.tune.Advice} of these, by
 * whoever has both ends' reports.
 *
 * <p>Threads: the load has platform threads of its own, which block, so that the CPU time that is theirs can be told
 * from the daemon's. Reports may be asked for by any thread. Imports spec, os and host.
 */
package org.violin.control.tune;
