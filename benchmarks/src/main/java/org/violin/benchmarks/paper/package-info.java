/**
 * The measurements of the two papers, repeated: {@code violin bench paper}.
 *
 * <p>A {@link org.violin.benchmarks.paper.Testbed} is Figure 3 of the VNET paper, made of namespaces; a
 * {@link org.violin.benchmarks.paper.Row} is a row of its figures 4 to 6, or of ours; a
 * {@link org.violin.benchmarks.paper.Route} is what a row measures on a testbed. All rows of a testbed are started
 * first and stay up; then each has its turn, round after round. One thread does everything, and sleeps while a load
 * runs.
 */
package org.violin.benchmarks.paper;
