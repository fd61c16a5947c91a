package org.violin.control.guest;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.violin.control.spec.GuestSpec;

/**
 * The disks of one daemon's guests on their way to other hosts and from them. What has come of one lies in the guest's
 * directory under names that no guest looks for, until {@link #settle} makes it a guest's. Thread-safe.
 *
 * <p>Errors: {@link GuestException}, for people to read.
 */
public final class GuestDisks {
    private static final String ARRIVING = "arriving";
    private static final String ARRIVED = "arrived.cow";
    private static final String SUFFIX = ".cow";
    private static final Duration LET_GO = Duration.ofSeconds(10);

    private final Path directory;
    private final GuestPlatform platform;
    /** By label: since when a guest stands still that was sent while it ran. */
    private final Map<String, Long> sent = new ConcurrentHashMap<>();
    private String imageSum;
    private String kernelSum;

    /**
     * What guests run on here.
     *
     * @param image     SHA-256 of the root file system that they share, in hex
     * @param kernel    SHA-256 of their kernel, in hex
     * @param freeBytes for their disks
     */
    public record Platform(String image, String kernel, long freeBytes) {
    }

    /**
     * How much goes to another host.
     *
     * @param bytes             of a disk that are sent, or have come: the rest is holes
     * @param standsStillMillis for how long a guest has stood still that was sent while it ran; 0: none was
     */
    public record Amount(long bytes, long standsStillMillis) {
    }

    private interface Work<T> {
        T run() throws IOException;
    }

    /** @param directory where each guest gets {@code <network>/<guest>/}; there, and without symbolic links */
    public GuestDisks(Path directory, GuestPlatform platform) {
        this.directory = directory;
        this.platform = platform;
    }

    /** Takes some tenths of a second the first time. */
    public Platform platform() {
        return told("guests' image and kernel", () -> new Platform(imageSum(), kernelSum(),
            Files.getFileStore(directory).getUsableSpace()));
    }

    /** An image is never changed once it is there, and a daemon keeps to the one that it has found. */
    private synchronized String imageSum() throws IOException {
        if (imageSum == null) {
            imageSum = sum(platform.image());
        }
        return imageSum;
    }

    private synchronized String kernelSum() throws IOException {
        if (kernelSum == null) {
            kernelSum = sum(platform.kernel());
        }
        return kernelSum;
    }

    private static String sum(Path file) throws IOException {
        MessageDigest digest = DiskStream.sha256();
        try (OutputStream out = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            Files.copy(file, out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private long imageSeconds() throws IOException {
        return Files.getLastModifiedTime(platform.image()).to(TimeUnit.SECONDS);
    }

    /** How much of a guest's disk there is to send, also while it runs; throws if it cannot go to another host. */
    public Amount amount(String network, String guest) {
        GuestDirectory home = home(network, guest);
        return told(label(network, guest), () -> {
            Long since = sent.get(label(network, guest));
            return new Amount(DiskStream.allocated(disk(home, network, guest)),
                since == null ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)));
        });
    }

    private Path disk(GuestDirectory home, String network, String guest) {
        GuestRecord record = home.read();
        Path disk = home.file(GuestDirectory.OVERLAY);
        if (record == null || !Files.exists(disk)) {
            throw new GuestException(label(network, guest) + ": has no disk yet: start it first");
        }
        if (!platform.image().toString().equals(record.image())) {
            throw new GuestException(label(network, guest) + ": its disk lies on another guest image ("
                + record.image() + ") than this host has by now (" + platform.image()
                + "): restart it first, with an empty disk");
        }
        return disk;
    }

    /**
     * Writes the disk of a guest that does not run, and is not started meanwhile; or a whole guest, if it is one of
     * QEMU's that runs: see {@link LiveMove}.
     */
    public void send(String network, String guest, OutputStream out) {
        GuestDirectory home = home(network, guest);
        told(label(network, guest), () -> {
            Path disk = disk(home, network, guest);
            sent.remove(label(network, guest));
            GuestRecord record = home.read();
            if (record.spec().vmm() == GuestSpec.Vmm.QEMU && record.process().isAlive()) {
                GuestSpec spec = record.spec().withNics(record.plugged());
                sent.put(label(network, guest), LiveMove.send(home, platform, spec, imageSum(), out));
                return null;
            }
            home.awaitDisk(LET_GO);
            DiskStream.write(disk, imageSum(), imageSeconds(), out);
            return null;
        });
    }

    /**
     * Takes a disk in, checks it, and keeps it through any crash from when this returns; or a whole guest, which stands
     * still then. A second one replaces it.
     */
    public Amount receive(String network, String guest, InputStream in) {
        GuestDirectory home = home(network, guest);
        return told(label(network, guest), () -> {
            home.make();
            removeArrivals(home);
            InputStream all = new BufferedInputStream(in);
            if (LiveMove.isNext(all)) {
                return new Amount(LiveMove.receive(new DataInputStream(all), home, platform, imageSum()), 0);
            }
            Path fresh = Files.createTempFile(home.path(), ARRIVING, SUFFIX);
            try {
                long bytes;
                try (FileChannel file = FileChannel.open(fresh, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                    bytes = DiskStream.read(all, file, imageSum(), home.file(GuestDirectory.IMAGE),
                        imageSeconds());
                    file.force(true);
                }
                Files.move(fresh, home.file(ARRIVED), StandardCopyOption.ATOMIC_MOVE);
                sync(home);
                return new Amount(bytes, 0);
            } finally {
                Files.deleteIfExists(fresh);
            }
        });
    }

    private static void removeArrivals(GuestDirectory home) throws IOException {
        LiveMove.discard(home);
        Files.deleteIfExists(home.file(ARRIVED));
        try (DirectoryStream<Path> left = Files.newDirectoryStream(home.path(), ARRIVING + "*" + SUFFIX)) {
            for (Path file : left) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** Makes what has come the guest's, which has not been started here; throws if nothing has come. */
    public void settle(String network, GuestSpec guest) {
        GuestDirectory home = home(network, guest.name());
        told(label(network, guest.name()), () -> {
            if (LiveMove.hasArrived(home)) {
                LiveMove.settle(home, guest);
                sync(home);
                return null;
            }
            if (!Files.exists(home.file(ARRIVED))) {
                throw new GuestException(label(network, guest.name()) + ": its disk has not come");
            }
            Files.move(home.file(ARRIVED), home.file(GuestDirectory.OVERLAY), StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
            home.write(new GuestRecord(guest, null, GuestProcess.NONE, 0, platform.image().toString()));
            sync(home);
            return null;
        });
    }

    private static void sync(GuestDirectory home) throws IOException {
        try (FileChannel path = FileChannel.open(home.path(), StandardOpenOption.READ)) {
            path.force(true);
        }
    }

    private GuestDirectory home(String network, String guest) {
        return GuestDirectory.of(directory, network, guest);
    }

    private static String label(String network, String guest) {
        return network + "/" + guest;
    }

    private static <T> T told(String what, Work<T> work) {
        try {
            return work.run();
        } catch (IOException e) {
            throw new GuestException(what + ": " + e.getMessage(), e);
        }
    }
}
