package org.violin.control.vnet;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.violin.control.vnet.Refusal.Word;

/**
 * What two servers agree on, as one of them sees it.
 *
 * @param role         of this end; the other end has the other one
 * @param device       this end's interface
 * @param remoteDevice the other end's
 * @param macs         of the virtual machines, 48 bits each
 * @param way          by what frames are to go
 */
record HandlerSpec(Role role, String device, String remoteDevice, List<Long> macs, Way way) {
    static final int MACS_MAX = 64;
    private static final long MAC_LIMIT = 1L << 48;
    private static final long GROUP = 1L << 40;
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9_.-]{1,15}");
    private static final Pattern MAC = Pattern.compile("\\p{XDigit}{12}|\\p{XDigit}{2}(:\\p{XDigit}{2}){5}");

    /** Of a server in a handler. */
    enum Role {
        /** Where the virtual machine runs. */
        HOST,
        /** On its owner's LAN. */
        PROXY;

        Role other() {
            return this == HOST ? PROXY : HOST;
        }

        static Role parse(String text) throws Refusal {
            return switch (text.toUpperCase(Locale.ROOT)) {
                case "HOST" -> HOST;
                case "PROXY" -> PROXY;
                default -> throw new Refusal(Word.ROLE, "'" + text + "': HOST or PROXY");
            };
        }
    }

    HandlerSpec {
        macs = List.copyOf(macs);
    }

    /**
     * From words of a line; checks them one by one, and together.
     *
     * @param last addresses, and what may follow them
     */
    static HandlerSpec parse(String role, String device, String remoteRole, String remoteDevice, List<String> last)
        throws Refusal {
        List<String> macs = last.subList(0, Way.begin(last));
        Role local = Role.parse(role);
        if (Role.parse(remoteRole) == local) {
            throw new Refusal(Word.ROLE, "both ends are to be " + local + ": one is the HOST, the other the PROXY");
        }
        if (macs.isEmpty() || macs.size() > MACS_MAX) {
            throw new Refusal(Word.MAC, macs.size() + " addresses: 1 to " + MACS_MAX);
        }
        Long[] parsed = new Long[macs.size()];
        for (int i = 0; i < parsed.length; i++) {
            parsed[i] = mac(macs.get(i));
        }
        if (new HashSet<>(List.of(parsed)).size() < parsed.length) {
            throw new Refusal(Word.MAC, "an address is there twice");
        }
        return new HandlerSpec(local, device(device), device(remoteDevice), List.of(parsed),
            Way.parse(last.subList(macs.size(), last.size())));
    }

    private static String device(String text) throws Refusal {
        if (!DEVICE.matcher(text).matches()) {
            throw new Refusal(Word.DEVICE, "'" + text + "': 1 to 15 letters, digits, '_', '.' or '-'");
        }
        return text;
    }

    private static long mac(String text) throws Refusal {
        if (!MAC.matcher(text).matches()) {
            throw new Refusal(Word.MAC, "'" + text + "': expected one such as 52:54:00:12:34:56 or 525400123456");
        }
        long mac = Long.parseLong(text.replace(":", ""), 16);
        if (mac == 0 || (mac & GROUP) != 0 || mac >= MAC_LIMIT) {
            throw new Refusal(Word.MAC, "'" + text + "': no station's address");
        }
        return mac;
    }

    /** The same as the other end sees it. */
    HandlerSpec mirrored() {
        return new HandlerSpec(role.other(), remoteDevice, device, macs, way);
    }

    /** Whether frames of one would pass the other as well. */
    boolean collides(HandlerSpec other) {
        return (role == other.role || device.equals(other.device)) && macs.stream().anyMatch(other.macs::contains);
    }

    /** Whether this end of the other is the same, whatever is at its other end. */
    boolean hasEndOf(HandlerSpec other) {
        return device.equals(other.device) && hasMachinesOf(other);
    }

    /** Whether this end of the other is the same, but at another interface. */
    boolean isElsewhere(HandlerSpec other) {
        return !device.equals(other.device) && hasMachinesOf(other);
    }

    private boolean hasMachinesOf(HandlerSpec other) {
        return role == other.role && new HashSet<>(macs).equals(new HashSet<>(other.macs));
    }

    /** As in a BEGIN. */
    String text() {
        return role + " " + device + " " + role.other() + " " + remoteDevice + " "
            + macs.stream().map(mac -> String.format(Locale.ROOT, "%012x", mac)).collect(Collectors.joining(" "))
            + way.text();
    }

    static String format(long mac) {
        return String.format(Locale.ROOT, "%012x", mac).replaceAll("(..)(?!$)", "$1:");
    }
}
