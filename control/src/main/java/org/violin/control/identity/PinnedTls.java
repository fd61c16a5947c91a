package org.violin.control.identity;

import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/** TLS 1.3 where the server alone shows an identity, and clients know its fingerprint, or do not look. */
public final class PinnedTls {
    private static final String[] VERSIONS = {"TLSv1.3"};

    private PinnedTls() {
    }

    public static SSLEngine server(Identity self) {
        return engine(Tls.context(self, certificate -> null), false);
    }

    /** @param fingerprint of the server's identity */
    public static SSLEngine client(String fingerprint) {
        return engine(clientContext(fingerprint), true);
    }

    /** The same for sockets, with {@link #parameters}. */
    public static SSLContext clientContext(String fingerprint) {
        return Tls.context(null, certificate -> objection(certificate, fingerprint));
    }

    public static SSLParameters parameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(VERSIONS);
        return parameters;
    }

    private static String objection(X509Certificate certificate, String fingerprint) {
        String shown = Fingerprint.of(certificate.getPublicKey());
        return shown.equals(fingerprint) ? null : "has the fingerprint " + shown + ", not " + fingerprint;
    }

    private static SSLEngine engine(SSLContext context, boolean client) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(client);
        engine.setSSLParameters(parameters());
        return engine;
    }
}
