package org.violin.control.topology;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/** An IP address with a prefix length; {@code length} alone decides what part of the address is the network's. */
record IpPrefix(InetAddress address, int length) {
    /** Reads {@code address/length}; throws IllegalArgumentException with a sentence. */
    static IpPrefix parse(String text) {
        int slash = text.indexOf('/');
        InetAddress address = Ip.parse(text.substring(0, slash));
        int length = Integer.parseInt(text.substring(slash + 1));
        int bits = address.getAddress().length * 8;
        if (length > bits) {
            throw new IllegalArgumentException("prefix length /" + length + " is too long; that of an IPv"
                + (bits == 32 ? 4 : 6) + " address is 0 to " + bits);
        }
        return new IpPrefix(address, length);
    }

    boolean isV6() {
        return address instanceof Inet6Address;
    }

    /** The prefix itself: the address with all host bits clear. */
    IpPrefix network() {
        return new IpPrefix(withHostBits(address, length, false), length);
    }

    /** True for an address of the same family whose first {@code length} bits are the same. */
    boolean contains(InetAddress other) {
        return other.getAddress().length == address.getAddress().length
            && withHostBits(other, length, false).equals(withHostBits(address, length, false));
    }

    /** Why no interface can have this address; null when one can. */
    String unfitForHost() {
        String unfit = Ip.unfitForHost(address);
        int hostBits = address.getAddress().length * 8 - length;
        if (unfit != null || hostBits < 2) {
            return unfit;
        }
        if (length == 0) {
            return "a prefix length of 0 makes every address a neighbour; expected that of the LAN, such as /24";
        }
        if (address.equals(withHostBits(address, length, false))) {
            return "it is the network's own address (all host bits 0); choose one inside " + network();
        }
        if (!isV6() && address.equals(withHostBits(address, length, true))) {
            return "it is the broadcast address of " + network() + "; choose one below it";
        }
        return null;
    }

    private static InetAddress withHostBits(InetAddress address, int length, boolean set) {
        byte[] bytes = Arrays.copyOf(address.getAddress(), address.getAddress().length);
        for (int bit = length; bit < bytes.length * 8; bit++) {
            int mask = 0x80 >> (bit & 7);
            bytes[bit >> 3] = (byte) (set ? bytes[bit >> 3] | mask : bytes[bit >> 3] & ~mask);
        }
        return fromBytes(bytes);
    }

    private static InetAddress fromBytes(byte[] bytes) {
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @Override
    public String toString() {
        return Ip.text(address) + "/" + length;
    }
}
