/**
 * Documented counters, the reasons of drops, and histograms of latency. A counter has one writer, the worker that owns
 * the object counted, or is added to atomically; any thread may read. Imports nothing of the dataplane.
 */
package org.violin.dataplane.counters;
