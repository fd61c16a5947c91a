package org.violin.dataplane.port;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.Poller;

/**
 * A unix SEQPACKET socket that one guest's vNIC connects to (VIOLIN, section 4.2: a connect request makes the port).
 * The newest connection wins: a guest that was killed or that reopened its vNIC is served at once, whatever became of
 * its old connection. Up while a guest is connected.
 *
 * <p>One worker accepts guests and reads what they send. Each other worker sends by a {@link UnixEgress}, over a
 * descriptor of its own, so that none of them can meet a descriptor that has been closed and used anew.
 */
public final class UnixPort extends Port {
    private static final int NONE = -1;

    private final Path path;
    private final List<UnixEgress> others = new ArrayList<>();
    private int listener;
    private Poller poller;
    private Inlet inlet;
    private boolean guestIsWaiting;
    private FrameChannel guest;
    private int guestFd = NONE;
    private volatile boolean up;

    private UnixPort(String name, Path path) {
        super(name, "unix");
        this.path = path;
        this.listener = Devices.listenUnix(path);
    }

    /**
     * Listens at {@code path}, on the caller's thread: a port for each worker.
     *
     * @param owner the worker that will receive
     */
    public static List<Port> open(String name, Path path, int owner, int workers) {
        UnixPort port = new UnixPort(name, path);
        List<Port> ports = new ArrayList<>();
        for (int i = 0; i < workers; i++) {
            if (i == owner) {
                ports.add(port);
                continue;
            }
            UnixEgress egress = new UnixEgress(name, path);
            port.others.add(egress);
            ports.add(egress);
        }
        return ports;
    }

    @Override
    public String detail() {
        return path.toString();
    }

    @Override
    public boolean isUp() {
        return up;
    }

    @Override
    public void attach(Poller workersPoller, Inlet workersInlet) {
        poller = workersPoller;
        inlet = workersInlet;
        poller.watch(listener, this::onGuestWaiting);
    }

    private void onGuestWaiting() {
        guestIsWaiting = true;
        inlet.onReady();
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        if (guestIsWaiting) {
            guestIsWaiting = false;
            acceptGuest();
        }
        if (!up) {
            return 0;
        }
        int count = guest.receive(pool, batch, counters());
        if (count == FrameChannel.CLOSED) {
            dropGuest();
            return 0;
        }
        return count;
    }

    private void acceptGuest() {
        int fd = Devices.acceptUnix(listener);
        if (fd != NONE) {
            dropGuest();
            guest = poller.seqpacket(fd, inlet);
            guestFd = fd;
            up = share(fd);
            if (!up) {
                dropGuest();
            }
        }
    }

    /** Gives the other workers a descriptor each; false if the process may have no more. */
    private boolean share(int fd) {
        for (int i = 0; i < others.size(); i++) {
            int duplicate = Devices.duplicate(fd);
            if (duplicate == NONE) {
                return false;
            }
            others.get(i).offer(duplicate);
        }
        return true;
    }

    private void dropGuest() {
        up = false;
        if (guest == null) {
            return;
        }
        if (!others.isEmpty()) {
            // The duplicates live until their workers come by: the guest is not to wait for that.
            Devices.shutdown(guestFd);
            for (int i = 0; i < others.size(); i++) {
                others.get(i).offer(UnixEgress.NOBODY);
            }
        }
        guest.close();
        guest = null;
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        if (up) {
            guest.send(pool, batch, counters());
        } else {
            counters().dropped(DropReason.NOT_CONNECTED, batch.count());
            batch.release(pool);
        }
    }

    @Override
    public void close() {
        dropGuest();
        if (listener == NONE) {
            return;
        }
        if (poller != null) {
            poller.unwatch(listener);
        }
        Devices.close(listener);
        listener = NONE;
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            // It is in nobody's way: who listens there next removes it.
            return;
        }
    }
}
