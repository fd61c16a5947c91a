package org.violin.control.guest;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.violin.control.os.Libc;

/**
 * A guest's copy-on-write file on its way to another host, holes left out.
 *
 * <p>Theory of operation. All numbers are big-endian: {@code VIOLDISK}, the version (4 bytes), the SHA-256 of the image
 * that the disk lies on (32), that image's time of modification in seconds (8), the file's length (8); then extents in
 * ascending order, each its offset (8), its length (4, at most 256 KiB) and its bytes; then an offset of -1 with a
 * length of 0; then the SHA-256 of all before (32), and the end. What is not in an extent is zero.
 *
 * <p>UML notes the image's name and time of modification in the file's header. It takes no image of another time, and
 * of two names for one file that of the header, were it gone a moment later. So the receiver, who has seen that its own
 * image is the same byte by byte, writes name and time of that instead.
 */
final class DiskStream {
    static final int EXTENT_BYTES_MAX = 1 << 18;
    /** Of a file: an image of this size is no image any more. */
    static final long FILE_BYTES_MAX = 1L << 42;
    static final long MAGIC = 0x56494f4c4449534bL;
    static final int VERSION = 1;
    private static final long END = -1;
    private static final int DIGEST_BYTES = 32;

    /** UML's {@code cow_header_v3}: magic, version, time, and more, at last the image's name; big-endian and packed. */
    private static final int COW_MAGIC = 0x4f4f4f4d;
    private static final int COW_VERSION = 3;
    private static final int COW_SECONDS_OFFSET = 8;
    private static final int COW_NAME_OFFSET = 32;
    private static final int COW_NAME_BYTES = 4096;
    private static final int COW_HEAD_BYTES = COW_NAME_OFFSET + COW_NAME_BYTES;

    /** QEMU's format: the image is named to it. It might still have its data in another file, and say which. */
    private static final int QCOW2_MAGIC = 0x514649fb;
    private static final int QCOW2_VERSION = 3;
    private static final int QCOW2_FEATURES_OFFSET = 72;
    /** It was not closed. */
    private static final long QCOW2_DIRTY = 1;

