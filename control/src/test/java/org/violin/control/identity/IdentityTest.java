package org.violin.control.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.violin.control.Seeds;
import org.violin.control.keys.KeyFileException;

/** Files of identities and CAs, and what speaks against a certificate. */
class IdentityTest {
    @TempDir
    private Path directory;
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("host.pem");
    }

    private void assertRefused(String... parts) {
        assertThatThrownBy(() -> Identity.read(file)).isInstanceOf(KeyFileException.class)
            .hasMessageStartingWith(file + ": ").hasMessageContainingAll(parts).hasNoCause();
    }

    @Test
    void aNewIdentityIsReadAgainByItsOwnerOnly() throws Exception {
        Identity made = Identity.create(file);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        Identity read = Identity.read(file);
        assertThat(read.fingerprint()).isEqualTo(made.fingerprint()).hasSize(44);
        byte[] spki = made.certificate().getPublicKey().getEncoded();
        assertThat(read.fingerprint()).isEqualTo(
            Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(spki)));
        assertThat(read).hasToString("Identity[" + made.fingerprint() + "]");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertRefused("is open to other users (mode 0640): chmod 600 " + file);
        assertThatThrownBy(() -> Identity.create(file)).hasMessageContaining("is there already");
    }

    @Test
    void whatHoldsNoIdentityIsRefusedWithoutTellingWhatItHolds() throws Exception {
        Identity.create(file);
        String good = Files.readString(file);
        String secret = good.lines().skip(1).findFirst().orElseThrow();
        int certificate = good.indexOf("-----BEGIN CERTIFICATE");
        for (String wrong : new String[] {"", "nothing", good.substring(0, certificate), good.substring(certificate),
            good.substring(0, certificate) + good, good.substring(0, good.length() - 30),
            good.replaceFirst("-----END PRIVATE KEY-----", "-----END SECRET KEY-----"),
            good.replace(secret, secret.substring(5))}) {
            Files.writeString(file, wrong);
            assertThatThrownBy(() -> Identity.read(file)).isInstanceOf(KeyFileException.class)
                .hasMessageStartingWith(file + ": ").hasMessageNotContaining(secret.substring(10, 30)).hasNoCause();
        }
        Files.writeString(file, "-".repeat(100_000));
        assertRefused("is longer than");
    }

    /** No damage has an effect but an error of ours. */
    @Test
    void damageOfEveryKindIsAnErrorThatNamesTheFile() throws Exception {
        Identity.create(file);
        byte[] good = Files.readAllBytes(file);
        SplittableRandom random = Seeds.random("IdentityTest");
        for (int i = 0; i < 300; i++) {
            byte[] bad = good.clone();
            bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            Files.write(file, bad);
            try {
                assertThat(Identity.read(file).fingerprint()).hasSize(44);
            } catch (KeyFileException e) {
                assertThat(e).hasMessageStartingWith(file + ": ");
            }
        }
    }

    @Test
    void theLastCertificateCountsAndIsOfThisKey() throws Exception {
        Identity made = Identity.create(file);
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 30);
        Files.writeString(file, Identity.pem(ca.sign(made.certificate(), "host-a", 10)), StandardOpenOption.APPEND);
        assertThat(Identity.read(file).describe()).startsWith("identity of host-a, valid until ");
        Identity other = Identity.create(directory.resolve("other"));
        Files.writeString(file, Identity.pem(other.certificate()), StandardOpenOption.APPEND);
        assertRefused("its last certificate is of another key (" + other.fingerprint());
    }

    @Test
    void aCertificateForOthersComesAlone() throws Exception {
        Identity made = Identity.create(file);
        assertThatThrownBy(() -> Identity.readCertificate(file)).hasMessageContaining("holds a private key");
        Path alone = Files.writeString(directory.resolve("host.crt"), "A note.\n" + Identity.pem(made.certificate()));
        assertThat(Identity.readCertificate(alone)).isEqualTo(made.certificate());
        Files.writeString(alone, Identity.pem(made.certificate()), StandardOpenOption.APPEND);
        assertThatThrownBy(() -> Identity.readCertificate(alone))
            .hasMessageContaining("holds 2 certificates, not one");
    }

    @Test
    void pemIsReadAsItIsWritten() {
        byte[] der = "some content, longer than one line of base64 is in PEM".getBytes(StandardCharsets.US_ASCII);
        byte[] text = Pem.encode(new Pem.Block("THING", der));
        assertThat(Pem.decode(text)).singleElement().satisfies(block -> {
            assertThat(block.label()).isEqualTo("THING");
            assertThat(block.der()).isEqualTo(der);
        });
        String windows = new String(text, StandardCharsets.US_ASCII).replace("\n", "\r\n");
        assertThat(Pem.decode(windows.getBytes(StandardCharsets.US_ASCII)).getFirst().der()).isEqualTo(der);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "short", "7737830c471538ed", "=", "AAAA",
        "!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!="})
    void whatIsNoFingerprintIsRefused(String text) {
        assertThatThrownBy(() -> Fingerprint.parse(text)).isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("violin key show");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", ".a", "a b", "a,b", "a/b"})
    void whatIsNoNameIsNotSigned(String name) {
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 30);
        X509Certificate subject = Identity.create(file).certificate();
        assertThatThrownBy(() -> ca.sign(subject, name, 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aNameIsBelievedOfTheCaAndInItsTimeOnly() {
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 30);
        CertificateAuthority namesake = CertificateAuthority.create(directory.resolve("other-ca"), "ca", 30);
        X509Certificate subject = Identity.create(file).certificate();
        Peer peer = new Peer.Named(ca.identity().certificate(), "host-a");
        Instant now = Instant.now();
        X509Certificate good = ca.sign(subject, "host-a", 10);
        assertThat(peer.objection(good, now)).isNull();
        assertThat(peer.objection(good, now.minus(Duration.ofMinutes(30)))).isNull();
        assertThat(peer.objection(good, now.minus(Duration.ofHours(2)))).contains("is valid from ",
            "this host's clock says " + Certificates.format(now.minus(Duration.ofHours(2))), "set the clock");
        assertThat(peer.objection(good, now.plus(Duration.ofDays(11))))
            .contains("has expired on ", "this host's clock");
        assertThat(peer.objection(good, now.plus(Duration.ofDays(31)))).contains("this host's certificate of the CA");
        assertThat(peer.objection(ca.sign(subject, "host-b", 10), now)).contains("is host-b", "host-a is wanted");
        assertThat(peer.objection(namesake.sign(subject, "host-a", 10), now)).contains("has no certificate of the CA");
        assertThat(peer.objection(subject, now)).contains("has no certificate of the CA");
        assertThat(peer.objection(ca.identity().certificate(), now)).contains("has no certificate of the CA");
    }

    @Test
    void clientsAreKnownByTheirKeysOrByACa() {
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 30);
        Identity known = Identity.create(file);
        Identity other = Identity.create(directory.resolve("other.pem"));
        Instant now = Instant.now();
        Clients keys = new Clients(Set.of(known.fingerprint()), null);
        assertThat(keys.objection(known.certificate(), now)).isNull();
        assertThat(keys.objection(other.certificate(), now)).contains("--client-key " + other.fingerprint());
        Clients both = new Clients(keys.keys(), ca.identity().certificate());
        assertThat(both.objection(known.certificate(), now)).isNull();
        X509Certificate signed = ca.sign(other.certificate(), "any-name", 10);
        assertThat(both.objection(signed, now)).isNull();
        assertThat(both.objection(signed, now.plus(Duration.ofDays(11)))).contains("has expired on ");
        assertThat(both.objection(other.certificate(), now)).contains("has no certificate of the CA");
        assertThat(keys.isEmpty() || both.isEmpty()).isFalse();
        assertThat(Clients.NONE.isEmpty()).isTrue();
    }

    /** A host's key signs nothing that others believe. */
    @Test
    void whatAHostSignsIsNotTheCas() {
        CertificateAuthority ca = CertificateAuthority.create(directory.resolve("ca"), "ca", 30);
        Identity host = Identity.create(file);
        X509Certificate good = ca.sign(host.certificate(), "host-a", 10);
        Instant now = Instant.now();
        X509Certificate forged = Certificates.host(good, host.key(), host.certificate().getPublicKey(), "host-b",
            now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)));
        assertThat(new Peer.Named(ca.identity().certificate(), "host-b").objection(forged, now))
            .contains("has no certificate of the CA");
    }
}
