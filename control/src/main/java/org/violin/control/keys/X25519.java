package org.violin.control.keys;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import javax.crypto.KeyAgreement;

/** Diffie-Hellman on Curve25519 (RFC 7748), by the JDK, with keys as the strings of 32 bytes that are on the wire. */
final class X25519 {
    /** Of a secret, of a public key and of what two sides agree on. */
    static final int BYTES = 32;

    private static final String NAME = "X25519";
    private static final byte[] BASE_POINT = Arrays.copyOf(new byte[] {9}, BYTES);

    private X25519() {
    }

    /** @param secret 32 random bytes */
    static byte[] publicKey(byte[] secret) {
        return agree(secret, BASE_POINT);
    }

    /**
     * What the holders of two secrets have in common; null if that is zero whatever the secret, because the public key
     * is a point of small order (RFC 7748, section 6.1).
     */
    static byte[] agree(byte[] secret, byte[] publicKey) {
        try {
            KeyFactory keys = KeyFactory.getInstance(NAME);
            KeyAgreement agreement = KeyAgreement.getInstance(NAME);
            agreement.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, secret)));
            var point = keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, coordinate(publicKey)));
            try {
                agreement.doPhase(point, true);
            } catch (InvalidKeyException e) {
                return null; // The JDK refuses points of small order by itself.
            }
            byte[] shared = agreement.generateSecret();
            return isZero(shared) ? null : shared;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no X25519: " + e.getMessage(), e);
        }
    }

    /** Little-endian, without the top bit, which receivers must ignore (RFC 7748, section 5). */
    private static BigInteger coordinate(byte[] publicKey) {
        byte[] bigEndian = new byte[BYTES];
        for (int i = 0; i < BYTES; i++) {
            bigEndian[i] = publicKey[BYTES - 1 - i];
        }
        bigEndian[0] &= 0x7F;
        return new BigInteger(1, bigEndian);
    }

    private static boolean isZero(byte[] bytes) {
        int sum = 0;
        for (byte b : bytes) {
            sum |= b;
        }
        return sum == 0;
    }
}
