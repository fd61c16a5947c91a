package org.violin.control.spec;

/**
 * This host's end of a virtual cable to another host.
 *
 * @param name   unique in the network, the same at both ends
 * @param bridge the switch or patch it is plugged into here
 * @param peer   the {@link TunnelSpec#peer()} whose tunnel carries it
 * @param linkId the id on the wire, the same at both ends
 * @param fit    what those who send through it are told; null, as in what versions without it have written: nothing
 */
public record LinkSpec(String name, String bridge, String peer, int linkId, FitSpec fit) {

    public LinkSpec {
        fit = fit == null ? FitSpec.NONE : fit;
    }

    public LinkSpec withFit(FitSpec newFit) {
        return new LinkSpec(name, bridge, peer, linkId, newFit);
    }
}
