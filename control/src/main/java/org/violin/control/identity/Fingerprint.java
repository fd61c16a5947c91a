package org.violin.control.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.util.Base64;

/**
 * What a public key is called: SHA-256 of its SubjectPublicKeyInfo, in base64. It may be read by anybody, and stays the
 * same when the key gets another certificate.
 */
public final class Fingerprint {
    static final int BYTES = 32;

    private Fingerprint() {
    }

    public static String of(PublicKey key) {
        return Base64.getEncoder().encodeToString(bytes(key));
    }

    static byte[] bytes(PublicKey key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /**
     * A fingerprint as a user has written it.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static String parse(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text.strip());
            if (bytes.length == BYTES) {
                return Base64.getEncoder().encodeToString(bytes);
            }
        } catch (IllegalArgumentException e) {
            throw wrong(text);
        }
        throw wrong(text);
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("'" + text + "': expected a fingerprint of 44 characters, as"
            + " 'violin key show FILE' prints it on the other host");
    }
}
