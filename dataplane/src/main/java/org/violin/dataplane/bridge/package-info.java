/**
 * Decides where frames go: the learning switch, the patch, the tables of stations and of multicast groups. A decision
 * does no I/O and keeps no frame; ports are small indices that the dataplane gives out. A bridge is owned by one worker
 * and called by it alone; the tables, and what guards a port, are shared by all. Imports {@code wire}, {@code memory},
 * {@code counters} and Agrona's buffers.
 */
package org.violin.dataplane.bridge;
