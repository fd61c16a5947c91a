package org.violin.control.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.violin.control.api.ApiJson;
import org.violin.control.client.Underlay.Member;

class UnderlayTest {
    private static final Member MEMBER = new Member("a", "198.18.2.3");
    private final Underlay underlay = new Underlay("n");

    private static Map<String, JsonNode> interfaces(String json) {
        return Underlay.byName(ApiJson.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8),
            JsonNode.class));
    }

    @Test
    void makesEverythingInAnEmptyNamespace() {
        Map<String, JsonNode> board = interfaces("[{'ifname':'lo','flags':['LOOPBACK']}]");
        Map<String, JsonNode> host = interfaces("[{'ifname':'lo','flags':['LOOPBACK']}]");
        assertThat(underlay.boardCommands(board)).containsExactly("link set lo up",
            "link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0", "link set br0 up");
        assertThat(underlay.cableCommands(MEMBER, board, host))
            .containsExactly("link add port515 type veth peer name eth0 netns violin-n-a");
        assertThat(underlay.portCommands(MEMBER, board)).containsExactly("link set port515 master br0 up");
        assertThat(underlay.hostCommands(MEMBER, host)).containsExactly("link set lo up",
            "addr replace 198.18.2.3/16 dev eth0", "link set eth0 up");
    }

    @Test
    void leavesAloneWhatIsRight() {
        Map<String, JsonNode> board = interfaces("[{'ifname':'lo','flags':['UP']},{'ifname':'br0','flags':['UP']},"
            + "{'ifname':'port515','flags':['BROADCAST','UP'],'master':'br0'}]");
        Map<String, JsonNode> host = interfaces("[{'ifname':'lo','flags':['UP']},{'ifname':'eth0','flags':['UP'],"
            + "'addr_info':[{'local':'198.18.2.3','prefixlen':16}]}]");
        assertThat(underlay.boardCommands(board)).isEmpty();
        assertThat(underlay.portCommands(MEMBER, board)).isEmpty();
        assertThat(underlay.hostCommands(MEMBER, host)).isEmpty();
    }

    @Test
    void mendsWhatIsNot() {
        Map<String, JsonNode> board = interfaces("[{'ifname':'port515','flags':[],'master':'br1'}]");
        Map<String, JsonNode> host = interfaces("[{'ifname':'lo','flags':['UP']},{'ifname':'eth0','flags':[],"
            + "'addr_info':[{'local':'198.18.2.3','prefixlen':24}]}]");
        assertThat(underlay.portCommands(MEMBER, board)).containsExactly("link set port515 master br0 up");
        assertThat(underlay.hostCommands(MEMBER, host)).containsExactly("addr replace 198.18.2.3/16 dev eth0",
            "link set eth0 up");
    }

    @Test
    void replacesACableWithOneEndAndTouchesNoneOfOthers() {
        Map<String, JsonNode> none = interfaces("[]");
        Map<String, JsonNode> port = interfaces("[{'ifname':'port515','flags':[]}]");
        Map<String, JsonNode> eth0 = interfaces("[{'ifname':'eth0','flags':[]}]");
        assertThat(underlay.cableCommands(MEMBER, port, none)).containsExactly("link del port515",
            "link add port515 type veth peer name eth0 netns violin-n-a");
        assertThatThrownBy(() -> underlay.cableCommands(MEMBER, none, eth0))
            .hasMessageContaining("ip -n violin-n-a link del eth0");
    }
}
