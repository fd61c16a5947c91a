package org.violin.control.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.violin.control.spec.GuestSpec;

/**
 * A guest of QEMU on its way to another host while it runs: its memory, its devices, and what it has written to its
 * disk.
 *
 * <p>Theory of operation. QEMU sends all that at once, and then, again and again, what the guest has changed meanwhile;
 * when that is little, the guest stands still for the last of it. At the other end a QEMU that was started for it takes
 * it in and stands still, too. So when all has come, both have the guest, and neither runs it: {@link Vmm#attend} there
 * or {@link Vmm#resume} here does, and who may is not decided here.
 *
 * <p>All numbers are big-endian: {@code VIOLLIVE}, the version (4 bytes), the SHA-256 of the image that the disk lies
 * on (32), the length of a JSON object (4, at most 64 KiB) and that: the guest's {@code spec}, and the {@code likeness}
 * of its host; then pieces of QEMU's own stream, each its length (4, at most 256 KiB) and its bytes; then a length of
 * 0, which says that QEMU has sent all.
 */
final class LiveMove {
    static final long MAGIC = 0x56494f4c4c495645L;
    /** What the new host has of a guest that has come: the record that makes it one. */
    static final String ARRIVED = "arrived.json";
    private static final int VERSION = 1;
    private static final int DIGEST_BYTES = 32;
    private static final int HEAD_BYTES_MAX = 1 << 16;
    private static final int PIECE_BYTES_MAX = 1 << 18;
    private static final Pattern NIC = Pattern.compile("eth(\\d|1\\d|2[0-7]) ([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}");
    private static final String SOCKET = "move.sock";
    private static final long POLL_NANOS = 5_000_000;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);
    /** For the network between the hosts to be what limits it, and not QEMU. */
    private static final long BYTES_PER_SECOND_MAX = 1L << 32;
    /** A guest that changes its memory faster than it can be sent is slowed down until it does not. */
    private static final Map<String, Object> SLOW_DOWN = Map.of("capability", "auto-converge", "state", true);
    private static final ObjectMapper JSON = new ObjectMapper();

    private LiveMove() {
    }

    /**
     * Sends a guest that runs; when this returns, it stands still. If it throws, the guest runs, or stands still and is
     * to be {@link Vmm#resume resumed}.
     *
     * @param spec with the vNICs that its kernel has
     * @return since when it stands still, in {@link System#nanoTime}
     */
    static long send(GuestDirectory home, GuestPlatform platform, GuestSpec spec, String image, OutputStream out)
            throws IOException {
        DataOutputStream data = new DataOutputStream(out);
        data.writeLong(MAGIC);
        data.writeInt(VERSION);
        data.write(HexFormat.of().parseHex(image));
        byte[] head = JSON.writeValueAsBytes(Map.of("spec", spec, "likeness", QemuPlatform.find().likeness()));
        data.writeInt(head.length);
        data.write(head);
        QemuVmm vmm = new QemuVmm(platform, home);
        Path socket = home.file(SOCKET);
        Files.deleteIfExists(socket);
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(socket));
            listener.configureBlocking(false);
            begin(vmm);
            try (SocketChannel stream = accept(listener)) {
                pump(stream, data);
            }
            long endNanos = System.nanoTime();
            long stoodStill = endNanos - TimeUnit.MILLISECONDS.toNanos(downtimeMillis(vmm));
            data.writeInt(0);
            data.flush();
            return stoodStill;
        } finally {
            Files.deleteIfExists(socket);
        }
    }

    private static void begin(QemuVmm vmm) {
        try (Qmp qmp = vmm.monitor()) {
            qmp.ask("migrate-set-capabilities", Map.of("capabilities", List.of(SLOW_DOWN)));
            qmp.ask("migrate-set-parameters", Map.of("max-bandwidth", BYTES_PER_SECOND_MAX));
            qmp.ask("migrate", Map.of("uri", "unix:" + SOCKET, "blk", true, "inc", true));
        }
    }

    private static SocketChannel accept(ServerSocketChannel listener) throws IOException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (true) {
            SocketChannel accepted = listener.accept();
            if (accepted != null) {
                return accepted;
            }
            if (System.nanoTime() - deadline > 0) {
                throw new GuestException("QEMU does not begin to send it");
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private static void pump(SocketChannel from, DataOutputStream out) throws IOException {
        ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES_MAX);
        while (from.read(piece) >= 0) {
            out.writeInt(piece.position());
            out.write(piece.array(), 0, piece.position());
            piece.clear();
        }
    }

    /** How long it had stood still when all was sent; throws if not all was. */
    private static long downtimeMillis(QemuVmm vmm) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (true) {
            try (Qmp qmp = vmm.monitor()) {
                JsonNode answer = qmp.ask("query-migrate");
                String status = answer.path("status").asText();
                if (status.equals("completed")) {
                    return answer.path("downtime").asLong();
                }
                if (List.of("failed", "cancelled").contains(status) || System.nanoTime() - deadline > 0) {
                    throw new GuestException("QEMU has not sent all of it: " + status + " "
                        + answer.path("error-desc").asText());
                }
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /**
     * Takes a guest in: returns when a QEMU has all of it and stands still, and {@link #ARRIVED} says so. If it throws,
     * nothing is left of it but files.
     *
     * @return how many bytes have come
     */
    static long receive(DataInputStream in, GuestDirectory home, GuestPlatform platform, String image)
            throws IOException {
        try {
            GuestSpec spec = head(in, image);
            requireFit(spec, home);
            return receive(in, home, platform, spec);
        } catch (EOFException e) {
            throw new GuestException("the guest that came: it is cut off", e);
        }
    }

    private static GuestSpec head(DataInputStream in, String image) throws IOException {
        require(in.readLong() == MAGIC, "it is none");
        int version = in.readInt();
        require(version == VERSION, "version " + version + ", this Violin reads version " + VERSION);
        byte[] itsImage = new byte[DIGEST_BYTES];
        in.readFully(itsImage);
        require(HexFormat.of().formatHex(itsImage).equals(image), "its disk lies on another guest image");
        int length = in.readInt();
        require(length > 0 && length <= HEAD_BYTES_MAX, "a head of " + length + " bytes");
        byte[] head = new byte[length];
        in.readFully(head);
        try {
            JsonNode said = JSON.readTree(head);
            require(said.path("likeness").asText().equals(QemuPlatform.find().likeness()),
                "its host has another kernel for QEMU, or another accelerator: copy its ~/.cache/violin/qemu here");
            GuestSpec spec = JSON.treeToValue(said.path("spec"), GuestSpec.class);
            require(spec != null && spec.vmm() == GuestSpec.Vmm.QEMU, "it is not one of QEMU");
            return spec;
        } catch (JsonProcessingException | IllegalArgumentException e) {
            throw new GuestException("the guest that came: its head is none", e);
        }
    }

    /** What becomes part of a command line. */
    private static void requireFit(GuestSpec spec, GuestDirectory home) {
        require(home.path().getFileName().toString().equals(spec.name()), "it is another guest");
        require(spec.nics().stream().allMatch(nic -> NIC.matcher(nic.name() + " " + nic.mac()).matches()),
            "its vNICs are none");
    }

    private static long receive(DataInputStream in, GuestDirectory home, GuestPlatform platform, GuestSpec spec)
            throws IOException {
        QemuVmm vmm = new QemuVmm(platform, home);
        List<String> command = new ArrayList<>(vmm.command(spec));
        command.addAll(List.of("-S", "-incoming", "unix:" + SOCKET));
        boolean isHere = false;
        try {
            home.prepare(platform.image(), spec.vmm());
            vmm.prepare();
            Process process = GuestProcess.spawn(command, home, platform);
            GuestProcess identity = GuestProcess.of(process.pid());
            vmm.monitor().close();
            long bytes = 0;
            try (SocketChannel stream = SocketChannel.open(UnixDomainSocketAddress.of(home.file(SOCKET)))) {
                byte[] piece = new byte[PIECE_BYTES_MAX];
                for (int length = in.readInt(); length != 0; length = in.readInt()) {
                    require(length > 0 && length <= PIECE_BYTES_MAX, "a piece of " + length + " bytes");
                    in.readFully(piece, 0, length);
                    ByteBuffer rest = ByteBuffer.wrap(piece, 0, length);
                    while (rest.hasRemaining()) {
                        stream.write(rest);
                    }
                    bytes += length;
                }
            } catch (IOException e) {
                if (identity.isAlive()) {
                    throw e;
                }
                throw ended(home, e);
            }
            awaitAll(vmm, home);
            home.write(ARRIVED, new GuestRecord(spec, spec.nics(), identity, System.currentTimeMillis(),
                platform.image().toString()));
            isHere = true;
            return bytes;
        } finally {
            if (!isHere) {
                GuestProcess.killAll(vmm.executable(), home.path());
            }
        }
    }

    private static GuestException ended(GuestDirectory home, Exception cause) {
        return new GuestException("the guest that came: QEMU cannot take it in: " + new Console(home).tail(), cause);
    }

    private static void awaitAll(QemuVmm vmm, GuestDirectory home) {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (true) {
            try (Qmp qmp = vmm.monitor()) {
                String status = qmp.ask("query-status").path("status").asText();
                if (status.equals("paused")) {
                    return;
                }
                if (!status.equals("inmigrate") || System.nanoTime() - deadline > 0) {
                    throw new GuestException("the guest that came: QEMU does not have all of it: " + status);
                }
            } catch (GuestException e) {
                throw GuestProcess.all(vmm.executable(), home.path()).isEmpty() ? ended(home, e) : e;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Whether a guest has come here, and is none yet. */
    static boolean hasArrived(GuestDirectory home) {
        return Files.exists(home.file(ARRIVED));
    }

    /** Makes it one, with the bridges that its vNICs have here. */
    static void settle(GuestDirectory home, GuestSpec spec) throws IOException {
        home.write(home.read(ARRIVED).withSpec(spec));
        Files.delete(home.file(ARRIVED));
    }

    /** Ends what has come, of a guest that is none here. */
    static void discard(GuestDirectory home) throws IOException {
        Files.deleteIfExists(home.file(ARRIVED));
        GuestProcess.killAll(QemuPlatform.EXECUTABLE, home.path());
    }

    /** Whether this stream, which stays where it is, has a guest that runs, and not a disk alone. */
    static boolean isNext(InputStream in) throws IOException {
        in.mark(Long.BYTES);
        byte[] magic = in.readNBytes(Long.BYTES);
        in.reset();
        return magic.length == Long.BYTES && ByteBuffer.wrap(magic).getLong() == MAGIC;
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new GuestException("the guest that came: " + otherwise);
        }
    }
}
