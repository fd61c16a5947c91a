package org.violin.control.cli;

import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.violin.control.identity.Identity;
import org.violin.control.identity.Peer;
import org.violin.control.identity.Security;
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

    @Option(names = "--identity", paramLabel = "FILE",
        description = "Seal tunnels, with keys that both ends agree on over TLS (TCP, the tunnel's port number), each"
            + " with an identity of its own: this host's, made by 'violin key new FILE'.")
    private Path identity;

    @Option(names = "--ca", paramLabel = "FILE",
        description = "With --identity: peers have a certificate of this CA ('violin ca') for their name.")
    private Path ca;

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
     * What the user of many tunnels wants, whose peers have certificates for their names; reads the keys.
     *
     * @throws IllegalArgumentException when it is not clear
     */
    Security security() {
        check();
        if (identity != null && ca == null) {
            throw new IllegalArgumentException("--identity: who are the peers? Say --ca FILE, with the certificate of"
                + " the CA that signs for each host's name (violin ca)");
        }
        if (identity == null) {
            return withoutIdentity();
        }
        X509Certificate authority = Identity.readCertificate(ca);
        return byIdentity(name -> new Peer.Named(authority, name));
    }

    /**
     * What the user of one tunnel wants; reads the keys.
     *
     * @param peerKey  the peer's fingerprint; null: not said
     * @param peerName the peer's name; null: not said
     * @throws IllegalArgumentException when it is not clear
     */
    Security security(String peerKey, String peerName) {
        check();
        if (identity == null) {
            if (peerKey != null || peerName != null) {
                throw new IllegalArgumentException((peerKey != null ? "--peer-key" : "--peer-name")
                    + ": only with --identity FILE");
            }
            return withoutIdentity();
        }
        if ((peerKey == null) == (peerName == null) || (ca == null) != (peerName == null)) {
            throw new IllegalArgumentException("--identity: who is the peer? Say --peer-key FINGERPRINT, as 'violin key"
                + " show' prints it on the other host; or --ca FILE and --peer-name NAME");
        }
        Peer peer = peerKey == null ? new Peer.Named(Identity.readCertificate(ca), peerName)
            : new Peer.Pinned(peerKey);
        return byIdentity(name -> peer);
    }

    private Security byIdentity(Function<String, Peer> peers) {
        Identity self = Identity.read(identity);
        return new Security(Sealing.byConnections("keys of identity " + self.fingerprint(), ciphers(), renewal()), self,
            peers);
    }

    private Security withoutIdentity() {
        return Security.of(keyFile == null ? Sealing.NONE
            : Sealing.by(SharedKey.read(keyFile), ciphers(), renewal()));
    }

    private List<SealCipher> ciphers() {
        return cipher == null ? List.of(SealCipher.values()) : List.of(cipher);
    }

    private Duration renewal() {
        return Duration.ofNanos(rekeyNs);
    }

    private void check() {
        int ways = (keyFile == null ? 0 : 1) + (identity == null ? 0 : 1) + (insecurePlaintext ? 1 : 0);
        if (ways == 0) {
            throw new IllegalArgumentException("how are tunnels to be sealed? Say --identity FILE, with an identity of"
                + " its own on each host (violin key new FILE makes one); or --key-file FILE, with the same key on both"
                + " (violin key new --shared FILE); or --insecure-plaintext, on both ends, if anyone on the path may"
                + " read along and anyone may send into the tunnel");
        }
        if (ways > 1) {
            throw new IllegalArgumentException("--key-file, --identity and --insecure-plaintext: one or the other");
        }
        if (ca != null && identity == null) {
            throw new IllegalArgumentException("--ca: only with --identity FILE");
        }
        if (rekeyNs < KeyAgreement.RENEWAL_MIN.toNanos()) {
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
