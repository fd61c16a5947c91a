package org.violin.control.identity;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** Whom a tunnel's other end has to be. That it has the key of its certificate, TLS has proved. Immutable. */
public sealed interface Peer {
    /**
     * What speaks against an end that shows a certificate.
     *
     * @return null: nothing; else a sentence for the operator, with the mend
     */
    String objection(X509Certificate certificate, Instant now);

    /**
     * The holder of one key, whatever else its certificate says; clocks do not matter.
     *
     * @param fingerprint as of {@link Fingerprint#parse}
     */
    record Pinned(String fingerprint) implements Peer {
        @Override
        public String objection(X509Certificate certificate, Instant now) {
            String shown = Fingerprint.of(certificate.getPublicKey());
            return shown.equals(fingerprint) ? null : "the other end has the key " + shown + ", and --peer-key wants "
                + fingerprint + ": compare what 'violin key show' says there, and say --peer-key " + shown
                + " only if it is that";
        }

        @Override
        public String toString() {
            return "key " + fingerprint;
        }
    }

    /** Whoever has a certificate of this CA, for this name, that is valid now. */
    record Named(X509Certificate ca, String name) implements Peer {
        @Override
        public String objection(X509Certificate certificate, Instant now) {
            String unsigned = new Signed(ca).objection(certificate, now);
            List<String> names = Certificates.names(certificate);
            return unsigned != null ? unsigned : names.contains(name) ? null : "the other end is "
                + (names.isEmpty() ? "nobody" : String.join(", ", names)) + " by its certificate, and " + name
                + " is wanted: is this its address? Else sign its key for that name with 'violin ca sign'";
        }

        @Override
        public String toString() {
            return name + " of CA " + ca.getSubjectX500Principal().getName();
        }
    }

    /** Whoever has a certificate of this CA, for whatever name, that is valid now. */
    record Signed(X509Certificate ca) implements Peer {
        @Override
        public String objection(X509Certificate certificate, Instant now) {
            if (!isSigned(certificate)) {
                return "the other end, with the key " + Fingerprint.of(certificate.getPublicKey()) + ", has no"
                    + " certificate of the CA " + ca.getSubjectX500Principal().getName() + ": sign it with"
                    + " 'violin ca sign', and append what that prints to its identity";
            }
            String untimely = untimely("this host's certificate of the CA", ca, now);
            return untimely != null ? untimely : untimely("the other end's certificate", certificate, now);
        }

        private static String untimely(String what, X509Certificate certificate, Instant now) {
            Instant from = certificate.getNotBefore().toInstant();
            Instant to = certificate.getNotAfter().toInstant();
            String clock = ", and this host's clock says " + Certificates.format(now) + ": ";
            if (now.isBefore(from)) {
                return what + " is valid from " + Certificates.format(from) + " on" + clock + "set the clock that is"
                    + " wrong, here or where it was signed";
            }
            return now.isAfter(to) ? what + " has expired on " + Certificates.format(to) + clock + "sign another with"
                + " 'violin ca sign', or set the clock if it is wrong" : null;
        }

        /** By the CA itself, for use by a host; dates are another matter. */
        private boolean isSigned(X509Certificate certificate) {
            try {
                PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
                parameters.setRevocationEnabled(false);
                parameters.setDate(Date.from(certificate.getNotBefore().toInstant()));
                CertPathValidator.getInstance("PKIX").validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
                return certificate.getBasicConstraints() < 0;
            } catch (GeneralSecurityException e) {
                return false;
            }
        }

        @Override
        public String toString() {
            return "any of CA " + ca.getSubjectX500Principal().getName();
        }
    }
}
