package org.violin.control.identity;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.violin.control.TestRun;
import org.violin.control.keys.KeyAgreement;
import org.violin.control.keys.Sealing;
import org.violin.control.keys.SharedKey;
import org.violin.control.stream.TunnelName;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TunnelConfig;
import org.violin.dataplane.TunnelStatus;

/** Hosts with tunnels to several others, by one key, over real sockets. */
class SealedTunnelsTest {
    private final byte[] secret = new SecureRandom().generateSeed(SharedKey.BYTES);
    private final List<Host> hosts = new ArrayList<>();

    private final class Host implements AutoCloseable {
        private final SharedKey key = new SharedKey(secret.clone());
        private final Dataplane dataplane;
        private final SealedTunnels sealed;

        Host(int number) {
            InetAddress address = InetAddress.ofLiteral("127.0.0." + number);
            dataplane = Dataplane.launch(DataplaneConfig.of("host" + number, new InetSocketAddress(address, 0)));
            Sealing sealing = Sealing.by(key, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT);
            sealed = SealedTunnels.of(dataplane, Security.of(sealing), at(address), notice -> { });
            hosts.add(this);
        }

        private InetSocketAddress at(InetAddress address) {
            return new InetSocketAddress(address, dataplane.localPort());
        }

        InetSocketAddress address(int number) {
            return at(InetAddress.ofLiteral("127.0.0." + number));
        }

        void open(String tunnel, InetSocketAddress own, InetSocketAddress peer) {
            dataplane.openTunnel(TunnelConfig.sealed(tunnel, peer, 0));
            sealed.add(tunnel, tunnel, peer, TunnelName.between(own, peer), null);
        }

        TunnelStatus status(String tunnel) {
            return dataplane.tunnels().stream().filter(status -> status.name().equals(tunnel)).findFirst()
                .orElseThrow();
        }

        boolean isUp(String tunnel) {
            return status(tunnel).state().equals("up");
        }

        @Override
        public void close() {
            sealed.close();
            dataplane.close();
            key.close();
        }
    }

    @AfterEach
    void close() {
        hosts.forEach(Host::close);
    }

    /** A handshake of a host whose tunnel is not open here yet is for none of those that are. */
    @Test
    void aPeerThatIsEarlyIsNotTakenForAnother() {
        Host a = new Host(1);
        Host b = new Host(2);
        Host early = new Host(3);
        a.open("b", a.address(1), b.address(2));
        early.open("a", early.address(3), a.address(1));
        // It begins anew when it has waited long enough for an answer to the first.
        TestRun.await("two handshakes", () -> early.sealed.handshakes("a").getOrDefault("initiated", 0L) >= 2,
            () -> early.sealed.handshakes("a").toString());
        assertThat(a.status("b").remote()).isEqualTo("127.0.0.2:" + b.dataplane.localPort());
        assertThat(a.isUp("b")).isFalse();

        b.open("a", b.address(2), a.address(1));
        a.open("early", a.address(1), early.address(3));
        TestRun.await("all to be up", () -> a.isUp("b") && a.isUp("early") && b.isUp("a") && early.isUp("a"));
        assertThat(a.status("b").remote()).isEqualTo("127.0.0.2:" + b.dataplane.localPort());
        assertThat(a.status("early").remote()).isEqualTo("127.0.0.3:" + early.dataplane.localPort());
    }
}
