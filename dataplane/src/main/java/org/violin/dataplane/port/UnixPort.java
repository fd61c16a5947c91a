package org.violin.dataplane.port;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
 */
public final class UnixPort extends Port {
    private static final int NONE = -1;

    private final Path path;
    private int listener;
    private Poller poller;
    private Inlet inlet;
    private boolean guestIsWaiting;
    private FrameChannel guest;
    private volatile boolean up;

    /** Listens at {@code path}, on the caller's thread. */
    public UnixPort(String name, Path path) {
        super(name, "unix");
        this.path = path;
        this.listener = Devices.listenUnix(path);
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
            up = true;
        }
    }

    private void dropGuest() {
        up = false;
        if (guest != null) {
            guest.close();
            guest = null;
        }
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
            throw new UncheckedIOException(e);
        }
    }
}
