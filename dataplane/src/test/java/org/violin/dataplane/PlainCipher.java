package org.violin.dataplane;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.wire.TunnelCodec;

/** Datagrams sealed and opened by the JDK, as the specification of the protocol says. */
public final class PlainCipher {
    private static final int TAG_BITS = 8 * TunnelCodec.TAG_BYTES;

    private PlainCipher() {
    }

    /** The datagram, longer by a tag. */
    public static byte[] seal(Aead.Cipher cipher, byte[] key, byte[] datagram) throws GeneralSecurityException {
        byte[] header = Arrays.copyOf(datagram, TunnelCodec.HEADER_BYTES);
        byte[] body = Arrays.copyOfRange(datagram, TunnelCodec.HEADER_BYTES, datagram.length);
        return joined(header, encrypt(cipher, key, nonce(datagram), header, body));
    }

    /** The datagram, shorter by a tag; throws if it is not authentic. */
    public static byte[] open(Aead.Cipher cipher, byte[] key, byte[] datagram) throws GeneralSecurityException {
        byte[] header = Arrays.copyOf(datagram, TunnelCodec.HEADER_BYTES);
        byte[] body = Arrays.copyOfRange(datagram, TunnelCodec.HEADER_BYTES, datagram.length);
        return joined(header, run(Cipher.DECRYPT_MODE, cipher, key, nonce(datagram), header, body));
    }

    /** Ciphertext and tag. */
    public static byte[] encrypt(Aead.Cipher cipher, byte[] key, byte[] nonce, byte[] associated, byte[] text)
        throws GeneralSecurityException {
        return run(Cipher.ENCRYPT_MODE, cipher, key, nonce, associated, text);
    }

    private static byte[] run(int mode, Aead.Cipher cipher, byte[] key, byte[] nonce, byte[] associated, byte[] text)
        throws GeneralSecurityException {
        boolean aes = cipher != Aead.Cipher.CHACHA20_POLY1305;
        Cipher jdk = Cipher.getInstance(aes ? "AES/GCM/NoPadding" : "ChaCha20-Poly1305");
        AlgorithmParameterSpec parameters = aes ? new GCMParameterSpec(TAG_BITS, nonce) : new IvParameterSpec(nonce);
        jdk.init(mode, new SecretKeySpec(key, aes ? "AES" : "ChaCha20"), parameters);
        jdk.updateAAD(associated);
        return jdk.doFinal(text);
    }

    /** 32 zero bits and the counter. */
    private static byte[] nonce(byte[] datagram) {
        byte[] nonce = new byte[12];
        System.arraycopy(datagram, TunnelCodec.COUNTER, nonce, 4, Long.BYTES);
        return nonce;
    }

    private static byte[] joined(byte[] header, byte[] body) {
        byte[] datagram = Arrays.copyOf(header, header.length + body.length);
        System.arraycopy(body, 0, datagram, header.length, body.length);
        return datagram;
    }
}
