package org.violin.control.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.control.spec.GuestSpec.NicSpec;

class GuardSpecTest {
    private static final FitSpec NO_FIT = FitSpec.NONE;

    /** A guest with a vNIC on a switch here, one on a switch elsewhere and one on a lone cable. */
    private static NetworkSpec.Builder network(GuestSpec.Role role) {
        GuestSpec guest = new GuestSpec("g", role, 64, List.of(
            new NicSpec("eth0", "lan", "02:00:00:00:00:01", 1500, List.of("10.0.0.1/24", "fd00::1/64")),
            new NicSpec("eth1", "g.eth1", "02:00:00:00:00:02", 1500, List.of()),
            new NicSpec("eth2", "g.eth2", "02:00:00:00:00:03", 1500, List.of("10.2.0.1/30"))), List.of(), "");
        return new NetworkSpec.Builder("n", "a").guests(List.of(guest)).bridges(List.of(
                BridgeSpec.lan("lan", 1024, 300), BridgeSpec.patch("g.eth1"),
                BridgeSpec.patch("g.eth2")))
            .links(List.of(new LinkSpec("link:g.eth1", "g.eth1", "b", 1, NO_FIT),
                new LinkSpec("link:g.eth2:h.eth0", "g.eth2", "b", 2, NO_FIT)))
            .taps(List.of(new TapSpec("t", "vt0", "lan", 1500, List.of("10.0.0.9/24"))));
    }

    private static List<String> texts(NetworkSpec spec) {
        return GuardSpec.of(spec).stream().map(guard -> guard.port() + ": " + guard.text()).toList();
    }

    /** The port on the switch is opened so; a cable carries everything. */
    @Test
    void aGuestIsNoBridgeWhereverItsSwitchIs() {
        assertThat(texts(network(GuestSpec.Role.HOST).build())).containsExactly("g.eth1: bpdu drop");
    }

    @Test
    void portSecurityIsOfAllGuests() {
        assertThat(texts(network(GuestSpec.Role.HOST).portSecurity(true).build())).containsExactly(
            "g.eth0: macs 02:00:00:00:00:01, addresses 10.0.0.1 fd00::1, bpdu drop",
            "g.eth1: macs 02:00:00:00:00:02, no addresses, bpdu drop",
            "g.eth2: macs 02:00:00:00:00:03, addresses 10.2.0.1, bpdu pass");
    }

    @Test
    void aRouterSendsForOthers() {
        assertThat(texts(network(GuestSpec.Role.ROUTER).portSecurity(true).build())).containsExactly(
            "g.eth0: macs 02:00:00:00:00:01, bpdu drop", "g.eth1: macs 02:00:00:00:00:02, bpdu drop",
            "g.eth2: macs 02:00:00:00:00:03, bpdu pass");
    }

    @Test
    void whatIsSaidOfAPortIsAllThatItHas() {
        GuardSpec.Storm storm = new GuardSpec.Storm(1, 2, 3);
        NetworkSpec spec = network(GuestSpec.Role.HOST).portSecurity(true).guards(List.of(
            GuardSpec.open("g.eth0"), GuardSpec.open("g.eth1"),
            new GuardSpec("g.eth2", List.of("declared", "00:00:5e:00:01:01"), List.of("10.9.0.0/16"), 0, storm, true),
            new GuardSpec("t", GuardSpec.ANY, List.of("declared"), 5, GuardSpec.Storm.NONE, false),
            GuardSpec.open("link:g.eth1"))).build();
        assertThat(texts(spec)).containsExactly("g.eth0: bpdu pass",
            "g.eth2: macs 02:00:00:00:00:03 00:00:5e:00:01:01, addresses 10.9.0.0/16, broadcast 1/s, unknown 2/s,"
                + " multicast 3/s, bpdu drop",
            "t: addresses 10.0.0.9, max-macs 5, bpdu pass");
    }
}
