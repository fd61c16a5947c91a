package org.violin.dataplane;

import java.util.Map;

/**
 * A port as it was at one moment.
 *
 * @param kind      {@code tap}, {@code packet}, {@code unix}, {@code link}, {@code vxlan}, {@code l2tpv3} or
 *                  {@code memory}
 * @param bridge    the switch or patch it is attached to
 * @param detail    device, interface, socket path, addresses, or tunnel and link id; what the kernel does for it
 * @param up        frames can pass: the device is there, the interface up, the guest connected, the tunnel established,
 *                  and the host of the peer has not said that nobody listens there
 * @param rxFrames  frames that came in from the device, guest, peer or tunnel
 * @param txFrames  frames that went out to it
 * @param residence how long the frames that went out had been in the worker, from the poll that told of them to the
 *                  return of the system call that took them
 * @param drops     frames dropped at this port by reason (see {@code DropReason}); reasons with no drop are left out
 */
public record PortStatus(
    String name, String kind, String bridge, String detail, boolean up,
    long rxFrames, long rxBytes, long txFrames, long txBytes, Latency residence, Map<String, Long> drops) {
}
