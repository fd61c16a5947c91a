package org.violin.control.keys;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Noise's SymmetricState with its CipherState (revision 34, sections 5.1 and 5.2), of AES-256-GCM and SHA-256. In the
 * pattern it serves, no key seals more than one message, so the nonce is always 0.
 */
final class SymmetricState {
    static final int TAG_BYTES = 16;

    private static final int HASH_BYTES = 32;
    private static final byte[] NONCE = new byte[12];
    private static final byte[] NOTHING = new byte[0];

    private final byte[] chainingKey;
    private final byte[] hash;
    /** Null until there is one, and again when it has been used. */
    private byte[] key;

    /** @param protocol Noise's name of it, of {@value #HASH_BYTES} bytes; a longer one would have to be hashed */
    SymmetricState(String protocol) {
        hash = protocol.getBytes(StandardCharsets.US_ASCII);
        if (hash.length != HASH_BYTES) {
            throw new IllegalArgumentException(protocol);
        }
        chainingKey = hash.clone();
    }

    private SymmetricState(SymmetricState from) {
        chainingKey = from.chainingKey.clone();
        hash = from.hash.clone();
        key = from.key == null ? null : from.key.clone();
    }

    SymmetricState copy() {
        return new SymmetricState(this);
    }

    void mixHash(byte[] data) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(hash);
            digest.update(data);
            digest.digest(hash, 0, HASH_BYTES);
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    void mixKey(byte[] material) {
        byte[][] keys = derive(material, 2);
        takeChainingKey(keys[0]);
        takeKey(keys[1]);
    }

    void mixKeyAndHash(byte[] material) {
        byte[][] keys = derive(material, 3);
        takeChainingKey(keys[0]);
        mixHash(keys[1]);
        Arrays.fill(keys[1], (byte) 0);
        takeKey(keys[2]);
    }

    /** Returns {@code plain} sealed, {@link #TAG_BYTES} longer. */
    byte[] encryptAndHash(byte[] plain) {
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE).doFinal(plain);
            mixHash(sealed);
            return sealed;
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    /** Returns what was sealed, or null if it is not authentic; the state is of no use then. */
    byte[] decryptAndHash(byte[] sealed) {
        try {
            byte[] plain = cipher(Cipher.DECRYPT_MODE).doFinal(sealed);
            mixHash(sealed);
            return plain;
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    /** The keys of the session: of what the initiator sends, and of what the responder sends. */
    byte[][] split() {
        return derive(NOTHING, 2);
    }

    void clear() {
        Arrays.fill(chainingKey, (byte) 0);
        Arrays.fill(hash, (byte) 0);
        takeKey(null);
    }

    private Cipher cipher(int mode) throws GeneralSecurityException {
        if (key == null) {
            throw new IllegalStateException("no key, or one that has sealed a message already");
        }
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_BYTES * 8, NONCE));
        cipher.updateAAD(hash);
        takeKey(null);
        return cipher;
    }

    private void takeChainingKey(byte[] next) {
        System.arraycopy(next, 0, chainingKey, 0, HASH_BYTES);
        Arrays.fill(next, (byte) 0);
    }

    private void takeKey(byte[] next) {
        if (key != null) {
            Arrays.fill(key, (byte) 0);
        }
        key = next;
    }

    /** HKDF of the Noise specification, section 4.3: RFC 5869 with the chaining key as salt and no info. */
    private byte[][] derive(byte[] material, int count) {
        byte[] secret = hmac(chainingKey, material);
        byte[][] keys = new byte[count][];
        byte[] input = {1};
        for (int i = 0; i < count; i++) {
            keys[i] = hmac(secret, input);
            Arrays.fill(input, (byte) 0);
            input = Arrays.copyOf(keys[i], HASH_BYTES + 1);
            input[HASH_BYTES] = (byte) (i + 2);
        }
        Arrays.fill(input, (byte) 0);
        Arrays.fill(secret, (byte) 0);
        return keys;
    }

    private static byte[] hmac(byte[] key, byte[] data) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(data);
        } catch (GeneralSecurityException e) {
            throw lacking(e);
        }
    }

    private static IllegalStateException lacking(GeneralSecurityException e) {
        return new IllegalStateException("this JDK has no AES-GCM, SHA-256 or HMAC: " + e.getMessage(), e);
    }
}
