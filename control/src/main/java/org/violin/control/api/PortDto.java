package org.violin.control.api;

import java.util.Map;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.Transport;

/**
 * A port of a network.
 *
 * @param kind       {@code tap}, {@code packet}, {@code unix}, {@code link}, {@code vxlan} or {@code l2tpv3}
 * @param bridge     the switch or patch it is plugged into
 * @param detail     device, interface, socket path, addresses, or tunnel and link id; what the kernel does for it
 * @param up         frames can pass
 * @param rxFrames   frames that came in from the device, guest, peer or tunnel
 * @param txFrames   frames that went out to it
 * @param drops      frames dropped at this port by reason
 * @param impairment what becomes of the frames that leave by it; null: nothing
 * @param fec        how the tunnel that carries it is protected; null: not, or it is no link
 * @param transport  what that tunnel goes by; null: UDP, or it is no link
 * @param fit        what those who send through a link are told; null: nothing, or it is no link
 */
public record PortDto(
    String network, String name, String kind, String bridge, String detail, boolean up,
    long rxFrames, long rxBytes, long txFrames, long txBytes, Map<String, Long> drops,
    LineSpec impairment, FecSpec fec, Transport transport, FitSpec fit) {
}
