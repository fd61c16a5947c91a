/**
 * Layouts on the wire: Ethernet and Violin's tunnel protocol version 1. Static functions over a buffer and an offset;
 * they keep nothing, allocate nothing and throw nothing, whatever the bytes are. Usable by any thread. Imports
 * {@code counters} (for drop reasons) and Agrona's buffers.
 */
package org.violin.dataplane.wire;
