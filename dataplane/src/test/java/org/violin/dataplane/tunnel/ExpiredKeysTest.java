package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.PlainCipher;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.EpollPoller;
import org.violin.dataplane.wire.TunnelCodec;

/** Keys whose time ends while datagrams that are sealed with them wait: a worker's part, with its time by hand. */
class ExpiredKeysTest {
    private static final int SLOTS = 64;
    private static final int OWN = 1;
    private static final int PEERS = 2;
    private static final long POLL_NS = TimeUnit.SECONDS.toNanos(10);

    private final byte[] key = new byte[32];
    private final FramePool pool = new FramePool(new UnsafeBuffer(
        ByteBuffer.allocateDirect((int) FramePool.storageBytes(SLOTS, FramePool.SLOT_BYTES))), SLOTS,
        FramePool.SLOT_BYTES);

    private byte[] hello(long counter) throws Exception {
        UnsafeBuffer hello = new UnsafeBuffer(new byte[TunnelCodec.HELLO_BYTES]);
        TunnelCodec.writeHeader(hello, 0, TunnelCodec.TYPE_HELLO, OWN, counter);
        hello.putInt(TunnelCodec.HELLO_SENDER_INDEX, PEERS, ByteOrder.BIG_ENDIAN);
        hello.putShort(TunnelCodec.HELLO_RECEIVE_LIMIT, (short) 1472, ByteOrder.BIG_ENDIAN);
        return PlainCipher.seal(Aead.Cipher.AES_256_GCM, key, hello.byteArray());
    }

    private static void add(DatagramChannel channel, byte[] datagram, Endpoint to) {
        int header = channel.claimHeader(datagram.length);
        channel.headers().putBytes(header, datagram);
        channel.end(to, null, null);
    }

    @Test
    void hellosOfOneBufferAreTakenWhoseKeysEndWithTheFirst() throws Exception {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        EpollPoller poller = new EpollPoller();
        TunnelSocket socket = new TunnelSocket(Devices.openUdp(any, 1)[0], 0, new HandshakeQueue());
        boolean[] isReady = new boolean[1];
        socket.attach(poller, () -> isReady[0] = true);
        int peerFd = Devices.openUdp(any, 1)[0];
        Endpoint peersAddress = Endpoint.of(new InetSocketAddress(any.getAddress(), Devices.localPort(peerFd)));
        DatagramChannel peer = poller.udp(peerFd, () -> { });

        Tunnel tunnel = new Tunnel("peer", peersAddress, 1500, 0, 1, TunnelSession.sealed(1472, 0, 0), 0);
        socket.onOpen(pool, tunnel, 0);
        Epoch epoch = Epoch.sealed(OWN, PEERS, Aead.Cipher.AES_256_GCM, key, key, 1, true, 0);
        assertThat(socket.onKeys(pool, tunnel, epoch, 0)).isTrue();
        Endpoint own = Endpoint.of(new InetSocketAddress(any.getAddress(), socket.localPort()));
        add(peer, hello(0), own);
        add(peer, hello(1), own);
        peer.flush();
        long deadlineNs = System.nanoTime() + POLL_NS;
        while (!isReady[0]) {
            assertThat(System.nanoTime()).as("when they have come").isLessThan(deadlineNs);
            poller.poll(POLL_NS);
        }
        socket.receive(pool, Epochs.LIFETIME_NS);

        assertThat(tunnel.counters(0).get(PortCounter.RX_FRAMES)).isEqualTo(2);
        assertThat(tunnel.counters(0).drops(DropReason.REPLAYED)).isZero();
        assertThat(tunnel.session().epoch()).as("keys to send with").isNull();
        socket.onClose(pool, tunnel);
        socket.takeRetired(tunnel, true).forEach(Epoch::close);
        socket.close(pool);
        peer.close();
        poller.close();
        pool.checkBalance();
    }
}
