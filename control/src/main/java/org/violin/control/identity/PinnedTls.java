package org.violin.control.identity;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.violin.control.stream.NetworkText;

/**
 * TLS 1.3 where the server shows an identity, and clients know its fingerprint, or do not look; they may show one of
 * their own.
 */
public final class PinnedTls {
    private static final String[] VERSIONS = {"TLSv1.3"};

    private PinnedTls() {
    }

    /**
     * A server's end. A certificate that is shown and not known ends the handshake; one that is not shown does not.
     *
     * @param clients none: certificates are not asked for
     */
    public static SSLEngine server(Identity self, Clients clients) {
        SSLEngine engine = engine(
            Tls.context(self, certificate -> clients.objection(certificate, Instant.now())), false);
        engine.setWantClientAuth(!clients.isEmpty());
        return engine;
    }

    /** Whether the other end has shown a certificate, when the handshake is done: at a server, one that it knows. */
    public static boolean hasShown(SSLEngine engine) {
        try {
            return engine.getSession().getPeerCertificates().length > 0;
        } catch (SSLPeerUnverifiedException e) {
            return false;
        }
    }

    /** What a server has against a client's certificate; null: it is something else that a handshake has ended for. */
    public static String objection(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return NetworkText.reason(cause);
            }
        }
        return null;
    }

    /** Why a client's connection has failed, in a line. */
    public static String reason(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause instanceof SSLException && Fault.isRefusal(String.valueOf(cause.getMessage()))
            ? "refuses the certificate that it was shown: it says why, and wants --client-key with the fingerprint of"
                + " that, or one that the CA of its --client-ca has signed" : NetworkText.reason(cause);
    }

    /**
     * A client's end.
     *
     * @param fingerprint of the server's identity
     * @param self        whose certificate is shown, if the server asks for one; null: nobody's
     */
    public static SSLEngine client(String fingerprint, Identity self) {
        return engine(clientContext(fingerprint, self), true);
    }

    /** The same for sockets, with {@link #parameters}. */
    public static SSLContext clientContext(String fingerprint, Identity self) {
        return Tls.context(self, certificate -> objection(certificate, fingerprint));
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
