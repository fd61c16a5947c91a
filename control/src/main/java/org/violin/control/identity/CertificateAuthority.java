package org.violin.control.identity;

import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.violin.control.keys.KeyFileException;

/**
 * A small CA, for the hosts of one operator: a private key and a certificate, in a file as an identity's. It says which
 * key has which host's name, until when; it takes nothing back.
 */
public final class CertificateAuthority {
    /** Certificates begin a little before they are made, for hosts whose clocks are a little behind. */
    private static final Duration EARLIER = Duration.ofHours(1);

    private final Path file;
    private final Identity identity;

    private CertificateAuthority(Path file, Identity identity) {
        this.file = file;
        this.identity = identity;
    }

    /**
     * Makes a CA and its file.
     *
     * @throws KeyFileException if there is such a file, or it cannot be made
     */
    public static CertificateAuthority create(Path file, String name, int days) {
        KeyPair keys = Identity.newKeys();
        Instant now = Instant.now();
        Identity identity = new Identity(keys.getPrivate(), Certificates.authority(keys, checked(name),
            now.minus(EARLIER), now.plus(days, ChronoUnit.DAYS)));
        identity.write(file);
        return new CertificateAuthority(file, identity);
    }

    /**
     * Reads a CA's file.
     *
     * @throws KeyFileException if it cannot be read, or is not a CA's
     */
    public static CertificateAuthority read(Path file) {
        Identity identity = Identity.read(file);
        if (identity.certificate().getBasicConstraints() < 0) {
            throw new KeyFileException(file + ": is a host's identity, not a CA: make one with: violin ca new FILE");
        }
        return new CertificateAuthority(file, identity);
    }

    /**
     * Says that the key of a certificate is that of a host.
     *
     * @param subject of which only the key is taken
     * @throws KeyFileException if the CA's own certificate ends sooner, or has ended
     */
    public X509Certificate sign(X509Certificate subject, String name, int days) {
        Instant now = Instant.now();
        Instant to = now.plus(days, ChronoUnit.DAYS);
        Instant last = identity.certificate().getNotAfter().toInstant();
        if (to.isAfter(last)) {
            throw new KeyFileException("%s: is valid until %s, and cannot sign for %d days (this host's clock says %s)"
                .formatted(file, Certificates.format(last), days, Certificates.format(now)));
        }
        Instant first = identity.certificate().getNotBefore().toInstant();
        if (now.isBefore(first)) {
            throw new KeyFileException("%s: is valid from %s on, and this host's clock says %s: set the clock"
                .formatted(file, Certificates.format(first), Certificates.format(now)));
        }
        Instant from = now.minus(EARLIER);
        return Certificates.host(identity.certificate(), identity.key(), subject.getPublicKey(), checked(name),
            from.isBefore(first) ? first : from, to);
    }

    private static String checked(String name) {
        if (!Certificates.NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("'" + name + "': a name is 1 to 63 letters, digits, '.', '_' and '-', a"
                + " letter or digit first");
        }
        return name;
    }

    public Identity identity() {
        return identity;
    }
}
