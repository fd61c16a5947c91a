package org.violin.control.guest;

import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * IP addresses as {@code ip} prints them (RFC 5952 for IPv6), so that what is there can be told from what is wanted.
 */
final class Addresses {
    private Addresses() {
    }

    /** @param address {@code 10.0.0.1/24}, {@code FD00:0::1/64}; the result has the same prefix length */
    static String interfaceAddress(String address) {
        int slash = address.indexOf('/');
        if (slash < 0) {
            throw new GuestException(address + ": an interface's address needs a prefix length, as in 10.0.0.1/24");
        }
        return host(address.substring(0, slash)) + "/" + prefixLength(address, slash);
    }

    /** A route's destination: a whole address has no prefix length, everything is {@code default}. */
    static String destination(String prefix) {
        if (prefix.equals("default")) {
            return prefix;
        }
        int slash = prefix.indexOf('/');
        String host = host(slash < 0 ? prefix : prefix.substring(0, slash));
        if (slash < 0) {
            return host;
        }
        int length = prefixLength(prefix, slash);
        if (length == 0) {
            return "default";
        }
        return length == (isV6(host) ? 128 : 32) ? host : host + "/" + length;
    }

    static String host(String literal) {
        byte[] bytes = parse(literal);
        if (bytes.length == 4) {
            return (bytes[0] & 0xFF) + "." + (bytes[1] & 0xFF) + "." + (bytes[2] & 0xFF) + "." + (bytes[3] & 0xFF);
        }
        int[] groups = new int[8];
        for (int i = 0; i < 8; i++) {
            groups[i] = (bytes[2 * i] & 0xFF) << 8 | bytes[2 * i + 1] & 0xFF;
        }
        return format(groups);
    }

    static boolean isV6(String text) {
        return text.indexOf(':') >= 0;
    }

    private static int prefixLength(String text, int slash) {
        try {
            int length = Integer.parseInt(text.substring(slash + 1));
            if (length >= 0 && length <= (isV6(text) ? 128 : 32)) {
                return length;
            }
        } catch (NumberFormatException e) {
            // told below
        }
        throw new GuestException(text + ": not a prefix length: " + text.substring(slash + 1));
    }

    /** Never asks a name server: only characters of literals are let through. */
    private static byte[] parse(String literal) {
        if (!literal.matches("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new GuestException(literal + ": not an IP address");
        }
        try {
            byte[] bytes = InetAddress.getByName(literal).getAddress();
            if (bytes.length == 16 || !isV6(literal)) {
                return bytes;
            }
        } catch (UnknownHostException e) {
            // told below
        }
        throw new GuestException(literal + ": not an IP address");
    }

    /** The longest run of two or more zero groups, the first of equals, becomes "::". */
    private static String format(int[] groups) {
        int bestStart = -1;
        int bestLength = 1;
        for (int start = 0; start < 8; start++) {
            int length = 0;
            while (start + length < 8 && groups[start + length] == 0) {
                length++;
            }
            if (length > bestLength) {
                bestStart = start;
                bestLength = length;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == bestStart) {
                text.append("::");
                i += bestLength - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
