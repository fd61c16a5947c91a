/** {@code violin bench gate}: micro-benchmarks held to bounds. One thread; imports JMH and the benchmarks. */
package org.violin.benchmarks.gate;
