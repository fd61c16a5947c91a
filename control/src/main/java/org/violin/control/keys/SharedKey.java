package org.violin.control.keys;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key that two hosts share: {@value #BYTES} random bytes, in a file as one line of base64 that only its owner may
 * read. Whoever has it can be either host of a tunnel. Closing it overwrites it; otherwise immutable and thread-safe.
 */
public final class SharedKey implements AutoCloseable {
    public static final int BYTES = 32;

    /** Base64 of {@link #BYTES}, with its padding. */
    private static final int TEXT_BYTES = 44;
    /** With the end of the line, be it that of another system. */
    private static final int FILE_BYTES_MAX = TEXT_BYTES + 2;
    private static final int FINGERPRINT_BYTES = 8;
    private static final byte[] FINGERPRINT_LABEL = "violin shared key".getBytes(StandardCharsets.US_ASCII);

    private final byte[] bytes;

    /** @param bytes {@link #BYTES} of them, which are this object's from now on */
    public SharedKey(byte[] bytes) {
        if (bytes.length != BYTES) {
            throw new IllegalArgumentException(bytes.length + " bytes");
        }
        this.bytes = bytes;
    }

    /**
     * Makes a key and its file, which is on the disk when this returns. A file that is there already is never changed.
     *
     * @throws KeyFileException if there is such a file, or it cannot be made
     */
    public static SharedKey create(Path file) {
        SharedKey key = new SharedKey(new byte[BYTES]);
        new SecureRandom().nextBytes(key.bytes);
        byte[] text = Base64.getEncoder().encode(key.bytes);
        byte[] line = Arrays.copyOf(text, TEXT_BYTES + 1);
        line[TEXT_BYTES] = '\n';
        try {
            SecretFile.create(file, line);
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(line, (byte) 0);
        }
        return key;
    }

    /**
     * Reads a key's file.
     *
     * @throws KeyFileException if it is not there, belongs to somebody else, is open to others, or holds no key
     */
    public static SharedKey read(Path file) {
        byte[] content = SecretFile.read(file, FILE_BYTES_MAX,
            "is longer than a shared key's file (" + (TEXT_BYTES + 1) + " bytes)" + hint());
        try {
            return parse(file, content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static SharedKey parse(Path file, byte[] content) {
        int end = content.length;
        if (end > 0 && content[end - 1] == '\n') {
            end -= end > 1 && content[end - 2] == '\r' ? 2 : 1;
        }
        byte[] text = Arrays.copyOf(content, end);
        byte[] bytes = null;
        try {
            bytes = Base64.getDecoder().decode(text);
            if (bytes.length == BYTES) {
                return new SharedKey(bytes.clone());
            }
            throw new KeyFileException(file + ": holds " + bytes.length + " bytes, a shared key has " + BYTES
                + hint());
        } catch (IllegalArgumentException e) {
            // The decoder's message would name a character of the key.
            throw new KeyFileException(file + ": holds no shared key: it is not one line of base64" + hint());
        } finally {
            Arrays.fill(text, (byte) 0);
            if (bytes != null) {
                Arrays.fill(bytes, (byte) 0);
            }
        }
    }

    /** What people compare to see that two hosts have the same key: 16 hexadecimal digits that do not tell it. */
    public String fingerprint() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(FINGERPRINT_LABEL);
            return HexFormat.of().formatHex(digest.digest(bytes), 0, FINGERPRINT_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /**
     * Another key of {@link #BYTES}, for another purpose, from which neither this one nor others follow: HKDF-Expand
     * with SHA-256 (RFC 5869) of the label's ASCII bytes.
     */
    public byte[] derive(String label) {
        try {
            return KDF.getInstance("HKDF-SHA256").deriveData(HKDFParameterSpec.expandOnly(
                new SecretKeySpec(bytes, "HKDF-PRK"), label.getBytes(StandardCharsets.US_ASCII), BYTES));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no HKDF-SHA256", e);
        }
    }

    /** Not a copy. */
    byte[] bytes() {
        return bytes;
    }

    /** The same key, closed for itself. */
    SharedKey copy() {
        return new SharedKey(bytes.clone());
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SharedKey[" + fingerprint() + "]";
    }

    private static String hint() {
        return ": make one with: violin key new --shared FILE";
    }
}
