package org.violin.control.spec;

/**
 * This host's end of a virtual cable to another host.
 *
 * @param name   unique in the network, the same at both ends
 * @param bridge the switch or patch it is plugged into here
 * @param peer   the {@link TunnelSpec#peer()} whose tunnel carries it
 * @param linkId the id on the wire, the same at both ends
 */
public record LinkSpec(String name, String bridge, String peer, int linkId) {
}