    private DiskStream() {
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** How many bytes of a file there are on the disk. */
    static long allocated(Path file) throws IOException {
        long[] bytes = {0};
        forEachExtent(file, (from, to) -> bytes[0] += to - from);
        return bytes[0];
    }

    private interface Extents {
        void accept(long from, long to) throws IOException;
    }

    private static void forEachExtent(Path file, Extents extents) throws IOException {
        int fd = Libc.openFile(file, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        try {
            long from = Libc.seekData(fd, 0);
            while (from >= 0) {
                long to = Libc.seekHole(fd, from);
                extents.accept(from, to);
                from = Libc.seekData(fd, to);
            }
        } finally {
            Libc.closeFile(fd);
        }
    }

    /** Writes a file that nobody changes meanwhile. */
    static void write(Path file, String image, long imageSeconds, OutputStream out) throws IOException {
        MessageDigest digest = sha256();
        OutputStream buffered = new BufferedOutputStream(out, EXTENT_BYTES_MAX);
        DataOutputStream data = new DataOutputStream(new DigestOutputStream(buffered, digest));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            data.writeLong(MAGIC);
            data.writeInt(VERSION);
            data.write(HexFormat.of().parseHex(image));
            data.writeLong(imageSeconds);
            data.writeLong(channel.size());
            ByteBuffer bytes = ByteBuffer.allocate(EXTENT_BYTES_MAX);
            forEachExtent(file, (from, to) -> {
                for (long at = from; at < to; at += bytes.limit()) {
                    bytes.clear().limit((int) Math.min(EXTENT_BYTES_MAX, to - at));
                    readFully(channel, bytes, at);
                    data.writeLong(at);
                    data.writeInt(bytes.limit());
                    data.write(bytes.array(), 0, bytes.limit());
                }
            });
            data.writeLong(END);
            data.writeInt(0);
        }
        data.flush();
        out.write(digest.digest());
        out.flush();
    }

    private static void readFully(FileChannel channel, ByteBuffer bytes, long position) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes, position + bytes.position()) < 0) {
                throw new IOException("the file has become shorter");
            }
        }
    }

    /**
     * Reads into an empty file what a host with the same image has written.
     *
     * @param imageName of the image here
     * @return how many bytes of it have come
     */
    static long read(InputStream in, FileChannel file, String image, Path imageName, long imageSeconds)
        throws IOException {
        MessageDigest digest = sha256();
        DataInputStream data = new DataInputStream(new DigestInputStream(in, digest));
        try {
            require(data.readLong() == MAGIC, "it is none");
            int version = data.readInt();
            require(version == VERSION, "version " + version + ", this Violin reads version " + VERSION);
            byte[] itsImage = new byte[DIGEST_BYTES];
            data.readFully(itsImage);
            require(HexFormat.of().formatHex(itsImage).equals(image), "it lies on another guest image");
            long itsSeconds = data.readLong();
            long size = data.readLong();
            require(size >= COW_HEAD_BYTES && size <= FILE_BYTES_MAX, "a length of " + size + " bytes");
            long total = extents(data, file, size);
            byte[] sum = digest.digest();
            byte[] said = in.readNBytes(DIGEST_BYTES);
            require(said.length == DIGEST_BYTES, "it is cut off");
            require(MessageDigest.isEqual(sum, said), "its checksum does not match");
            require(in.read() < 0, "it goes on after its end");
            if (file.size() < size) {
                file.write(ByteBuffer.allocate(1), size - 1);
            }
            rewriteHeader(file, itsSeconds, imageName, imageSeconds);
            return total;
        } catch (EOFException e) {
            throw new GuestException("the disk that came: it is cut off", e);
        }
    }

    private static long extents(DataInputStream data, FileChannel file, long size) throws IOException {
        byte[] bytes = new byte[EXTENT_BYTES_MAX];
        long total = 0;
        long end = 0;
        for (long offset = data.readLong(); ; offset = data.readLong()) {
            int length = data.readInt();
            if (offset == END) {
                require(length == 0, "an end of " + length + " bytes");
                return total;
            }
            require(length > 0 && length <= EXTENT_BYTES_MAX && offset >= end && offset <= size - length,
                "an extent of " + length + " bytes at " + offset);
            data.readFully(bytes, 0, length);
            ByteBuffer extent = ByteBuffer.wrap(bytes, 0, length);
            while (extent.hasRemaining()) {
                file.write(extent, offset + extent.position());
            }
            end = offset + length;
            total += length;
        }
    }

    private static void rewriteHeader(FileChannel file, long itsSeconds, Path imageName, long imageSeconds)
        throws IOException {
        ByteBuffer head = ByteBuffer.allocate(COW_HEAD_BYTES);
        readFully(file, head, 0);
        if (head.getInt(0) == QCOW2_MAGIC) {
            require(head.getInt(Integer.BYTES) == QCOW2_VERSION
                && (head.getLong(QCOW2_FEATURES_OFFSET) & ~QCOW2_DIRTY) == 0, "its header is none of QEMU's here");
            return;
        }
        require(head.getInt(0) == COW_MAGIC && head.getInt(Integer.BYTES) == COW_VERSION
            && head.getInt(COW_SECONDS_OFFSET) == (int) itsSeconds, "its header is none of UML's");
        byte[] name = imageName.toString().getBytes(StandardCharsets.UTF_8);
        if (name.length >= COW_NAME_BYTES) {
            throw new GuestException(imageName + ": too long a name for UML, which takes " + (COW_NAME_BYTES - 1)
                + " bytes");
        }
        head.putInt(COW_SECONDS_OFFSET, (int) imageSeconds);
        head.put(COW_NAME_OFFSET, new byte[COW_NAME_BYTES]).put(COW_NAME_OFFSET, name);
        head.flip();
        while (head.hasRemaining()) {
            file.write(head, head.position());
        }
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new GuestException("the disk that came: " + otherwise);
        }
    }
}
