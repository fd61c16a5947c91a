package org.violin.control.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a jetway lets out, as users write it.
 *
 * @param fromPort the first port of TCP or UDP; 0: any
 * @param toPort   the last one
 * @param to       an address or prefix, IPv4 or IPv6; empty: anywhere
 */
public record AllowSpec(Protocol protocol, int fromPort, int toPort, String to) {

    /** {@code ANY} is every protocol that is carried by IP; {@code PING} echo requests of ICMP and ICMPv6. */
    public enum Protocol { ANY, PING, TCP, UDP }

    private static final Pattern TEXT = Pattern.compile(
        "(any|ping|tcp|udp)(?:/(\\d{1,5})(?:-(\\d{1,5}))?)?(?: to ([0-9A-Fa-f:.]+)(?:/(\\d{1,3}))?)?");
    private static final Pattern IPV4 = Pattern.compile("(0|[1-9]\\d{0,2})(\\.(0|[1-9]\\d{0,2})){3}");

    /**
     * Reads {@code tcp/443}, {@code tcp/8000-8999 to 192.0.2.0/24}, {@code udp to 2001:db8::53}, {@code ping},
     * {@code any to 198.51.100.7}.
     *
     * @throws IllegalArgumentException with a message that says what is expected
     */
    @JsonCreator
    public static AllowSpec parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        require(matcher.matches(), "'" + text + "': expected any, ping, tcp or udp; after tcp and udp, /PORT or"
            + " /PORT-PORT; then perhaps ' to ADDRESS' or ' to ADDRESS/LENGTH', such as 'tcp/443 to 192.0.2.0/24'");
        Protocol protocol = Protocol.valueOf(matcher.group(1).toUpperCase(Locale.ROOT));
        boolean hasPorts = protocol == Protocol.TCP || protocol == Protocol.UDP;
        require(hasPorts || matcher.group(2) == null, "'" + text + "': only tcp and udp have ports");
        int from = matcher.group(2) == null ? 0 : port(text, matcher.group(2));
        int to = matcher.group(3) == null ? from : port(text, matcher.group(3));
        require(from <= to, "'" + text + "': the ports run from " + from + " down to " + to + "; write the lower one"
            + " first");
        return new AllowSpec(protocol, from, to,
            matcher.group(4) == null ? "" : destination(text, matcher.group(4), matcher.group(5)));
    }

    private static int port(String text, String digits) {
        int port = Integer.parseInt(digits);
        require(port >= 1 && port <= 65_535, "'" + text + "': port " + digits + ": 1 to 65535");
        return port;
    }

    private static String destination(String text, String address, String length) {
        boolean ipv6 = address.indexOf(':') >= 0;
        require(ipv6 || IPV4.matcher(address).matches(), "'" + text + "': " + address + " is not an IP address");
        InetAddress parsed;
        try {
            parsed = InetAddress.ofLiteral(address);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + text + "': " + address + " is not an IP address", e);
        }
        require(parsed instanceof Inet4Address != ipv6, "'" + text + "': " + address
            + " is IPv4 in the clothes of IPv6; write it as IPv4");
        int bits = ipv6 ? 128 : 32;
        require(length == null || Integer.parseInt(length) <= bits,
            "'" + text + "': prefix length /" + length + ": 0 to " + bits);
        return length == null ? address : address + "/" + Integer.parseInt(length);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** What {@link #parse} reads. */
    @JsonValue
    public String text() {
        String ports = fromPort == 0 ? "" : fromPort == toPort ? "/" + fromPort : "/" + fromPort + "-" + toPort;
        return protocol.name().toLowerCase(Locale.ROOT) + ports + (to.isEmpty() ? "" : " to " + to);
    }
}
