package org.violin.control.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.os.Libc;

class SharedKeyTest {
    private static final byte[] BYTES = new byte[SharedKey.BYTES];

    static {
        for (int i = 0; i < BYTES.length; i++) {
            BYTES[i] = (byte) i;
        }
    }

    @TempDir
    private Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("tunnel.key");
    }

    private void write(String content) throws IOException {
        Files.writeString(file, content, StandardCharsets.ISO_8859_1);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> SharedKey.read(file)).isInstanceOf(KeyFileException.class)
            .hasMessageStartingWith(file + ": ").hasMessageContainingAll(parts);
    }

    @Test
    void aNewKeyIsOneLineThatOnlyItsOwnerReads() throws Exception {
        SharedKey made = SharedKey.create(file);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        String content = Files.readString(file);
        assertThat(content).hasSize(45).endsWith("=\n");
        assertThat(Base64.getDecoder().decode(content.strip())).isEqualTo(made.bytes());
        SharedKey read = SharedKey.read(file);
        assertThat(read.bytes()).isEqualTo(made.bytes());
        assertThat(read.fingerprint()).isEqualTo(made.fingerprint());
    }

    @Test
    void twoKeysAreNotTheSame() {
        SharedKey other = SharedKey.create(directory.resolve("other"));
        assertThat(SharedKey.create(file).fingerprint()).isNotEqualTo(other.fingerprint());
    }

    @Test
    void aFileThatIsThereIsLeftAsItIs() throws Exception {
        Files.writeString(file, "precious");
        assertThatThrownBy(() -> SharedKey.create(file)).isInstanceOf(KeyFileException.class)
            .hasMessageStartingWith(file + ": is there already");
        assertThat(file).hasContent("precious");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("elsewhere"));
        assertThatThrownBy(() -> SharedKey.create(link)).isInstanceOf(KeyFileException.class);
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void aKeyInNoDirectoryIsNotMade() {
        Path nowhere = directory.resolve("none/tunnel.key");
        assertThatThrownBy(() -> SharedKey.create(nowhere)).isInstanceOf(KeyFileException.class)
            .hasMessage(nowhere + ": ENOENT: no such file or directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void theEndOfTheLineMayBeAnyOrMissing(String end) throws Exception {
        write(Base64.getEncoder().encodeToString(BYTES) + end);
        assertThat(SharedKey.read(file).bytes()).isEqualTo(BYTES);
    }

    @ParameterizedTest
    @CsvSource({"rw-r-----, 0640", "rw----r--, 0604", "rw--w----, 0620", "rwx-----x, 0701", "rw-rw-rw-, 0666"})
    void aFileThatIsOpenToOthersIsRefusedWithTheMend(String permissions, String mode) throws Exception {
        SharedKey.create(file);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        assertRefused("is open to other users (mode " + mode + "): chmod 600 " + file);
    }

    @Test
    void aFileOfSomebodyElseIsRefused() throws Exception {
        assumeTrue(Libc.isRoot(), "needs root, to give a file away");
        SharedKey.create(file);
        Files.setAttribute(file, "unix:uid", 12345);
        assertRefused("belongs to user 12345", "chown 0 " + file);
    }

    @Test
    void whatIsNoFileIsRefused() throws Exception {
        assertRefused("ENOENT: no such file or directory");
        Files.createDirectory(file);
        assertRefused("is a directory");
        Files.delete(file);
        Libc.makeFifo(file, 0600);
        assertRefused("is not a regular file"); // and is not waited for
    }

    @Test
    void whatHoldsNoKeyIsRefusedWithoutTellingWhatItHolds() throws Exception {
        write("");
        assertRefused("holds 0 bytes, a shared key has 32", "violin key new --shared FILE");
        write(Base64.getEncoder().encodeToString(Arrays.copyOf(BYTES, 31)) + "\n");
        assertRefused("holds 31 bytes");
        write(Base64.getEncoder().encodeToString(Arrays.copyOf(BYTES, 33)) + "\n");
        assertRefused("holds 33 bytes");
        for (String wrong : new String[] {"#".repeat(44), "secret words that are not base64\n", "A\nA\n",
            "AAAA AAAA", "\u00e9".repeat(44), Base64.getUrlEncoder().encodeToString(new byte[] {-1, -1, -1})}) {
            write(wrong);
            assertRefused("holds no shared key: it is not one line of base64");
            assertThatThrownBy(() -> SharedKey.read(file)).hasMessageNotContaining(wrong.strip())
                .hasMessageNotContaining("0x").hasNoCause();
        }
    }

    @Test
    void whatIsLongerThanAKeyIsRefused() throws Exception {
        String line = Base64.getEncoder().encodeToString(BYTES) + "\n";
        write(line + line);
        assertRefused("is longer than a shared key's file (45 bytes)");
        write("A".repeat(1_000_000));
        assertRefused("is longer");
    }

    @Test
    void whatIsPrintedDoesNotTellTheKey() throws Exception {
        SharedKey key = new SharedKey(BYTES.clone());
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update("violin shared key".getBytes(StandardCharsets.US_ASCII));
        String expected = HexFormat.of().formatHex(digest.digest(BYTES)).substring(0, 16);
        assertThat(key.fingerprint()).isEqualTo(expected).hasSize(16);
        assertThat(key).hasToString("SharedKey[" + expected + "]");
    }

    @Test
    void aClosedKeyIsGone() {
        SharedKey key = SharedKey.create(file);
        key.close();
        assertThat(key.bytes()).containsOnly(0);
        assertThat(SharedKey.read(file).bytes()).isNotEqualTo(key.bytes());
    }
}
