package org.violin.control.stream;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SSLException;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * TLS 1.3 as a wrapping that every network knows. Its certificate is made at the start, is nobody's, and is not looked
 * at: who is at the other end is proved in the {@link StreamHello}, which is bound to the connection by what only its
 * two ends can export of it (RFC 8446, 7.5). Somebody in between has two connections, and two bindings.
 */
final class StreamTls {
    private static final String EXPORTER_LABEL = "EXPORTER-violin-stream-2";
    private static final String PROTOCOL = "TLSv1.3";
    /** What is inside is sealed with 256 bits already. */
    private static final List<String> CIPHERS = List.of(
        "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    /** The clock of neither end matters. */
    private static final Date FROM = Date.from(Instant.parse("2000-01-01T00:00:00Z"));
    private static final Date TO = Date.from(Instant.parse("2100-01-01T00:00:00Z"));
    private static final String SIGNATURE = "SHA256withECDSA";

    private final SslContext client;
    private final SslContext server;

    StreamTls() {
        try {
            client = SslContextBuilder.forClient().sslProvider(SslProvider.JDK).protocols(PROTOCOL).ciphers(CIPHERS)
                .trustManager(InsecureTrustManagerFactory.INSTANCE).endpointIdentificationAlgorithm(null).build();
            server = newServer();
        } catch (GeneralSecurityException | OperatorCreationException | SSLException e) {
            throw new IllegalStateException("TLS: " + e.getMessage(), e);
        }
    }

    private static SslContext newServer() throws GeneralSecurityException, OperatorCreationException, SSLException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair keys = generator.generateKeyPair();
        X500Principal name = new X500Principal("CN=localhost");
        var certificate = new JcaX509v3CertificateBuilder(name, new BigInteger(64, new SecureRandom()), FROM, TO, name,
            keys.getPublic()).build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()));
        X509Certificate converted = new JcaX509CertificateConverter().getCertificate(certificate);
        return SslContextBuilder.forServer(keys.getPrivate(), converted).sslProvider(SslProvider.JDK)
            .protocols(PROTOCOL).ciphers(CIPHERS).build();
    }

    /** Of an end that is connected to. */
    SslContext server() {
        return server;
    }

    SslHandler handler(boolean connects, ByteBufAllocator allocator) {
        return (connects ? client : server).newHandler(allocator);
    }

    /** What the two ends of a connection know, and nobody else does. Its handshake has ended. */
    static byte[] binding(SslHandler handler) throws SSLException {
        return ((ExtendedSSLSession) handler.engine().getSession())
            .exportKeyingMaterialData(EXPORTER_LABEL, null, StreamHello.BINDING_BYTES);
    }
}
