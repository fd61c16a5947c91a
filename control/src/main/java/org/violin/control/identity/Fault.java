package org.violin.control.identity;

import io.netty.handler.proxy.ProxyConnectException;
import io.netty.handler.ssl.NotSslRecordException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.security.cert.CertificateException;
import java.util.Locale;
import javax.net.ssl.SSLException;
import org.violin.control.stream.NetworkText;

/**
 * Why there is no key of a connection.
 *
 * @param text for the operator: what is wrong, and the mend
 */
record Fault(ControlEvent event, String text) {
    /** @param self whom the other end has seen, or would have */
    static Fault of(Throwable thrown, Identity self) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof CertificateException) {
                return new Fault(ControlEvent.REFUSED_HERE, cause.getMessage());
            }
        }
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            switch (cause) {
                case NotSslRecordException not -> {
                    return new Fault(ControlEvent.NOT_OURS, "what came is not TLS: does something else listen or"
                        + " connect there?");
                }
                case SSLException tls -> {
                    return ofTls(String.valueOf(tls.getMessage()), self);
                }
                case ProxyConnectException proxy -> {
                    return new Fault(ControlEvent.UNREACHABLE, "the proxy says: " + NetworkText.reason(proxy));
                }
                case ConnectException refused -> {
                    return unreachable(refused);
                }
                case NoRouteToHostException none -> {
                    return unreachable(none);
                }
                default -> { }
            }
        }
        return new Fault(ControlEvent.BROKEN, "the connection ended half-way"
            + (thrown instanceof ClosedChannelException || !(thrown instanceof IOException) ? ""
            : ": " + thrown.getMessage()));
    }

    private static Fault unreachable(SocketException cause) {
        return new Fault(ControlEvent.UNREACHABLE, "no TCP connection ("
            + NetworkText.reason(cause).toLowerCase(Locale.ROOT) + "): does violin run there with --identity, not with"
            + " --key-file, and is this TCP port open?");
    }

    /** Whether the other end says that it does not accept this one's certificate. */
    static boolean isRefusal(String message) {
        String text = message.toLowerCase(Locale.ROOT);
        return text.contains("received fatal alert: certificate") || text.contains("received fatal alert: bad_cert")
            || text.contains("received fatal alert: unknown_ca");
    }

    private static Fault ofTls(String message, Identity self) {
        String text = message.toLowerCase(Locale.ROOT);
        if (isRefusal(text)) {
            return new Fault(ControlEvent.REFUSED_THERE, "the other end does not accept this host, whose key is "
                + self.fingerprint() + ": it says there why. It wants --peer-key with this, or a certificate of its CA"
                + " with this host's name, for today");
        }
        if (text.contains("protocol_version") || text.contains("protocol version") || text.contains("not enabled")) {
            return new Fault(ControlEvent.NOT_OURS, "the other end does not speak TLS 1.3");
        }
        if (text.contains("no_application_protocol") || text.contains("application layer protocol")) {
            return new Fault(ControlEvent.NOT_OURS, "the other end does not speak " + Tls.ALPN + ": is it Violin?");
        }
        if (text.contains("empty client certificate") || text.contains("certificate_required")) {
            return new Fault(ControlEvent.REFUSED_HERE, "the other end shows no certificate: is it Violin?");
        }
        return new Fault(ControlEvent.NOT_OURS, "TLS: " + message);
    }
}
