package org.violin.dataplane.sys;

/**
 * A key of an AEAD, in native memory, that either seals or opens datagrams: the header's 16 bytes are the associated
 * data, the counter in it the nonce (behind 32 zero bits), the tag of 16 bytes is the datagram's end.
 *
 * <p>Used by one thread at a time. Closing overwrites the key; whoever closes sees to it that no worker is still using
 * it.
 */
public final class Aead implements AutoCloseable {

    /** Ciphers with keys of 32 bytes. */
    public enum Cipher {
        /** NIST SP 800-38D. */
        AES_256_GCM(Layout.AES_256_GCM),
        /** RFC 8439. */
        CHACHA20_POLY1305(Layout.CHACHA20_POLY1305),
        /** To compare: the first by libcrypto, though a library be there that knows this processor better. */
        AES_256_GCM_LIBCRYPTO(Layout.AES_256_GCM_LIBCRYPTO);

        private final int number;

        Cipher(int number) {
            this.number = number;
        }
    }

    private final long handle;
    private final boolean seals;
    private boolean closed;

    private Aead(Cipher cipher, boolean seals, byte[] key) {
        this.seals = seals;
        handle = NativeAead.create(cipher.number, seals, key);
        KernelException.check((int) Math.min(handle, 0), cipher.name(), "violin_aead_new");
    }

    /** @param key of 32 bytes; copied */
    public static Aead sealing(Cipher cipher, byte[] key) {
        return new Aead(cipher, true, key);
    }

    /** @param key of 32 bytes; copied */
    public static Aead opening(Cipher cipher, byte[] key) {
        return new Aead(cipher, false, key);
    }

    /** What the library knows it by. */
    long handle(boolean toSeal) {
        assert seals == toSeal && !closed : "an AEAD that " + (seals ? "seals" : "opens") + (closed ? ", closed" : "");
        return handle;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            NativeAead.free(handle);
        }
    }
}
