package org.violin.control.identity;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Set;

/**
 * Whom a server knows by their certificates. That clients have the keys of these, TLS has proved. Immutable.
 *
 * @param keys fingerprints, as of {@link Fingerprint#parse}: whoever has one of these keys
 * @param ca   whoever has a certificate of this CA that is valid now, for whatever name; null: nobody
 */
public record Clients(Set<String> keys, X509Certificate ca) {
    /** Nobody: certificates are not asked for. */
    public static final Clients NONE = new Clients(Set.of(), null);

    public Clients {
        keys = Set.copyOf(keys);
    }

    public boolean isEmpty() {
        return keys.isEmpty() && ca == null;
    }

    /** What speaks against a client that shows a certificate, for the operator; null: nothing. */
    String objection(X509Certificate certificate, Instant now) {
        String shown = Fingerprint.of(certificate.getPublicKey());
        if (keys.contains(shown)) {
            return null;
        }
        return ca != null ? new Peer.Signed(ca).objection(certificate, now) : "a client has the key " + shown
            + ", which is not known here: start the server with --client-key " + shown + " as well, if it is to be";
    }
}
