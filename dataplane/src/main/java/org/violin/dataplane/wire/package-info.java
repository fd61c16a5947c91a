/**
 * Layouts on the wire: Ethernet, IP, TCP and UDP headers, virtio-net's, VXLAN's and L2TPv3's, and Violin's tunnel
 * protocol version 1; and the kernels of the fast path, which cut, join and sum frames. Static functions over a buffer
 * and an offset are usable by any thread; a reader, segmenter or coalescer belongs to one. Nothing here does I/O,
 * allocates or throws, whatever the bytes are. Imports {@code memory} (for the offload word), {@code counters} (for
 * drop reasons) and Agrona's buffers.
 */
package org.violin.dataplane.wire;
