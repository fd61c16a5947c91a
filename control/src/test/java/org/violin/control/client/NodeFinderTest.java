package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.control.api.NodeDto;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.client.NetworkRecord.Kind;
import org.violin.control.client.Survey.Answer;

class NodeFinderTest {
    private static Answer<List<NodeDto>> answer(String network, String host, String... nodes) {
        List<NodeDto> list = List.of(nodes).stream().map(name -> node(network, name, null)).toList();
        return new Answer<>(network, host(host), list, null);
    }

    private static NodeDto node(String network, String name, String leavingFor) {
        return new NodeDto(network, name, "host", "ready", "running", 1, null, 64, List.of(), "", leavingFor);
    }

    private static Host host(String name) {
        return new Host(name, Kind.DAEMON, "", null, "/" + name + "/api.sock");
    }

    @Test
    void findsTheOneNode() {
        NodeFinder.Found found = NodeFinder.choose("g2", "g2", List.of(answer("n", "a", "g1"), answer("n", "b", "g2")));
        assertThat(found.fullName()).isEqualTo("n/g2");
        assertThat(found.daemon().hostName()).isEqualTo("b");
    }

    @Test
    void asksWhichOfSeveral() {
        assertThatThrownBy(() -> NodeFinder.choose("g", "g", List.of(answer("n", "a", "g"), answer("m", "b", "g"))))
            .isInstanceOf(ClientException.class).hasMessage("g may be any of n/g, m/g: say which");
    }

    @Test
    void aNodeOnItsWayIsWhereItHasComeTo() {
        Answer<List<NodeDto>> old = new Answer<>("n", host("a"), List.of(node("n", "g", "b")), null);
        assertThat(NodeFinder.choose("g", "g", List.of(old)).daemon().hostName()).isEqualTo("a");
        assertThat(NodeFinder.choose("g", "g", List.of(old, answer("n", "b", "g"))).daemon().hostName())
            .isEqualTo("b");
        assertThatThrownBy(() -> NodeFinder.choose("g", "g", List.of(old, answer("m", "c", "g"))))
            .hasMessage("g may be any of n/g, m/g: say which");
    }

    @Test
    void saysWhatThereIsInstead() {
        assertThatThrownBy(() -> NodeFinder.choose("x", "x", List.of(answer("n", "a", "g1", "g2"))))
            .hasMessage("no node x is up: there is g1, g2");
        assertThatThrownBy(() -> NodeFinder.choose("x", "x", List.of()))
            .hasMessage("no node x: no network is up (violin up FILE brings one up)");
    }

    @Test
    void saysWhichDaemonCouldNotBeAsked() {
        assertThatThrownBy(() -> NodeFinder.choose("x", "x", List.of(answer("n", "a", "g"),
            new Answer<>("n", host("b"), null, "b: its daemon does not answer"))))
            .hasMessage("no node x is up: b: its daemon does not answer");
    }
}
