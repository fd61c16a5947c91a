package org.violin.control.identity;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.regex.Pattern;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Makes certificates (RFC 5280), and reads what they say. All of P-256 and SHA-256. */
final class Certificates {
    /** What a host may be called in a certificate: what a topology file may call it, and DNS. */
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]{0,62})");

    private static final String SIGNATURE = "SHA256withECDSA";
    private static final int SERIAL_BITS = 127;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss 'UTC'")
        .withZone(ZoneOffset.UTC);

    private Certificates() {
    }

    static String format(Instant time) {
        return TIME.format(time);
    }

    /** Of a host, for its own key. */
    static X509Certificate selfSigned(KeyPair keys, String name, Instant from, Instant to) {
        X500Principal subject = subject(name);
        return make(subject, subject, keys.getPublic(), keys.getPrivate(), from, to, List.of());
    }

    /** Of a CA, whose certificates are for hosts and not for other CAs. */
    static X509Certificate authority(KeyPair keys, String name, Instant from, Instant to) {
        X500Principal subject = subject(name);
        return make(subject, subject, keys.getPublic(), keys.getPrivate(), from, to, List.of(
            new Claim(Extension.basicConstraints, new BasicConstraints(0)),
            new Claim(Extension.keyUsage, new KeyUsage(KeyUsage.keyCertSign))));
    }

    /** Of a host with a name, signed by a CA. */
    static X509Certificate host(X509Certificate ca, PrivateKey signer, PublicKey key, String name, Instant from,
        Instant to) {
        return make(ca.getSubjectX500Principal(), subject(name), key, signer, from, to, List.of(
            new Claim(Extension.basicConstraints, new BasicConstraints(false)),
            new Claim(Extension.keyUsage, new KeyUsage(KeyUsage.digitalSignature)),
            new Claim(Extension.extendedKeyUsage, new ExtendedKeyUsage(
                new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth})),
            new Claim(Extension.subjectAlternativeName,
                new GeneralNames(new GeneralName(GeneralName.dNSName, name)))));
    }

    private record Claim(ASN1ObjectIdentifier id, ASN1Encodable value) {
        boolean critical() {
            return id.equals(Extension.basicConstraints) || id.equals(Extension.keyUsage);
        }
    }

    private static X500Principal subject(String name) {
        return new X500Principal("CN=" + name);
    }

    private static X509Certificate make(X500Principal issuer, X500Principal subject, PublicKey key, PrivateKey signer,
        Instant from, Instant to, Collection<Claim> claims) {
        try {
            BigInteger serial = new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS - 1);
            X509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(issuer, serial, Date.from(from),
                Date.from(to), subject, key);
            for (Claim claim : claims) {
                builder.addExtension(claim.id, claim.critical(), claim.value);
            }
            return new JcaX509CertificateConverter().getCertificate(
                builder.build(new JcaContentSignerBuilder(SIGNATURE).build(signer)));
        } catch (CertIOException | OperatorCreationException | GeneralSecurityException e) {
            throw new IllegalStateException("cannot make a certificate: " + e.getMessage(), e);
        }
    }

    /** The hosts' names that a certificate is for. */
    static List<String> names(X509Certificate certificate) {
        try {
            var names = certificate.getSubjectAlternativeNames();
            return names == null ? List.of() : names.stream()
                .filter(name -> name.getFirst().equals(GeneralName.dNSName))
                .map(name -> String.valueOf(name.get(1))).toList();
        } catch (GeneralSecurityException e) {
            return List.of(); // names that cannot be read are none
        }
    }
}
