package org.violin.control.topology;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** IP addresses and endpoints as text. Never looks up a name. */
final class Ip {
    private static final String OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
    private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
    private static final Pattern IPV6 = Pattern.compile("(?=.*:)[0-9A-Fa-f:.]{2,45}");

    private Ip() {
    }

    /** Reads an address; throws IllegalArgumentException with a sentence. */
    static InetAddress parse(String text) {
        if (IPV4.matcher(text).matches()) {
            return Inet4Address.ofLiteral(text);
        }
        if (IPV6.matcher(text).matches()) {
            try {
                if (Inet6Address.ofLiteral(text) instanceof Inet6Address address) {
                    return address;
                }
            } catch (IllegalArgumentException e) {
                // Falls to the sentence below, which says more than the library's.
            }
        }
        throw new IllegalArgumentException("'" + Words.shorten(text) + "' is not an IP address; expected one such as"
            + (text.indexOf(':') >= 0 ? " fd00:1::1" : " 10.1.1.1 (four numbers, 0 to 255)"));
    }

    /** The address as RFC 5952 writes it: the longest run of zero groups, the first of equals, is {@code ::}. */
    static String text(InetAddress address) {
        String text = address.getHostAddress();
        String longest = Pattern.compile("(?<![^:])0(:0)+(?![^:])").matcher(text).results()
            .map(MatchResult::group).reduce("", (a, b) -> b.length() > a.length() ? b : a);
        if (longest.isEmpty()) {
            return text;
        }
        int at = (":" + text + ":").indexOf(":" + longest + ":");
        String before = text.substring(0, at).replaceFirst(":$", "");
        return before + "::" + text.substring(at + longest.length()).replaceFirst("^:", "");
    }

    static int version(InetAddress address) {
        return address.getAddress().length == 4 ? 4 : 6;
    }

    /** Why {@code address} is no unicast address of an interface, whatever its prefix; null when it is. */
    static String unfitForHost(InetAddress address) {
        byte[] bytes = address.getAddress();
        int first = bytes[0] & 0xff;
        if (address.isMulticastAddress()) {
            return "it is a multicast address; expected a host's own (unicast) address";
        }
        if (address.isLoopbackAddress() || bytes.length == 4 && first == 127) {
            return "it is a loopback address, which never leaves a machine";
        }
        if (address.isAnyLocalAddress() || bytes.length == 4 && first == 0) {
            return "it is the unspecified address";
        }
        if (bytes.length == 4 && first >= 240) {
            return "240.0.0.0 and above are reserved";
        }
        return null;
    }

    /** The address of {@code address:port} or {@code [v6]:port}; throws IllegalArgumentException with a sentence. */
    static InetAddress endpointAddress(String text) {
        return parse(text.substring(0, text.lastIndexOf(':')).replaceAll("[\\[\\]]", ""));
    }

    static int endpointPort(String text) {
        return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
    }

    /** An endpoint in one spelling, so that equal endpoints are equal strings. */
    static String endpoint(String text) {
        InetAddress address = endpointAddress(text);
        String host = version(address) == 4 ? text(address) : "[" + text(address) + "]";
        return host + ":" + endpointPort(text);
    }
}
