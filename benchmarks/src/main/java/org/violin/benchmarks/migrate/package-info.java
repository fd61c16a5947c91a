/**
 * For how long a switch that moves to another host keeps frames from passing. The network is one that {@code violin up}
 * brings up, in namespaces named as the lab's are, which removes what is left of them; needs root.
 *
 * <p>One thread gives the commands; the streams have one for each host, whose work is in the figures.
 */
package org.violin.benchmarks.migrate;
