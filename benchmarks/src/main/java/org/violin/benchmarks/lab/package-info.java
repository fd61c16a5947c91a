/**
 * What every benchmark on whole programs stands on: the machine taken for one run, hosts that are network namespaces,
 * programs that run in them, and what the kernel says of these.
 *
 * <p>One thread works with a {@link org.violin.benchmarks.lab.Lab} and all that is made in it; closing it may come from
 * another, such as the one that ends the JVM.
 */
package org.violin.benchmarks.lab;
