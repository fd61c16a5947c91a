package org.violin.dataplane;

import java.net.InetAddress;
import java.util.List;
import java.util.regex.Pattern;
import org.violin.dataplane.bridge.PortGuard;
import org.violin.dataplane.bridge.RateLimit;
import org.violin.dataplane.wire.Ethernet;
import org.violin.dataplane.wire.SenderAddresses;

/**
 * What may come in by a port, and how much of it. What may not is dropped and counted there, and no switch learns from
 * it. Rates are in frames a second, as many of which may come at once; 0: any number.
 *
 * @param macs               that frames may come from, 1 to {@value #MAX_MACS}; null: any
 * @param addresses          IPv4 and IPv6 addresses that those who send may use, with a prefix length where all that
 *                           begin alike are meant; at most {@value #MAX_ADDRESSES}. null: any
 * @param maxMacs            that the switch learns from the port at a time; 0: three quarters of its table
 * @param broadcastPerSecond frames to everybody
 * @param unknownPerSecond   frames to stations that the switch does not know
 * @param multicastPerSecond frames to groups
 * @param dropsBpdus         whether frames to 01-80-C2-00-00-00 to -0F are dropped
 */
public record Guard(List<String> macs, List<String> addresses, int maxMacs, int broadcastPerSecond,
    int unknownPerSecond, int multicastPerSecond, boolean dropsBpdus) {

    public static final int MAX_MACS = 16;
    public static final int MAX_ADDRESSES = 64;
    public static final int MAX_LEARNED = 1 << 20;
    public static final int MAX_RATE = 1_000_000;
    /** Everything comes in. */
    public static final Guard NONE = new Guard(null, null, 0, 0, 0, 0, false);
    /** What a guest's port on a switch has from the beginning: guests are stations, and no bridges. */
    public static final Guard STATION = new Guard(null, null, 0, 0, 0, 0, true);

    private static final Pattern MAC = Pattern.compile("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}");

    /** Throws {@link IllegalArgumentException}, whose message names what is out of bounds, as users know it. */
    public Guard {
        macs = macs == null ? null : List.copyOf(macs);
        addresses = addresses == null ? null : List.copyOf(addresses);
        require(macs == null || !macs.isEmpty() && macs.size() <= MAX_MACS, "macs: %s addresses: 1 to %d",
            macs == null ? 0 : macs.size(), MAX_MACS);
        require(addresses == null || addresses.size() <= MAX_ADDRESSES, "addresses: %s of them: at most %d",
            addresses == null ? 0 : addresses.size(), MAX_ADDRESSES);
        require(maxMacs >= 0 && maxMacs <= MAX_LEARNED, "max-macs: %d: at most %d", maxMacs, MAX_LEARNED);
        requireRate("broadcast", broadcastPerSecond);
        requireRate("unknown", unknownPerSecond);
        requireRate("multicast", multicastPerSecond);
        if (macs != null) {
            macs.forEach(Guard::mac);
        }
        if (addresses != null) {
            senderAddresses(addresses);
        }
    }

    private static void requireRate(String name, int frames) {
        require(frames >= 0 && frames <= MAX_RATE, "%s: %d frames: at most %d", name, frames, MAX_RATE);
    }

    private static void require(boolean good, String fault, Object... values) {
        if (!good) {
            throw new IllegalArgumentException(fault.formatted(values));
        }
    }

    /** Throws {@link IllegalArgumentException}. */
    static long mac(String text) {
        require(text != null && MAC.matcher(text).matches(),
            "macs: '%s': no MAC address, such as 02:00:00:00:00:01", text);
        long mac = Long.parseLong(text.replace(":", ""), 16);
        require(mac != 0 && !Ethernet.isGroup(mac), "macs: '%s': no station's address", text);
        return mac;
    }

    /** Whether frames may come from it. */
    boolean admits(long mac) {
        return macs == null || macs.stream().anyMatch(own -> mac(own) == mac);
    }

    private static SenderAddresses senderAddresses(List<String> prefixes) {
        byte[][] addresses = new byte[prefixes.size()][];
        int[] lengths = new int[prefixes.size()];
        for (int i = 0; i < lengths.length; i++) {
            String[] parts = prefixes.get(i).split("/", 2);
            addresses[i] = InetAddress.ofLiteral(parts[0]).getAddress();
            int bits = addresses[i].length * Byte.SIZE;
            boolean isAlone = parts.length == 1;
            lengths[i] = isAlone ? bits : parts[1].matches("\\d{1,3}") ? Integer.parseInt(parts[1]) : -1;
            require(lengths[i] >= 0 && lengths[i] <= bits, "addresses: '%s': the prefix length is 0 to %d",
                prefixes.get(i), bits);
        }
        return new SenderAddresses(addresses, lengths);
    }

    /**
     * What does so; null where everything comes in.
     *
     * @param nowNs the workers' clock
     */
    PortGuard newGuard(long nowNs) {
        boolean checksNothing = equals(new Guard(null, null, maxMacs, 0, 0, 0, false));
        return checksNothing ? null : new PortGuard(
            macs == null ? null : macs.stream().mapToLong(Guard::mac).toArray(),
            addresses == null ? null : senderAddresses(addresses), dropsBpdus,
            newLimit(broadcastPerSecond, nowNs), newLimit(unknownPerSecond, nowNs),
            newLimit(multicastPerSecond, nowNs));
    }

    private RateLimit newLimit(int framesPerSecond, long nowNs) {
        return framesPerSecond == 0 ? null : new RateLimit(framesPerSecond, nowNs);
    }
}
