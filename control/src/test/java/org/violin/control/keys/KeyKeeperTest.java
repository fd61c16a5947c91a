package org.violin.control.keys;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.violin.control.TestRun;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TunnelConfig;

/** Two dataplanes on loopback, and what keeps their tunnels in keys. */
class KeyKeeperTest {

    private static Dataplane launch(String name) {
        return Dataplane.launch(DataplaneConfig.of(name, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
    }

    private static InetSocketAddress address(Dataplane dataplane) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), dataplane.localPort());
    }

    /** @param fill of the shared key */
    private static void open(Dataplane dataplane, KeyKeeper keeper, String tunnel, InetSocketAddress remote, int fill) {
        byte[] bytes = new byte[SharedKey.BYTES];
        Arrays.fill(bytes, (byte) fill);
        dataplane.openTunnel(TunnelConfig.sealed(tunnel, remote, 0));
        try (SharedKey key = new SharedKey(bytes)) {
            keeper.add(tunnel, Sealing.by(key, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT));
        }
    }

    /** As when a lease, or a NAT's port, has gone from one to the other. */
    @Test
    void aPeerAtTheAddressOfAnotherThatHasGoneGetsItsOwnKeys() {
        try (Dataplane here = launch("here"); Dataplane there = launch("there");
            KeyKeeper keysHere = new KeyKeeper(here); KeyKeeper keysThere = new KeyKeeper(there)) {
            open(here, keysHere, "gone", address(there), 1);
            open(here, keysHere, "peer", null, 2);
            open(there, keysThere, "here", address(here), 2);
            TestRun.await("the tunnel", () -> here.tunnels().stream()
                .anyMatch(tunnel -> tunnel.name().equals("peer") && tunnel.state().equals("up")));
        }
    }
}
