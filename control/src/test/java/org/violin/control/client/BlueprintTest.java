package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.client.NetworkRecord.Kind;
import org.violin.control.topology.Plan;
import org.violin.control.topology.Planner;
import org.violin.control.topology.Topology;
import org.violin.control.topology.TopologyFile;

class BlueprintTest {
    @TempDir
    private Path directory;
    private Registry registry;

    @BeforeEach
    void open() {
        registry = new Registry(new Home(directory));
    }

    private static Topology topology(String yaml) throws Exception {
        return TopologyFile.parse("test.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private List<Host> hosts(String yaml) throws Exception {
        return Blueprint.hosts(Planner.plan(topology(yaml)), registry.home());
    }

    @Test
    void aNamespaceHasItsStateInTheHomeAndADaemonItsOwn() throws Exception {
        Host a = hosts("network: vtx\nhosts: { a: { netns: true } }\n").getFirst();
        assertThat(a.netns()).isTrue();
        assertThat(a.socket()).isEqualTo(directory + "/hosts/vtx.a/api.sock");
        assertThat(a.address()).startsWith("198.18.").endsWith(":7000");
        assertThat(hosts("network: vtx\nhosts: { b: { daemon: /b/api.sock, underlay: '192.0.2.1:7000' } }\n"))
            .containsExactly(new Host("b", Kind.DAEMON, "192.0.2.1:7000", null, "/b/api.sock"));
    }

    @Test
    void aNamespaceKeepsItsAddress() throws Exception {
        Host held = new Host("a", Kind.NETNS, "198.18.7.7:7000", "", "");
        Map<String, String> addresses = Blueprint.heldAddresses(
            Optional.of(new NetworkRecord("vtx", "", "", List.of(held))));
        Plan plan = Planner.plan(topology("network: vtx\nhosts: { a: { netns: true } }\n"), addresses);
        assertThat(Blueprint.hosts(plan, registry.home()).getFirst().address()).isEqualTo("198.18.7.7:7000");
    }

    @Test
    void aHostCannotChangeItsNature() throws Exception {
        List<Host> namespace = hosts("network: vtx\nhosts: { a: { netns: true } }\n");
        List<Host> daemon = hosts("network: vtx\nhosts: { a: { daemon: /b/api.sock, underlay: '192.0.2.1:7000' } }\n");
        Optional<NetworkRecord> previous = Optional.of(new NetworkRecord("vtx", "", "", daemon));
        assertThatThrownBy(() -> Blueprint.check("vtx", namespace, previous, registry))
            .hasMessage("host a: was the daemon at /b/api.sock and is now a namespace: run violin down vtx first");
        assertThatCode(() -> Blueprint.check("vtx", daemon, previous, registry)).doesNotThrowAnyException();
    }

    @Test
    void noTwoNetworksShareANamespace() throws Exception {
        List<Host> theirs = hosts("network: vtx\nhosts: { y-z: { netns: true } }\n");
        registry.write(new NetworkRecord("vtx", "", "", theirs));
        List<Host> ours = hosts("network: vtx-y\nhosts: { z: { netns: true } }\n");
        assertThatThrownBy(() -> Blueprint.check("vtx-y", ours, Optional.empty(), registry))
            .hasMessageContaining("violin-vtx-y-z is one of network vtx");
        List<Host> reserved = hosts("network: vtx-y\nhosts: { underlay: { netns: true } }\n");
        assertThatThrownBy(() -> Blueprint.check("vtx-y", reserved, Optional.empty(), registry))
            .hasMessageContaining("choose another");
    }

    @Test
    void aDryRunWithoutADaemonShowsAllThatWouldBeMade() throws Exception {
        Plan plan = Planner.plan(topology("""
            network: vtx
            hosts: { a: { netns: true } }
            switches: { lan: { host: a } }
            nodes: { g: { host: a, nics: [ { switch: lan } ] } }
            """));
        Host host = Blueprint.hosts(plan, registry.home()).getFirst();
        assertThat(Blueprint.dryRun("vtx", host, plan.hosts().getFirst().spec())).containsExactly(
            "make namespace violin-vtx-a with address " + Blueprint.member(host).address(), "start its daemon",
            "add switch lan", "start guest g");
    }

    @Test
    void namesWhatTheMachineLacks() throws Exception {
        Topology needy = topology("""
            network: vtx
            hosts: { a: { netns: true } }
            switches: { lan: { host: a } }
            taps: { t0: { host: a, switch: lan } }
            """);
        assertThat(Preflight.missing(needy, 1000, "/nonexistent", false)).hasSize(4)
            .anySatisfy(line -> assertThat(line).contains("needs root"))
            .anySatisfy(line -> assertThat(line).contains("apt-get install -y iproute2"))
            .anySatisfy(line -> assertThat(line).contains("modprobe tun"));
        Topology modest = topology("network: vtx\nhosts: { a: { daemon: /a, underlay: '192.0.2.1:7000' } }\n");
        assertThat(Preflight.missing(modest, 1000, "/nonexistent", false)).isEmpty();
    }
}
