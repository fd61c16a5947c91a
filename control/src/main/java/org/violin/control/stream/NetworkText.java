package org.violin.control.stream;

import java.net.Inet6Address;
import java.net.InetSocketAddress;

/** Addresses, and what is wrong with them, for people. */
public final class NetworkText {
    private NetworkText() {
    }

    /** {@code 10.0.0.1:7000}, {@code [fd00:0:0:0:0:0:0:1]:7000}. */
    public static String address(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    /** What has happened, in a line; of an error of the kernel's, that alone. */
    public static String reason(Throwable thrown) {
        if (thrown.getMessage() == null) {
            return thrown.getClass().getSimpleName();
        }
        // Some of it may be what the other end has said.
        String line = thrown.getMessage().lines().findFirst().orElse("").replaceAll("[^\\p{Print}]", "?");
        return line.replaceFirst("^\\w+\\(\\.\\.\\) failed.*?: ", "")
            .replaceFirst(": [^ ]*/[0-9.:\\[\\]a-f]+$", "");
    }
}
