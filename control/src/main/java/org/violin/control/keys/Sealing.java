package org.violin.control.keys;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.violin.dataplane.SealCipher;

/**
 * How tunnels are sealed.
 *
 * @param by      who gives the keys, for people
 * @param key     that both ends share; null: tunnels are not sealed, or control connections give them keys
 * @param ciphers what is taken, the best liked first; none: tunnels are not sealed
 * @param renewal how long keys are used
 */
public record Sealing(String by, SharedKey key, List<SealCipher> ciphers, Duration renewal) {
    public static final Sealing NONE = new Sealing("", null, List.of(), KeyAgreement.RENEWAL_DEFAULT);

    /** By a shared key. */
    public static Sealing by(SharedKey key, List<SealCipher> ciphers, Duration renewal) {
        return new Sealing("key " + key.fingerprint(), Objects.requireNonNull(key), ciphers, renewal);
    }

    /** By keys that {@link KeyKeeper#give} is given. */
    public static Sealing byConnections(String by, List<SealCipher> ciphers, Duration renewal) {
        return new Sealing(by, null, ciphers, renewal);
    }

    /** The same by another key, for one tunnel. */
    public Sealing with(SharedKey own) {
        return new Sealing(by, own, ciphers, renewal);
    }

    public boolean seals() {
        return !ciphers.isEmpty();
    }

    /** For people: by what, or that they are not. */
    @Override
    public String toString() {
        return seals() ? "sealed by " + by : "NOT encrypted";
    }
}
