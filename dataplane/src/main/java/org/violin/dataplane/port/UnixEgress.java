package org.violin.dataplane.port;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.memory.FrameBatch;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Devices;
import org.violin.dataplane.sys.FrameChannel;
import org.violin.dataplane.sys.Poller;

/** A {@link UnixPort} of another worker: a way out to its guest, over a duplicate of the guest's descriptor. */
final class UnixEgress extends Port {
    /** The guest has gone. */
    static final int NOBODY = -1;

    private static final int UNCHANGED = -2;
    private static final int CLOSED = -3;

    private final Path path;
    /** What the other worker has left here: a descriptor, or one of the above. */
    private final AtomicInteger offered = new AtomicInteger(UNCHANGED);
    private Poller poller;
    private FrameChannel guest;

    UnixEgress(String name, Path path) {
        super(name, "unix");
        this.path = path;
    }

    /** The other worker: from now on the guest is behind {@code fd}, which passes over; or {@link #NOBODY} is. */
    void offer(int fd) {
        int before;
        do {
            before = offered.get();
        } while (before != CLOSED && !offered.compareAndSet(before, fd));
        close(before == CLOSED ? fd : before);
    }

    private static void close(int fd) {
        if (fd >= 0) {
            Devices.close(fd);
        }
    }

    @Override
    public String detail() {
        return path.toString();
    }

    /** The other worker's port tells. */
    @Override
    public boolean isUp() {
        return false;
    }

    @Override
    public void attach(Poller workersPoller, Inlet inlet) {
        poller = workersPoller;
    }

    @Override
    public int receive(FramePool pool, FrameBatch batch) {
        return 0;
    }

    @Override
    public void transmit(FramePool pool, FrameBatch batch) {
        if (offered.get() != UNCHANGED) {
            follow();
        }
        if (guest != null) {
            guest.send(pool, batch, counters());
        } else {
            counters().dropped(DropReason.NOT_CONNECTED, batch.count());
            batch.release(pool);
        }
    }

    private void follow() {
        dropGuest();
        int fd = offered.getAndSet(UNCHANGED);
        if (fd >= 0) {
            guest = poller.seqpacketEgress(fd);
        }
    }

    private void dropGuest() {
        if (guest != null) {
            guest.close();
            guest = null;
        }
    }

    @Override
    public void close() {
        dropGuest();
        close(offered.getAndSet(CLOSED));
    }
}
