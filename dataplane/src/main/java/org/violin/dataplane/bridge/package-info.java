/**
 * Decides where frames go: the learning switch, the patch, and the table of stations. A decision does no I/O and keeps
 * no frame; ports are small indices that the dataplane gives out. A bridge is owned by one worker and called by it
 * alone; the tables of stations are shared by all. Imports {@code wire}, {@code counters} and Agrona's buffers.
 */
package org.violin.dataplane.bridge;
