/** JMH micro-benchmarks. They may import everything; nothing imports them. */
package org.violin.benchmarks;
