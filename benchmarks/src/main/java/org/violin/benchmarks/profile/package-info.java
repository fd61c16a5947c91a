/**
 * Where the cycles of a load go: what {@code perf script} says of a recording becomes stacks that are folded and drawn
 * as a flame graph, and a table of activities. Text in, text out; nothing here runs a program.
 */
package org.violin.benchmarks.profile;
