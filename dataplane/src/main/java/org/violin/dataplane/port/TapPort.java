package org.violin.dataplane.port;

import java.util.ArrayList;
import java.util.List;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.Poller;

/**
 * A TAP device of the host, or one queue of it. If somebody deletes the device the port stays, down, until it is
 * closed.
 */
public final class TapPort extends Port {
    private final String device;
    private final int offload;
    private int fd;
    private FrameChannel channel;
    private volatile boolean up;

    private TapPort(String name, String device, int fd, int offload) {
        super(name, "tap");
        this.device = device;
        this.fd = fd;
        this.offload = offload;
    }

    /**
     * Makes the device, on the caller's thread: a port for each worker, with a queue of its own.
     *
     * @param mac as for {@link Devices#openTap}
     */
    public static List<Port> open(String name, String device, long mac, int mtu, int workers) {
        int[] queues = Devices.openTap(device, mac, mtu, workers);
        int offload = Devices.tapOffload(queues[0]);
        List<Port> ports = new ArrayList<>();
        for (int queue : queues) {
            ports.add(new TapPort(name, device, queue, offload));
        }
        return ports;
    }

    @Override
    public String detail() {
        return device + " " + Devices.describeTap(offload);
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public void attach(Poller poller, Inlet inlet) {
        channel = poller.tap(fd, offload, inlet);
        fd = -1;
        up = true;
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        if (!up) {
            return 0;
        }
        int count = channel.receive(pool, batch, counters());
        if (count == FrameChannel.CLOSED) {
            up = false;
            channel.close();
            return 0;
        }
        return count;
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        if (up) {
            channel.send(pool, batch, counters());
        } else {
            counters().dropped(DropReason.NOT_CONNECTED, batch.count());
            batch.release(pool);
        }
    }

    @Override
    public void close() {
        up = false;
        if (channel != null) {
            channel.close();
        } else if (fd >= 0) {
            Devices.close(fd);
            fd = -1;
        }
    }
}
