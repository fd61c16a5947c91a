package org.violin.control.host;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.violin.control.stream.NetworkText;

/** A peer's {@code address:port}, always written one way so that the same remote is the same tunnel. */
public final class Remote {
    private Remote() {
    }

    /** The one way {@code remote} is written; throws {@link IllegalArgumentException} as {@link #parse}. */
    public static String canonical(String remote) {
        return format(parse(remote));
    }

    /** {@code 10.0.0.1:7000}, {@code [fd00:0:0:0:0:0:0:1]:7000}. */
    public static String format(InetSocketAddress address) {
        return NetworkText.address(address);
    }

    /** Parses {@code 10.0.0.1:7000} or {@code [fd00::1]:7000}; names are refused, nothing is looked up. */
    public static InetSocketAddress parse(String remote) {
        int colon = remote.lastIndexOf(':');
        String host = colon < 0 ? "" : remote.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (!bracketed && host.contains(":")) {
            throw wrong(remote);
        }
        try {
            int port = Integer.parseInt(remote.substring(colon + 1));
            if (port < 1 || port > 65_535) {
                throw wrong(remote);
            }
            InetAddress address = address(bracketed ? host.substring(1, host.length() - 1) : host);
            if (bracketed != address instanceof Inet6Address) {
                throw wrong(remote);
            }
            return new InetSocketAddress(address, port);
        } catch (IllegalArgumentException e) {
            throw wrong(remote);
        }
    }

    /** An IPv4 address of four numbers, or an IPv6 address without a zone. */
    static InetAddress address(String literal) {
        if (literal.indexOf(':') < 0 && !literal.matches("\\d{1,3}(\\.\\d{1,3}){3}") || literal.indexOf('%') >= 0) {
            throw new IllegalArgumentException("'" + literal + "': not an IP address");
        }
        return InetAddress.ofLiteral(literal);
    }

    private static IllegalArgumentException wrong(String remote) {
        return new IllegalArgumentException(
            "'" + remote + "': expected ADDRESS:PORT, such as 192.0.2.1:7000 or [2001:db8::1]:7000");
    }
}
