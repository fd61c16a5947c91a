package org.violin.control.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.NicChange.Wanted;

/** What is plugged in by hand is what the planner would have made of a file that says so. */
class NicChangeTest {
    private static final String FILE = """
        network: n
        hosts: {a: {netns: true}, b: {netns: true}, c: {netns: true}}
        switches: {near: {host: a}, far: {host: b}, alone: {host: c}}
        nodes:
          v: {host: a, nics: [{switch: near, addresses: [10.0.0.1/24]}, {}]}
          w: {host: b, nics: [{}, {switch: near, addresses: [10.0.0.2/24]}, {switch: far, mtu: 1400}]}
        links: [{ends: [v.eth1, w.eth0]}]
        tunnels: [{ends: [a, b], df: honor}]
        port-security: true
        """;

    private static Plan plan(String file) throws TopologyException {
        return Planner.plan(TopologyFile.parse("file", file.getBytes(StandardCharsets.UTF_8)));
    }

    private static Map<String, NetworkSpec> specs(Plan plan) {
        Map<String, NetworkSpec> specs = new HashMap<>();
        plan.hosts().forEach(host -> specs.put(host.name(), host.spec()));
        return specs;
    }

    private static NicChange change(Plan plan) {
        Map<String, String> underlays = new HashMap<>();
        plan.hosts().forEach(host -> underlays.put(host.name(), host.underlay()));
        return new NicChange("n", specs(plan), underlays);
    }

    private static Wanted wanted(String... addresses) {
        return new Wanted(null, null, 0, List.of(addresses));
    }

    /** On the guest's own host; on another one with a tunnel there; on one without. */
    @ParameterizedTest
    @CsvSource({"near, 1500, a", "far, 1400, ba", "alone, 1500, ca"})
    void attachingIsWhatThePlannerMakesOfOneMoreNic(String switchName, int mtu, String order) throws Exception {
        Plan before = plan(FILE);
        Plan after = plan(FILE.replace("[10.0.0.1/24]}, {}]",
            "[10.0.0.1/24]}, {}, {switch: " + switchName + ", mtu: " + mtu + ", addresses: [10.0.0.9/24]}]"));
        NicChange.Changed attached = change(before).attach("v", switchName, wanted("10.0.0.9/24"));
        assertThat(String.join("", attached.specs().keySet())).isEqualTo(order);
        Map<String, NetworkSpec> now = specs(before);
        now.putAll(attached.specs());
        assertThat(now).isEqualTo(specs(after));

        NicChange.Changed detached = change(after).detach("v", "eth2");
        assertThat(String.join("", detached.specs().keySet())).isEqualTo(new StringBuilder(order).reverse().toString());
        now.putAll(detached.specs());
        assertThat(now).isEqualTo(specs(before));
    }

    @Test
    void theGuardOfANicGoesWithItAtBothHosts() throws Exception {
        Plan guarded = plan(FILE.replace("mtu: 1400}", "mtu: 1400}, {switch: near, guard: {max-macs: 4}}"));
        Map<String, NetworkSpec> now = specs(guarded);
        assertThat(now.get("a").guards()).extracting(GuardSpec::port).containsExactly("link:w.eth3");
        assertThat(now.get("b").guards()).extracting(GuardSpec::port).containsExactly("w.eth3");
        now.putAll(change(guarded).detach("w", "eth3").specs());
        assertThat(now).isEqualTo(specs(plan(FILE)));
    }

    @Test
    void aNicInTheMiddleCanGoAndComeBack() throws Exception {
        Plan plan = plan(FILE);
        NicChange.Changed detached = change(plan).detach("w", "eth1");
        Map<String, NetworkSpec> now = specs(plan);
        now.putAll(detached.specs());
        NicChange.Changed attached = new NicChange("n", now, Map.of()).attach("w", "near", wanted("10.0.0.2/24"));
        assertThat(attached.nic().name()).isEqualTo("eth1");
        now.putAll(attached.specs());
        assertThat(now).isEqualTo(specs(plan));
    }

    @Test
    void whatIsWrongIsTold() throws Exception {
        NicChange change = change(plan(FILE));
        assertRefused(() -> change.attach("x", "near", wanted()), "there is no node 'x'");
        assertRefused(() -> change.attach("v", "nea", wanted()), "there is no switch 'nea'; did you mean 'near'?");
        assertRefused(() -> change.attach("v", "near", wanted("10.0.0.2/8")),
            "10.0.0.2 is w.eth1's on the same switch");
        assertRefused(() -> change.attach("v", "near", wanted("10.0.0.2")), "a prefix length is missing");
        assertRefused(() -> change.attach("v", "near", wanted("10.0.0.0/24")), "the network's own address");
        assertRefused(() -> change.attach("v", "far", new Wanted(null, null, 1500, List.of())),
            "an MTU of 1500 while w.eth2 on the same switch has 1400");
        assertRefused(() -> change.attach("v", "near", new Wanted("eth1", null, 0, List.of())),
            "node v has an eth1 already");
        assertRefused(() -> change.attach("v", "near", new Wanted("lan", null, 0, List.of())),
            "'lan': a vNIC's name is eth0 to eth9999");
        assertRefused(() -> change.detach("v", "eth7"), "there is no 'v.eth7'");
        assertRefused(() -> change.detach("v", "eth1"), "'v.eth1' is an end of a lone cable");
    }

    private static void assertRefused(Runnable change, String why) {
        assertThatThrownBy(change::run).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(why);
    }
}
