package org.violin.control.host;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.violin.control.guest.GuestDisks;
import org.violin.control.guest.GuestPlatform;
import org.violin.control.spec.GuestSpec;

/** A host in memory whose guests have disks, which are files: one that starts without has an empty one. */
public final class MemoryHost extends MemoryDriver {
    private static final int TEXT_OFFSET = 1 << 16;
    private static final String EMPTY = "empty";

    private final Path guests;
    private final Path image;
    private final int imageSeconds;
    private final GuestDisks disks;

    /**
     * @param directory    for its files; there
     * @param image        what the image has in it
     * @param kernel       the same of the kernel
     * @param imageSeconds when the image was made here
     */
    public MemoryHost(Path directory, String image, String kernel, int imageSeconds) {
        this.imageSeconds = imageSeconds;
        try {
            guests = Files.createDirectories(directory.resolve("guests"));
            this.image = Files.writeString(directory.resolve("image"), image);
            Files.setLastModifiedTime(this.image, FileTime.fromMillis(imageSeconds * 1000L));
            Path uml = Files.writeString(directory.resolve("linux.uml"), kernel);
            disks = new GuestDisks(guests, new GuestPlatform(uml, this.image, directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public GuestDisks disks() {
        return disks;
    }

    private Path home(String network, String guest) {
        return guests.resolve(network).resolve(guest);
    }

    private Path disk(String network, String guest) {
        return home(network, guest).resolve("root.cow");
    }

    /** Whether there is anything of a guest on the disk. */
    public boolean hasFiles(String network, String guest) {
        return Files.exists(home(network, guest));
    }

    /** What a guest has written to its disk, all of it. */
    public String read(String network, String guest) {
        try {
            byte[] bytes = Files.readAllBytes(disk(network, guest));
            int seconds = ByteBuffer.wrap(bytes).getInt(8);
            if (seconds != imageSeconds) {
                throw new IllegalStateException("the disk is of an image of " + seconds);
            }
            return new String(bytes, TEXT_OFFSET, bytes.length - TEXT_OFFSET, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public void write(String network, String guest, String text) {
        try (FileChannel disk = FileChannel.open(disk(network, guest), StandardOpenOption.WRITE,
            StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)) {
            disk.write(ByteBuffer.allocate(12).putInt(0x4f4f4f4d).putInt(3).putInt(imageSeconds).flip(), 0);
            disk.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), TEXT_OFFSET);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void startGuest(String network, GuestSpec guest) {
        super.startGuest(network, guest);
        Path record = home(network, guest.name()).resolve("guest.json");
        if (Files.exists(record)) {
            return;
        }
        try {
            Files.createDirectories(record.getParent());
            write(network, guest.name(), EMPTY);
            new ObjectMapper().writeValue(record.toFile(), Map.of("spec", guest, "process",
                Map.of("pid", 0, "startTicks", 0), "startedAtMillis", 0, "image", image.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized void forgetGuest(String network, String guest) {
        super.forgetGuest(network, guest);
        if (!hasFiles(network, guest)) {
            return;
        }
        try (Stream<Path> files = Files.walk(home(network, guest))) {
            List<Path> all = files.sorted(Comparator.reverseOrder()).toList();
            for (Path file : all) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
