package org.violin.control.vnet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.violin.control.Seeds;
import org.violin.control.keys.SharedKey;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;
import org.violin.control.vnet.HandlerSpec.Role;

/** What handlers go by: as words, by which key, and what servers make of it. */
class WayTest {
    private static final InetAddress V4 = InetAddress.ofLiteral("192.0.2.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("2001:db8::1");

    private static HandlerSpec spec(String device, Transport transport) {
        return new HandlerSpec(Role.PROXY, device, "vm0", List.of(2L), new Way(transport, FecSpec.OFF));
    }

    /** Any words at all: what is understood is understood again as it is said, and all else is one line. */
    @Test
    void wordsAreUnderstoodOrRefused() {
        SplittableRandom random = Seeds.random("WayTest");
        List<String> some = List.of("UDP", "udp", "AUTO", "Auto", "TCP", "tls", "FEC:off", "fec:AUTO", "FEC:1+1",
            "FEC:10+3x4", "FEC:10+3/ordered", "FEC:off/ordered", "FEC:99+1", "FEC:", "FEC:0+0", "FEC", "VIA",
            "020000000001", "x", "FEC:\u0130");
        int understood = 0;
        for (int round = 0; round < 20_000; round++) {
            List<String> words = random.ints(random.nextInt(4), 0, some.size()).mapToObj(some::get).toList();
            List<String> last = words.subList(Way.begin(words), words.size());
            try {
                Way way = Way.parse(last);
                String said = way.text().strip();
                assertUnderstood(said, way);
                understood++;
            } catch (Refusal e) {
                assertThat(e.line()).matches("ERROR (transport|syntax) [ -~]+");
            }
        }
        assertThat(understood).isGreaterThan(1000);
    }

    private static void assertUnderstood(String said, Way way) throws Refusal {
        assertThat(Way.parse(said.isEmpty() ? List.of() : List.of(said.split(" ")))).isEqualTo(way);
    }

    /** The one of docs/vnet.md. */
    @Test
    void theKeyComesOfTheToken() throws Exception {
        Token token = Token.parse("3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs");
        try (SharedKey key = token.key(); SharedKey expected = new SharedKey(HexFormat.of().parseHex(
            "dec42ea563b1c08e8030702f475783bc1ea15d59af1336f13da7ea23e0699e56"))) {
            assertThat(key.fingerprint()).isEqualTo(expected.fingerprint());
        }
    }

    @Test
    void aServerGrantsWhatItHas() throws Exception {
        Terms none = new Terms(null, Set.of("lan0", "lan1"));
        none.check(spec("lan1", Transport.TCP), V6);
        assertThatThrownBy(() -> none.check(spec("eth0", Transport.TCP), V4)).isInstanceOf(Refusal.class)
            .hasMessage("'eth0': handlers here may have lan0, lan1, and no other interface");
        assertThatThrownBy(() -> none.check(spec("lan0", Transport.AUTO), V4)).isInstanceOf(Refusal.class)
            .hasMessageContaining("no UDP port").hasMessageContaining("--udp ADDRESS:PORT");
        Terms udp = new Terms(new InetSocketAddress(V4, 7700), Set.of());
        udp.check(spec("eth0", Transport.UDP), V4);
        udp.check(spec("eth0", Transport.TCP), V6);
        assertThatThrownBy(() -> udp.check(spec("eth0", Transport.UDP), V6)).isInstanceOf(Refusal.class)
            .hasMessageContaining("of IPv4 alone");
    }

    @Test
    void noOtherInterfaceIsListed() {
        assertThat(DeviceList.lines(new Terms(null, Set.of("eth1")), """
            2: eth0: <UP> mtu 1500 qdisc noqueue \\    link/ether 02:00:00:00:00:01 brd ff:ff:ff:ff:ff:ff
            3: eth1: <UP> mtu 1500 qdisc noqueue \\    link/ether 02:00:00:00:00:02 brd ff:ff:ff:ff:ff:ff
            """)).containsExactly("DEVICE eth1 02:00:00:00:00:02 1500 up", "OK 1 devices");
    }
}
