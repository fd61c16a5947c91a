package org.violin.control.identity;

import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.function.Function;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.violin.control.keys.SharedKey;

/** TLS 1.3 (RFC 8446) as control connections use it: both ends show a certificate, sessions are not resumed. */
final class Tls {
    static final String ALPN = "violin-control/1";
    /** Of streams, on the same port. */
    static final String STREAM_ALPN = "violin-stream/1";
    /** Labels that are not registered begin like this (RFC 5705, section 4). */
    static final String LABEL = "EXPERIMENTAL-violin-tunnel-psk";

    private static final String VERSION = "TLSv1.3";
    private static final String GROUP = "x25519";

    private Tls() {
    }

    /** @param objections what speaks against a certificate, null: nothing */
    static SSLEngine server(Identity self, Function<X509Certificate, String> objections) {
        return engine(self, false, objections, ALPN, STREAM_ALPN);
    }

    /** @param protocol what is to be spoken */
    static SSLEngine client(Identity self, Function<X509Certificate, String> objections, String protocol) {
        return engine(self, true, objections, protocol);
    }

    private static SSLEngine engine(Identity self, boolean client, Function<X509Certificate, String> objections,
        String... protocols) {
        SSLEngine engine = context(self, objections).createSSLEngine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setProtocols(new String[] {VERSION});
        parameters.setNamedGroups(new String[] {GROUP}); // a key of every other one would be computed for nothing
        parameters.setApplicationProtocols(protocols);
        parameters.setNeedClientAuth(!client);
        engine.setSSLParameters(parameters);
        engine.setUseClientMode(client);
        return engine;
    }

    /**
     * One for each connection: there is nothing that a later one could resume.
     *
     * @param self whose certificate is shown; null: nobody's
     */
    static SSLContext context(Identity self, Function<X509Certificate, String> objections) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(self == null ? null : new KeyManager[] {new Shown(self)},
                new TrustManager[] {new Judge(objections)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no TLS 1.3: " + e.getMessage(), e);
        }
    }

    static X509Certificate peer(SSLEngine engine) throws SSLException {
        return (X509Certificate) engine.getSession().getPeerCertificates()[0];
    }

    /** What both ends of a connection have in common, and nobody else. */
    static SharedKey sharedKey(SSLEngine engine) throws SSLException {
        X509Certificate own = (X509Certificate) engine.getSession().getLocalCertificates()[0];
        boolean client = engine.getUseClientMode();
        byte[] context = context(client ? own : peer(engine), client ? peer(engine) : own);
        ExtendedSSLSession session = (ExtendedSSLSession) engine.getSession();
        return new SharedKey(session.exportKeyingMaterialData(LABEL, context, SharedKey.BYTES));
    }

    /** The exporter's secret is that of the handshake before the client's certificate: this binds it, too. */
    static byte[] context(X509Certificate client, X509Certificate server) {
        return ByteBuffer.allocate(2 * Fingerprint.BYTES).put(Fingerprint.bytes(client.getPublicKey()))
            .put(Fingerprint.bytes(server.getPublicKey())).array();
    }

    /** The one identity there is, whatever the other end asks for: it objects if it is of no use to it. */
    private static final class Shown extends X509ExtendedKeyManager {
        private static final String ALIAS = "identity";

        private final Identity self;

        Shown(Identity self) {
            this.self = self;
        }

        private String alias(String... keyTypes) {
            return Arrays.asList(keyTypes).contains(self.key().getAlgorithm()) ? ALIAS : null;
        }

        @Override
        public String chooseEngineClientAlias(String[] keyTypes, Principal[] issuers, SSLEngine engine) {
            return alias(keyTypes);
        }

        @Override
        public String chooseEngineServerAlias(String keyType, Principal[] issuers, SSLEngine engine) {
            return alias(keyType);
        }

        @Override
        public String chooseClientAlias(String[] keyTypes, Principal[] issuers, Socket socket) {
            return alias(keyTypes);
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return alias(keyType);
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return new String[] {ALIAS};
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {self.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return self.key();
        }
    }

    /** Believes a key that there is no objection to, and no authorities of the system. */
    private static final class Judge extends X509ExtendedTrustManager {
        private final Function<X509Certificate, String> objections;

        Judge(Function<X509Certificate, String> objections) {
            this.objections = objections;
        }

        private void judge(X509Certificate[] chain) throws CertificateException {
            String objection = objections.apply(chain[0]);
            if (objection != null) {
                throw new CertificateException(objection);
            }
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            judge(chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            judge(chain);
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
