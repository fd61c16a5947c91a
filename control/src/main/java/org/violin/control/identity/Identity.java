package org.violin.control.identity;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.violin.control.keys.KeyFileException;
import org.violin.control.keys.SecretFile;

/**
 * Who a host is: a private key and a certificate of its public key. In a file of PEM that only its owner may read: the
 * key, and one certificate or more, of which the last one counts, so that another is put behind it by appending.
 *
 * <p>Keys are of the curve P-256. The JDK keeps a private key in objects that cannot be overwritten; the file's content
 * is, once it has been read. Immutable.
 */
public final class Identity {
    private static final int FILE_BYTES_MAX = 65_536;
    private static final byte[] PROOF = "violin identity".getBytes(StandardCharsets.US_ASCII);
    /** There is no well-defined end of it (RFC 5280, section 4.1.2.5): what others trust is the key. */
    private static final Instant NO_END = Instant.parse("9999-12-31T23:59:59Z");

    private final PrivateKey key;
    private final X509Certificate certificate;

    Identity(PrivateKey key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /**
     * Makes a key, a certificate that it signs itself, and their file. A file that is there already is never changed.
     *
     * @throws KeyFileException if there is such a file, or it cannot be made
     */
    public static Identity create(Path file) {
        KeyPair pair = newKeys();
        Instant now = Instant.now();
        Identity identity = new Identity(pair.getPrivate(), Certificates.selfSigned(pair, "violin identity",
            now.minus(1, ChronoUnit.DAYS), NO_END));
        identity.write(file);
        return identity;
    }

    static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (NoSuchAlgorithmException | InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("this JDK has no P-256", e);
        }
    }

    void write(Path file) {
        Pem.Block secret = new Pem.Block(Pem.PRIVATE_KEY, key.getEncoded());
        byte[] first = Pem.encode(secret);
        byte[] second = pem(certificate).getBytes(StandardCharsets.US_ASCII);
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        try {
            SecretFile.create(file, all);
        } finally {
            secret.clear();
            Arrays.fill(first, (byte) 0);
            Arrays.fill(all, (byte) 0);
        }
    }

    /**
     * Reads an identity's file.
     *
     * @throws KeyFileException if it is not there, belongs to somebody else, is open to others, or holds no identity
     */
    public static Identity read(Path file) {
        List<Pem.Block> blocks = blocks(file, SecretFile.read(file, FILE_BYTES_MAX, tooLong()));
        try {
            List<Pem.Block> keys = blocks.stream().filter(block -> block.label().equals(Pem.PRIVATE_KEY)).toList();
            List<X509Certificate> certificates = certificates(file, blocks);
            if (keys.size() != 1 || certificates.isEmpty()) {
                throw new KeyFileException(file + ": holds no identity, which is one private key and its certificate"
                    + ": make one with: violin key new FILE");
            }
            PrivateKey key = privateKey(file, keys.getFirst());
            X509Certificate last = certificates.getLast();
            if (!belong(key, last.getPublicKey())) {
                throw new KeyFileException(file + ": its last certificate is of another key (" + Fingerprint.of(
                    last.getPublicKey()) + "): take it out, and append the one that was signed for this key");
            }
            return new Identity(key, last);
        } finally {
            blocks.forEach(Pem.Block::clear);
        }
    }

    /**
     * Reads the one certificate of a file that is nobody's secret.
     *
     * @throws KeyFileException if it is not there, holds none or several, or a private key as well
     */
    public static X509Certificate readCertificate(Path file) {
        List<Pem.Block> blocks = blocks(file, SecretFile.readPublic(file, FILE_BYTES_MAX, tooLong()));
        boolean secret = blocks.stream().anyMatch(block -> block.label().endsWith(Pem.PRIVATE_KEY));
        List<X509Certificate> certificates = certificates(file, blocks);
        blocks.forEach(Pem.Block::clear);
        if (secret) {
            throw new KeyFileException(file + ": holds a private key, which belongs where it was made only: give the"
                + " certificate alone, as 'violin key show --certificate " + file + "' prints it");
        }
        if (certificates.size() != 1) {
            throw new KeyFileException(file + ": holds " + certificates.size() + " certificates, not one: print one"
                + " with: violin key show --certificate FILE");
        }
        return certificates.getFirst();
    }

    /** Whether a file looks like PEM, and not like a shared key; read with the checks of either. */
    public static boolean isPem(Path file) {
        byte[] content = SecretFile.read(file, FILE_BYTES_MAX, tooLong());
        try {
            return new String(content, 0, Math.min(content.length, 5), StandardCharsets.US_ASCII).equals("-----");
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static List<Pem.Block> blocks(Path file, byte[] content) {
        try {
            return Pem.decode(content);
        } catch (IllegalArgumentException e) {
            throw new KeyFileException(file + ": " + e.getMessage() + ": the file is damaged: copy it again");
        } finally {
            Arrays.fill(content, (byte) 0);
        }
    }

    private static List<X509Certificate> certificates(Path file, List<Pem.Block> blocks) {
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            List<X509Certificate> all = new ArrayList<>();
            for (Pem.Block block : blocks) {
                if (block.label().equals(Pem.CERTIFICATE)) {
                    all.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der())));
                }
            }
            return all;
        } catch (CertificateException e) {
            throw new KeyFileException(file + ": a certificate in it is damaged: " + e.getMessage());
        }
    }

    private static PrivateKey privateKey(Path file, Pem.Block block) {
        for (String algorithm : List.of("EC", "Ed25519", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(block.der()));
            } catch (GeneralSecurityException e) {
                continue; // another kind; its message could tell of the key
            }
        }
        throw new KeyFileException(file + ": its private key is damaged, or of a kind that is not supported: make one"
            + " with: violin key new FILE");
    }

    /** Whether what one signs, the other verifies. */
    private static boolean belong(PrivateKey key, PublicKey publicKey) {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> "Ed25519";
        };
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(PROOF);
            byte[] proof = signature.sign();
            signature.initVerify(publicKey);
            signature.update(PROOF);
            return signature.verify(proof);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static String tooLong() {
        return "is longer than a file of keys can be (" + FILE_BYTES_MAX + " bytes)";
    }

    /** A certificate as people send it to each other. */
    public static String pem(X509Certificate certificate) {
        try {
            return new String(Pem.encode(new Pem.Block(Pem.CERTIFICATE, certificate.getEncoded())),
                StandardCharsets.US_ASCII);
        } catch (CertificateException e) {
            throw new IllegalStateException("a certificate that cannot be encoded", e);
        }
    }

    /** What others pin. */
    public String fingerprint() {
        return Fingerprint.of(certificate.getPublicKey());
    }

    public X509Certificate certificate() {
        return certificate;
    }

    PrivateKey key() {
        return key;
    }

    /** For people: whose it is, and until when. */
    public String describe() {
        List<String> names = Certificates.names(certificate);
        String until = ", valid until " + Certificates.format(certificate.getNotAfter().toInstant());
        return certificate.getBasicConstraints() >= 0
            ? "CA " + certificate.getSubjectX500Principal().getName() + until
            : names.isEmpty() ? "identity" : "identity of " + String.join(", ", names) + until;
    }

    /** Without the private key. */
    @Override
    public String toString() {
        return "Identity[" + fingerprint() + "]";
    }
}
