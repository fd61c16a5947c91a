package org.violin.control.keys;

import java.time.Duration;
import java.util.List;
import org.violin.dataplane.SealCipher;

/**
 * How tunnels are sealed.
 *
 * @param key     that both ends share; null: tunnels are not sealed
 * @param ciphers what is taken, the best liked first
 * @param renewal how long keys are used
 */
public record Sealing(SharedKey key, List<SealCipher> ciphers, Duration renewal) {
    public static final Sealing NONE = new Sealing(null, List.of(), KeyAgreement.RENEWAL_DEFAULT);

    public boolean seals() {
        return key != null;
    }

    /** For people: by which key, or that there is none. */
    @Override
    public String toString() {
        return seals() ? "sealed by key " + key.fingerprint() : "NOT encrypted";
    }
}
