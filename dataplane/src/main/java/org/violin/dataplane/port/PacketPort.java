package org.violin.dataplane.port;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.Errno;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.HostInterface;
import org.violin.dataplane.sys.KernelException;
import org.violin.dataplane.sys.PacketFilter;
import org.violin.dataplane.sys.Poller;

/**
 * An interface of the host, by a packet socket: what comes in by it and passes the filter enters here, and the host's
 * own stack has it too; what leaves here goes out by it (VNET, section 4.2).
 *
 * <p>One worker receives; all of them send, each by a descriptor of its own of the one socket. The socket works as long
 * as its interface: the kernel has it rest while that is down, and it is deaf for ever when that is deleted. So control
 * looks at the interface again and again ({@link #look}), and has the workers take another socket ({@link #onReopen})
 * when there is another interface of the name.
 */
public final class PacketPort extends Port {
    private static final int NONE = -1;
    private static final int[] NO_SOCKETS = {};

    private final String device;
    private final PacketFilter filter;
    /** The view of the worker that receives, which knows of the interface for all; perhaps this one. */
    private final PacketPort receiver;
    /** What control has seen last; null: it has gone. */
    private volatile HostInterface seen;
    /** Index of the interface that the socket is bound to; not positive: that has gone. */
    private volatile int boundTo;
    private Poller poller;
    private Inlet inlet;
    private int fd;
    private FrameChannel channel;

    private PacketPort(String name, String device, PacketFilter filter, PacketPort receiver, int fd) {
        super(name, "packet");
        this.device = device;
        this.filter = filter;
        this.receiver = receiver == null ? this : receiver;
        this.fd = fd;
    }

    /**
     * Opens a socket on an interface that is up, on the caller's thread: a port for each worker.
     *
     * @param owner the worker that will receive
     */
    public static List<Port> open(String name, String device, PacketFilter filter, int owner, int workers) {
        String object = "interface " + device;
        HostInterface found = Devices.lookAt(device);
        if (found == null) {
            throw new KernelException(object, "SIOCGIFINDEX", Errno.ENODEV);
        }
        if (!found.isEthernet()) {
            throw new IllegalStateException(object + ": carries no Ethernet frames");
        }
        if (!found.isUp()) {
            throw new KernelException(object, "bind", Errno.ENETDOWN);
        }
        int[] sockets = Devices.openPacket(device, found.index(), filter, workers);
        PacketPort receiver = new PacketPort(name, device, filter, null, sockets[owner]);
        receiver.seen = found;
        receiver.boundTo = found.index();
        List<Port> ports = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            ports.add(i == owner ? receiver : new PacketPort(name, device, filter, receiver, sockets[i]));
        }
        return ports;
    }

    @Override
    public String detail() {
        return device + " " + filter.text();
    }

    @Override
    public boolean isUp() {
        HostInterface now = receiver.seen;
        return now != null && now.passesFrames() && now.index() == receiver.boundTo;
    }

    /** Whether there is an interface to send by; the kernel tells whether it does. */
    private boolean isBound() {
        HostInterface now = seen;
        return now != null && now.index() == boundTo;
    }

    private int mtu() {
        HostInterface now = seen;
        return now == null ? 0 : now.mtu();
    }

    @Override
    public void attach(Poller workersPoller, Inlet workersInlet) {
        poller = workersPoller;
        inlet = workersInlet;
        channel = newChannel();
    }

    private FrameChannel newChannel() {
        return receiver == this ? poller.packet(fd, this::mtu, inlet) : poller.packetEgress(fd, receiver::mtu);
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        return channel == null ? 0 : channel.receive(pool, batch, counters());
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        if (channel != null && receiver.isBound()) {
            channel.send(pool, batch, counters());
        } else {
            counters().dropped(DropReason.NOT_CONNECTED, batch.count());
            batch.release(pool);
        }
    }

    /** Receiving worker: takes down what the kernel has dropped, and whether the socket still has its interface. */
    public void onLook() {
        if (channel != null) {
            counters().dropped(DropReason.RECEIVE_OVERFLOW, Devices.takePacketDrops(fd));
            boundTo = Devices.boundInterface(fd);
        }
    }

    /**
     * Control, after {@link #onLook}, of the receiving worker's view: looks at the interface.
     *
     * @return for {@link #onReopen} a descriptor for each worker, if there is an interface that the socket is not bound
     *     to, or -1 for each, if the one that it is bound to has another name now; else an empty array
     */
    public int[] look(int workers) {
        HostInterface now = Devices.lookAt(device);
        seen = now;
        if (now == null && boundTo > 0) {
            int[] none = new int[workers];
            Arrays.fill(none, NONE);
            return none;
        }
        if (now == null || now.index() == boundTo || !now.isEthernet()) {
            return NO_SOCKETS;
        }
        try {
            return Devices.openPacket(device, now.index(), filter, workers);
        } catch (KernelException e) {
            // It may have gone again meanwhile; the next look tells.
            return NO_SOCKETS;
        }
    }

    /** Worker: goes on with another socket, which passes over; -1: with none. */
    public void onReopen(int socket) {
        close();
        boundTo = NONE;
        if (socket >= 0) {
            fd = socket;
            channel = newChannel();
            boundTo = Devices.boundInterface(fd);
        }
    }

    @Override
    public void close() {
        if (channel != null) {
            channel.close();
            channel = null;
        } else if (fd >= 0) {
            Devices.close(fd);
        }
        fd = NONE;
    }
}
