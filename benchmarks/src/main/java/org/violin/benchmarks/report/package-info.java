/**
 * The figures of a run, round by round, and the report that is made of them: tables, plots, what the load generators
 * said, and what it all depends on. Knows nothing of how figures come about; one thread.
 */
package org.violin.benchmarks.report;
