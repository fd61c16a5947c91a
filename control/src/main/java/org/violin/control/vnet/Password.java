package org.violin.control.vnet;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.violin.control.keys.KeyFileException;
import org.violin.control.keys.SecretFile;

/**
 * A server's password, as a file that does not tell it: PBKDF2 with HMAC-SHA-256 (RFC 8018), and a salt. Immutable.
 *
 * @param rounds of the hash
 */
public record Password(int rounds, byte[] salt, byte[] hash) {
    /** Said in the place of a password, and too short to be one: by the certificate that is shown. */
    public static final String BY_CERTIFICATE = "-";

    /** Some 0.1 s of a core. */
    private static final int ROUNDS = 200_000;
    private static final int ROUNDS_MAX = 10_000_000;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int RANDOM_BYTES = 15;
    private static final int FILE_BYTES_MAX = 256;
    private static final String NAME = "violin-vnet-password pbkdf2-sha256 ";
    private static final Pattern FILE =
        Pattern.compile(NAME + "(\\d{4,8}) ([A-Za-z0-9+/=]{24}) ([A-Za-z0-9+/=]{44})\r?\n?");
    /** Without blanks, so that it is one word of a line; short enough for a HANDLE of 64 addresses to be one. */
    private static final Pattern TEXT = Pattern.compile("[!-~]{12,40}");

    /** One that nobody guesses. */
    public static String random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** @throws IllegalArgumentException if it cannot be a password */
    public static Password of(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new IllegalArgumentException("a password is 12 to 40 characters of ASCII without blanks");
        }
        byte[] salt = new byte[SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return new Password(ROUNDS, salt, hash(text, ROUNDS, salt));
    }

    private static byte[] hash(String text, int rounds, byte[] salt) {
        PBEKeySpec spec = new PBEKeySpec(text.toCharArray(), salt, rounds, HASH_BYTES * Byte.SIZE);
        try {
            return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256").generateSecret(spec).getEncoded();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no PBKDF2WithHmacSHA256", e);
        } finally {
            spec.clearPassword();
        }
    }

    /** Takes as long whatever is wrong with it. */
    public boolean matches(String text) {
        return MessageDigest.isEqual(hash, hash(text, rounds, salt));
    }

    /** @throws KeyFileException if there is such a file, or it cannot be made */
    public void write(Path file) {
        Base64.Encoder base64 = Base64.getEncoder();
        String line = NAME + rounds + " " + base64.encodeToString(salt) + " "
            + base64.encodeToString(hash) + "\n";
        SecretFile.create(file, line.getBytes(StandardCharsets.US_ASCII));
    }

    /** @throws KeyFileException if it is not there, belongs to somebody else, is open to others, or holds none */
    public static Password read(Path file) {
        Matcher found = FILE.matcher(text(file));
        if (found.matches()) {
            try {
                Password password = new Password(Integer.parseInt(found.group(1)),
                    Base64.getDecoder().decode(found.group(2)), Base64.getDecoder().decode(found.group(3)));
                if (password.rounds <= ROUNDS_MAX && password.hash.length == HASH_BYTES) {
                    return password;
                }
            } catch (IllegalArgumentException e) {
                throw damaged(file);
            }
        }
        throw damaged(file);
    }

    private static KeyFileException damaged(Path file) {
        return new KeyFileException(file + ": holds no server's password: make one with: violin vnet password FILE");
    }

    /**
     * The password itself, from a client's file.
     *
     * @throws KeyFileException as {@link #read}
     */
    public static String readText(Path file) {
        String text = text(file).strip();
        if (!TEXT.matcher(text).matches()) {
            throw new KeyFileException(file + ": expected the password alone, 12 to 40 characters of ASCII without"
                + " blanks, as 'violin vnet password' has printed it");
        }
        return text;
    }

    private static String text(Path file) {
        byte[] content = SecretFile.read(file, FILE_BYTES_MAX, "is longer than a file with a password");
        try {
            return new String(content, StandardCharsets.US_ASCII);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    @Override
    public String toString() {
        return "Password";
    }
}
