package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;

/** Sockets that share an address, and the kernel that chooses among them, over loopback. */
class EndpointTest {
    private static final int SOCKETS = 3;
    private static final int PEERS = 64;
    private static final int SLOTS = 256;

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1"})
    void theKernelGivesAPeersDatagramsToTheSocketThatIsTold(String host) throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getByName(host), 0);
        int[] fds = Devices.openUdp(any, SOCKETS);
        InetSocketAddress shared = new InetSocketAddress(any.getAddress(), Devices.localPort(fds[0]));
        int[] received = new int[SOCKETS];
        int[] expected = new int[SOCKETS];
        try (EpollPoller poller = new EpollPoller();
             OffHeap memory = OffHeap.map(FramePool.storageBytes(SLOTS, FramePool.SLOT_BYTES))) {
            FramePool pool = new FramePool(memory.buffer(), SLOTS, FramePool.SLOT_BYTES);
            DatagramChannel[] channels = new DatagramChannel[SOCKETS];
            for (int i = 0; i < SOCKETS; i++) {
                channels[i] = poller.udp(fds[i], () -> { });
            }
            for (int peer = 0; peer < PEERS; peer++) {
                InetSocketAddress from = send(poller, any, Endpoint.of(shared));
                expected[Endpoint.of(from).worker(SOCKETS)]++;
                for (int i = 0; i < SOCKETS; i++) {
                    FrameBatch batch = new FrameBatch();
                    received[i] += channels[i].receive(pool, batch);
                    batch.release(pool);
                }
                assertThat(received).as("after a datagram from %s", from).isEqualTo(expected);
            }
            for (DatagramChannel channel : channels) {
                channel.close();
            }
        }
        if (any.getAddress().getAddress().length == Integer.BYTES) {
            assertThat(Arrays.stream(received).min().orElseThrow()).as("the idlest socket").isPositive();
        }
    }

    private static InetSocketAddress send(Poller poller, InetSocketAddress any, Endpoint to) {
        int fd = Devices.openUdp(any, 1)[0];
        InetSocketAddress from = new InetSocketAddress(any.getAddress(), Devices.localPort(fd));
        try (DatagramChannel channel = poller.udp(fd, () -> { })) {
            channel.claimHeader(100);
            channel.end(to, null, null);
            channel.flush();
        }
        return from;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anAddressThatIsTakenIsRefusedWhetherItsOwnerSharesItOrNot(int owners) {
        int[] fds = Devices.openUdp(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), owners);
        InetSocketAddress taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), Devices.localPort(fds[0]));
        for (int count = 1; count <= 2; count++) {
            int wanted = count;
            assertThatThrownBy(() -> Devices.openUdp(taken, wanted)).hasMessageContaining("EADDRINUSE");
        }
        Arrays.stream(fds).forEach(Devices::close);
        Arrays.stream(Devices.openUdp(taken, 2)).forEach(Devices::close);
    }
}
