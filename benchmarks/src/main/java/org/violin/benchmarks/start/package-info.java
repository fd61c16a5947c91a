/**
 * How soon {@code violin tunnel} forwards, how much memory it takes, and what it costs while nothing passes. Makes
 * namespaces of its own; needs root.
 */
package org.violin.benchmarks.start;
