package org.violin.control.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.violin.control.api.ApiJson;
import org.violin.control.keys.SharedKey;

/**
 * The networks brought up from this machine, one file each: {@code networks/<network>/network.json}. A network's file
 * is written before anything of it is made and removed after everything of it is gone, each time as a whole, so that
 * whatever dies in between, {@code violin down} finds what there is to clean.
 *
 * <p>Readers need no lock; a writer holds {@link #lock}. Throws {@link UncheckedIOException} with the path.
 */
public final class Registry {
    private static final String FILE = "network.json";
    private static final String TUNNEL_KEY = "tunnel.key";

    private final Home home;

    public Registry(Home home) {
        this.home = home;
    }

    public Home home() {
        return home;
    }

    /** Every network, by name. */
    public List<NetworkRecord> networks() {
        return names().stream().map(this::find).flatMap(Optional::stream).toList();
    }

    /** The names of networks, also of those whose entry was begun and never written. */
    public List<String> names() {
        try (Stream<Path> entries = Files.list(home.networks())) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(home.networks() + ": " + e, e);
        }
    }

    public Optional<NetworkRecord> find(String network) {
        Path file = home.networks().resolve(network).resolve(FILE);
        try {
            return Optional.of(ApiJson.parse(Files.readAllBytes(file), NetworkRecord.class));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e, e);
        } catch (IllegalArgumentException e) {
            throw new UncheckedIOException(new IOException(file + ": " + e.getMessage()));
        }
    }

    /** Writes a network's record through to the disk, whole or not at all. */
    public void write(NetworkRecord record) {
        Path directory = Home.makePrivate(home.networks().resolve(record.network()));
        Path fresh = directory.resolve(FILE + ".new");
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = ByteBuffer.wrap(ApiJson.bytes(record));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            Files.move(fresh, directory.resolve(FILE), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException(directory + ": " + e, e);
        }
    }

    /** The key by which the daemons seal their tunnels that are started here for a network; made when there is none. */
    public Path tunnelKey(String network) {
        Path file = Home.makePrivate(home.networks().resolve(network)).resolve(TUNNEL_KEY);
        if (!Files.exists(file)) {
            SharedKey.create(file).close();
        }
        return file;
    }

    public void remove(String network) {
        Trees.delete(home.networks().resolve(network));
    }

    /** Held by a command while it changes a network; the kernel lets go of it when the command dies. */
    public static final class Lock implements AutoCloseable {
        private final FileChannel channel;

        private Lock(FileChannel channel) {
            this.channel = channel;
        }

        @Override
        public void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Throws {@link ClientException} at once when another command is changing the network. */
    public Lock lock(String network) {
        Path file = Home.makePrivate(home.locks()).resolve(network);
        FileChannel channel = null;
        FileLock lock = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
            lock = channel.tryLock();
            if (lock == null) {
                throw busy(network, Files.readString(file));
            }
            channel.truncate(0);
            channel.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid())
                .getBytes(StandardCharsets.US_ASCII)));
            return new Lock(channel);
        } catch (OverlappingFileLockException e) {
            throw busy(network, "");
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": " + e, e);
        } finally {
            if (lock == null && channel != null) {
                closeQuietly(channel);
            }
        }
    }

    private static ClientException busy(String network, String pid) {
        return new ClientException("network " + network + ": another violin command is changing it"
            + (pid.isBlank() ? "" : " (pid " + pid.strip() + ")") + ": wait for its end, or stop it");
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
