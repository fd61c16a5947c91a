package org.violin.control.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.violin.control.keys.KeyAgreement;
import org.violin.control.keys.Sealing;
import org.violin.control.keys.SharedKey;
import org.violin.control.topology.Quantity;
import org.violin.dataplane.SealCipher;
import picocli.CommandLine.Option;

/** How tunnels are sealed, or that they are not. */
final class SealOptions {
    @Option(names = "--key-file", paramLabel = "FILE",
        description = "Seal tunnels, with keys that both ends agree on by this shared key: the same file on both"
            + " hosts, made by 'violin key new --shared FILE'.")
    private Path keyFile;

    @Option(names = "--cipher", paramLabel = "CIPHER", converter = Cipher.class, completionCandidates = Cipher.class,
        description = "Seal with this alone: ${COMPLETION-CANDIDATES} (default: what both ends take, in this order).")
    private SealCipher cipher;

    @Option(names = "--rekey", paramLabel = "TIME", converter = Time.class, defaultValue = "120s",
        description = "Agree on new keys so often (default: ${DEFAULT-VALUE}; 1s or more). Nothing is lost by it.")
    private long rekeyNs;

    @Option(names = "--insecure-plaintext",
        description = "Send frames unencrypted and unauthenticated instead; to be said on both ends.")
    private boolean insecurePlaintext;

    Path keyFile() {
        return keyFile;
    }

    boolean isPlaintext() {
        return insecurePlaintext;
    }

    /**
     * What the user wants; reads the key.
     *
     * @throws IllegalArgumentException when it is not clear
     */
    Sealing sealing() {
        if (keyFile == null && !insecurePlaintext) {
            throw new IllegalArgumentException("how are tunnels to be sealed? Say --key-file FILE, with the same key"
                + " on both hosts (violin key new --shared FILE makes one); or --insecure-plaintext, on both ends, if"
                + " anyone on the path may read along and anyone may send into the tunnel");
        }
        if (keyFile != null && insecurePlaintext) {
            throw new IllegalArgumentException("--key-file and --insecure-plaintext: one or the other");
        }
        if (rekeyNs < KeyAgreement.RENEWAL_MIN.toNanos()) {
            throw new IllegalArgumentException("--rekey: 1s or more");
        }
        List<SealCipher> ciphers = cipher == null ? List.of(SealCipher.values()) : List.of(cipher);
        return keyFile == null ? Sealing.NONE
            : new Sealing(SharedKey.read(keyFile), ciphers, Duration.ofNanos(rekeyNs));
    }

    static final class Cipher extends Labels<SealCipher> {
        Cipher() {
            super(SealCipher.values(), SealCipher::label);
        }
    }

    static final class Time extends Converter<Long> {
        Time() {
            super(Quantity.DURATION::parse);
        }
    }
}
