package org.violin.control.spec;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A gateway between a network and what its host is connected to: a TAP, and what is done with it.
 *
 * @param tap       its port; its addresses are the network's gateway (NAT)
 * @param outside   the host's interface that it leads to; empty: that of the default route (NAT)
 * @param allow     what the network may reach (NAT); nothing else passes
 * @param routes    to what lies behind routers of the network (NAT)
 * @param takesOver whether {@code outside} may be what the host's own default route leads to (bridge)
 * @param on        false: it is described, and nothing of it is there
 */
public record JetwaySpec(TapSpec tap, Mode mode, String outside, List<AllowSpec> allow,
    List<GuestSpec.RouteSpec> routes, boolean takesOver, boolean on) {

    /** {@code NAT}: the host routes and masquerades. {@code BRIDGE}: the network is plugged into the interface. */
    public enum Mode { NAT, BRIDGE }

    public JetwaySpec {
        allow = List.copyOf(allow);
        routes = List.copyOf(routes);
    }

    public String name() {
        return tap.name();
    }

    public JetwaySpec withTap(TapSpec newTap) {
        return new JetwaySpec(newTap, mode, outside, allow, routes, takesOver, on);
    }

    public JetwaySpec withOn(boolean nowOn) {
        return new JetwaySpec(tap, mode, outside, allow, routes, takesOver, nowOn);
    }

    /** For people: {@code NAT by eth1: tcp/443, ping}, {@code bridge to eth1}. */
    public String text() {
        if (mode == Mode.BRIDGE) {
            return "bridge to " + outside;
        }
        return "NAT by " + (outside.isEmpty() ? "the default route" : outside) + ": "
            + (allow.isEmpty() ? "nothing" : allowed());
    }

    /** What may pass, in the words of topology files. */
    public String allowed() {
        return mode == Mode.BRIDGE ? "everything"
            : allow.stream().map(AllowSpec::text).collect(Collectors.joining(", "));
    }
}
