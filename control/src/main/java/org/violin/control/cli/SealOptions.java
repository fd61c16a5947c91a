package org.violin.control.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.violin.control.keys.KeyAgreement;
import org.violin.control.topology.Quantity;
import org.violin.dataplane.SealCipher;
import picocli.CommandLine.Option;

/** How a tunnel is sealed, or that it is not. */
final class SealOptions {
    @Option(names = "--key-file", paramLabel = "FILE",
        description = "Seal the tunnel, with keys that both ends agree on by this shared key: the same file on both"
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

    /** Null: the tunnel is not sealed, and that is what the user wants. */
    Path keyFile() {
        return keyFile;
    }

    List<SealCipher> ciphers() {
        return cipher == null ? Arrays.asList(SealCipher.values()) : List.of(cipher);
    }

    Duration rekey() {
        return Duration.ofNanos(rekeyNs);
    }

    /** @throws IllegalArgumentException when it is not clear what the user wants */
    void check() {
        if (keyFile == null && !insecurePlaintext) {
            throw new IllegalArgumentException("how is the tunnel to be sealed? Say --key-file FILE, with the same key"
                + " on both hosts (violin key new --shared FILE makes one); or --insecure-plaintext, on both ends, if"
                + " anyone on the path may read along and anyone may send into the tunnel");
        }
        if (keyFile != null && insecurePlaintext) {
            throw new IllegalArgumentException("--key-file and --insecure-plaintext: one or the other");
        }
        if (rekey().compareTo(KeyAgreement.RENEWAL_MIN) < 0) {
            throw new IllegalArgumentException("--rekey: 1s or more");
        }
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
