package org.violin.control.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks on their way: whole ones arrive as they were, and of all others none is taken. */
class DiskStreamTest {
    private static final String IMAGE = "ab".repeat(32);
    private static final Path NAME = Path.of("/guests/g/image");
    private static final long SECONDS = 1_700_000_000;
    private static final int HEAD_BYTES = 32 + 4096;
    private static final int RUNS = 40;
    private static final int MUTATIONS = 2000;

    @TempDir
    private Path directory;
    private int files;

    private Path fresh() {
        return directory.resolve("disk" + files++);
    }

    /** As UML makes it: its header, then data with holes between. */
    private Path disk(Random random) throws IOException {
        Path file = fresh();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(umlHead(NAME), 0);
            for (int i = 0; i < random.nextInt(4); i++) {
                byte[] bytes = new byte[1 + random.nextInt(2 * DiskStream.EXTENT_BYTES_MAX)];
                random.nextBytes(bytes);
                channel.write(ByteBuffer.wrap(bytes), HEAD_BYTES + random.nextInt(1 << 23));
            }
        }
        return file;
    }

    private static ByteBuffer umlHead(Path image) {
        return ByteBuffer.allocate(HEAD_BYTES).putInt(0x4f4f4f4d).putInt(3).putInt((int) SECONDS)
            .put(32, image.toString().getBytes(StandardCharsets.UTF_8)).clear();
    }

    private static byte[] sent(Path file) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DiskStream.write(file, IMAGE, SECONDS, out);
        return out.toByteArray();
    }

    private Path taken(byte[] stream, long seconds) throws IOException {
        Path file = fresh();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
            DiskStream.read(new ByteArrayInputStream(stream), channel, IMAGE, NAME, seconds);
        }
        return file;
    }

    @Test
    void whatIsSentArrivesWithoutItsHoles() throws IOException {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("DiskStreamTest: -Dviolin.seed=" + seed);
        Random random = new Random(seed);
        for (int i = 0; i < RUNS; i++) {
            Path file = disk(random);
            byte[] stream = sent(file);
            assertThat((long) stream.length).isLessThan(DiskStream.allocated(file) + 64 * 1024);
            Path copy = taken(stream, SECONDS);
            assertThat(Files.mismatch(file, copy)).isEqualTo(-1);
            assertThat(DiskStream.allocated(copy)).isLessThanOrEqualTo(DiskStream.allocated(file) + 64 * 1024);
        }
    }

    /** UML takes no image that was modified at another time than it has noted, and prefers the name it has noted. */
    @Test
    void nameAndTimeOfTheImageAreThoseOfTheOneHere() throws IOException {
        Path file = disk(new Random(1));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(umlHead(Path.of("/on/the/other/host/of/this/guest/image")), 0);
        }
        byte[] copy = Files.readAllBytes(taken(sent(file), SECONDS + 77));
        assertThat(Arrays.copyOf(copy, HEAD_BYTES)).isEqualTo(umlHead(NAME).putInt(8, (int) SECONDS + 77).array());
        byte[] original = Files.readAllBytes(file);
        assertThat(Arrays.copyOfRange(copy, HEAD_BYTES, copy.length)).isEqualTo(Arrays.copyOfRange(original,
            HEAD_BYTES, original.length));
        Files.write(file, new byte[] {1}, StandardOpenOption.WRITE);
        byte[] strange = sent(file);
        assertThatThrownBy(() -> taken(strange, SECONDS + 77)).hasMessageContaining("its header is none of UML's");
    }

    /** Of QEMU's disks, whose format lets them name other files to be read. */
    @Test
    void aDiskThatHasItsDataElsewhereIsRefused() throws IOException {
        for (long features : new long[] {0, 1, 4, 5, Long.MIN_VALUE}) {
            Path file = fresh();
            byte[] disk = ByteBuffer.allocate(HEAD_BYTES).putInt(0x514649fb).putInt(3).putLong(72, features).array();
            Files.write(file, disk);
            byte[] stream = sent(file);
            if (features > 1 || features < 0) {
                assertRefused("its header is none of QEMU's here", stream);
            } else {
                assertThat(Files.readAllBytes(taken(stream, SECONDS))).isEqualTo(disk);
            }
        }
    }

    private static byte[] stream(byte[] head, long size, long[]... extents) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(out);
        data.write(head);
        data.writeLong(size);
        for (long[] extent : extents) {
            data.writeLong(extent[0]);
            data.writeInt((int) extent[1]);
            data.write(new byte[Math.clamp(extent[1], 0, 2 * DiskStream.EXTENT_BYTES_MAX)]);
        }
        data.writeLong(-1);
        data.writeInt(0);
        out.write(DiskStream.sha256().digest(out.toByteArray()));
        return out.toByteArray();
    }

    private static byte[] head(long magic, int version, String image) {
        return ByteBuffer.allocate(52).putLong(magic).putInt(version).put(HexFormat.of().parseHex(image))
            .putLong(SECONDS).array();
    }

    @Test
    void whatIsWrongIsTold() throws IOException {
        byte[] head = head(DiskStream.MAGIC, DiskStream.VERSION, IMAGE);
        assertRefused("its header is none of UML's", stream(head, 8192, new long[] {0, 12}, new long[] {4096, 4096}));
        assertRefused("it is none", stream(head(1, 1, IMAGE), 8192));
        assertRefused("version 2, this Violin reads version 1", stream(head(DiskStream.MAGIC, 2, IMAGE), 8192));
        assertRefused("it lies on another guest image",
            stream(head(DiskStream.MAGIC, DiskStream.VERSION, "cd".repeat(32)), 8192));
        for (long size : new long[] {-1, 0, HEAD_BYTES - 1, DiskStream.FILE_BYTES_MAX + 1, Long.MIN_VALUE,
            Long.MAX_VALUE}) {
            assertRefused("a length of " + size, stream(head, size));
        }
        for (long[] extent : new long[][] {{8191, 2}, {8192, 1}, {-2, 1}, {Long.MAX_VALUE, 1}, {Long.MIN_VALUE, 1},
            {0, 0}, {0, -1}, {0, Integer.MIN_VALUE}, {0, DiskStream.EXTENT_BYTES_MAX + 1}, {0, Integer.MAX_VALUE}}) {
            assertRefused("an extent of " + extent[1] + " bytes at " + extent[0], stream(head, 8192, extent));
        }
        assertRefused("an extent of 10 bytes at 5", stream(head, 8192, new long[] {0, 6}, new long[] {5, 10}));
        assertRefused("an end of 1 bytes", stream(head, 8192, new long[] {-1, 1}));
        byte[] good = stream(head, 8192, new long[] {0, 100});
        assertRefused("it goes on after its end", Arrays.copyOf(good, good.length + 1));
        for (int length = 0; length < good.length; length++) {
            assertRefused("it is cut off", Arrays.copyOf(good, length));
        }
    }

    /** Whatever bit is another: it is refused, and no more is written than was sent. */
    @Test
    void noBitCanBeAnother() throws IOException {
        long seed = Long.getLong("violin.seed", System.nanoTime());
        System.out.println("DiskStreamTest: -Dviolin.seed=" + seed);
        Random random = new Random(seed);
        byte[] good = stream(head(DiskStream.MAGIC, DiskStream.VERSION, IMAGE), 1 << 20, new long[] {0, 100},
            new long[] {5000, 300});
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> taken(bad, SECONDS)).isInstanceOf(GuestException.class)
                .hasMessageStartingWith("the disk that came: ");
        }
    }

    private void assertRefused(String why, byte[] stream) {
        assertThatThrownBy(() -> taken(stream, SECONDS)).isInstanceOf(GuestException.class)
            .hasMessageContaining(why);
    }
}
