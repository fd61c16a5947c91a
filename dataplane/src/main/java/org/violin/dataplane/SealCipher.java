package org.violin.dataplane;

/** What seals a tunnel's datagrams: AEADs with keys of 32 bytes, nonces of 12 and tags of 16. */
public enum SealCipher {
    /** NIST SP 800-38D; the faster one where the processor has instructions for it. */
    AES_256_GCM("aes-256-gcm"),
    /** RFC 8439. */
    CHACHA20_POLY1305("chacha20-poly1305");

    /** Of both. */
    public static final int KEY_BYTES = 32;

    private final String label;

    SealCipher(String label) {
        this.label = label;
    }

    public String label() {
        return label;
    }
}
