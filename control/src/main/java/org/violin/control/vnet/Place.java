package org.violin.control.vnet;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.violin.control.identity.Fingerprint;
import org.violin.control.stream.NetworkText;
import org.violin.control.vnet.Refusal.Word;

/**
 * Where a server is.
 *
 * @param fingerprint of its identity, for TLS; null: in the clear
 */
public record Place(InetSocketAddress address, String fingerprint) {
    private static final String TLS = "tls:";

    /** @param where {@code 192.0.2.1}, {@code 2001:db8::1}, or {@code tls:FINGERPRINT@} in front of either */
    static Place parse(String where, String port) throws Refusal {
        String host = where;
        String fingerprint = null;
        try {
            if (where.startsWith(TLS)) {
                int at = where.lastIndexOf('@');
                host = where.substring(at + 1);
                fingerprint = Fingerprint.parse(at < 0 ? "" : where.substring(TLS.length(), at));
            }
            return new Place(new InetSocketAddress(address(host), port(port)), fingerprint);
        } catch (IllegalArgumentException e) {
            throw new Refusal(Word.REMOTE, e.getMessage());
        }
    }

    private static InetAddress address(String host) {
        if (host.indexOf('%') >= 0 || host.indexOf(':') < 0 && !host.matches("\\d{1,3}(\\.\\d{1,3}){3}")) {
            throw new IllegalArgumentException("'" + host + "': expected an IP address");
        }
        return InetAddress.ofLiteral(host);
    }

    private static int port(String text) {
        int port = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("'" + text + "': expected a port, 1 to 65535");
        }
        return port;
    }

    /** As in a HANDLE: address and port, with a blank in between. */
    String words() {
        String host = address.getAddress().getHostAddress();
        int zone = address.getAddress() instanceof Inet6Address ? host.indexOf('%') : -1;
        return (fingerprint == null ? "" : TLS + fingerprint + "@") + (zone < 0 ? host : host.substring(0, zone)) + " "
            + address.getPort();
    }

    /** For people. */
    String text() {
        return (fingerprint == null ? "tcp " : "tls ") + NetworkText.address(address);
    }
}
