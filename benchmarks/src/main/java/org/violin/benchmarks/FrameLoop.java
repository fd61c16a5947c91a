package org.violin.benchmarks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.memory.Offload;
import org.violin.dataplane.sys.DatagramChannel;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.Poller;

/** Two sockets: frames of 64 bytes that are sent by the one come in by the other. */
public abstract class FrameLoop implements AutoCloseable {
    private static final int FRAME_BYTES = 64;

    /** What a worker's sockets are: a guest's, or that of all tunnels. */
    public enum Kind {
        UNIX {
            @Override
            FrameLoop open(Poller poller, FramePool pool) throws IOException {
                return new Unix(poller, pool);
            }
        },
        UDP {
            @Override
            FrameLoop open(Poller poller, FramePool pool) {
                return new Udp(poller, pool);
            }
        };

        abstract FrameLoop open(Poller poller, FramePool pool) throws IOException;
    }

    final FramePool pool;
    final FrameBatch batch = new FrameBatch();

    private FrameLoop(FramePool pool) {
        this.pool = pool;
    }

    /** Sends at most 64 frames. */
    abstract void send(int count);

    /** Takes what has come: how many frames. */
    abstract int receive();

    @Override
    public abstract void close();

    private static final class Unix extends FrameLoop {
        private final PortCounters counters = new PortCounters();
        private final FrameChannel out;
        private final FrameChannel in;

        Unix(Poller poller, FramePool pool) throws IOException {
            super(pool);
            Path folder = Files.createTempDirectory("violin-bench");
            Path path = folder.resolve("port");
            int listener = Devices.listenUnix(path);
            out = poller.seqpacketEgress(Devices.connectUnix(path));
            in = poller.seqpacket(Devices.acceptUnix(listener), () -> { });
            Devices.close(listener);
            Files.delete(path);
            Files.delete(folder);
        }

        @Override
        void send(int count) {
            for (int i = 0; i < count; i++) {
                int slot = pool.claim();
                batch.add(slot, pool.offset(slot), FRAME_BYTES, Offload.NONE);
            }
            out.send(pool, batch, counters);
        }

        @Override
        int receive() {
            int count = in.receive(pool, batch, counters);
            batch.release(pool);
            return count;
        }

        @Override
        public void close() {
            out.close();
            in.close();
        }
    }

    /** Datagrams of one size: the kernel carries those of one send in one piece. */
    private static final class Udp extends FrameLoop {
        private final DatagramChannel out;
        private final DatagramChannel in;
        private final Endpoint to;

        Udp(Poller poller, FramePool pool) {
            super(pool);
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            int fd = Devices.openUdp(any, 1)[0];
            to = Endpoint.of(new InetSocketAddress(any.getAddress(), Devices.localPort(fd)));
            in = poller.udp(fd, () -> { });
            out = poller.udp(Devices.openUdp(any, 1)[0], () -> { });
        }

        @Override
        void send(int count) {
            for (int i = 0; i < count; i++) {
                out.addPayload(pool.storage(), 0, FRAME_BYTES);
                out.end(to, null, null);
            }
            out.flush();
        }

        @Override
        int receive() {
            int buffers = in.receive(pool, batch);
            int count = 0;
            for (int i = 0; i < buffers; i++) {
                count += batch.lengths()[i] / FRAME_BYTES;
            }
            batch.release(pool);
            return count;
        }

        @Override
        public void close() {
            out.close();
            in.close();
        }
    }
}
