package org.violin.control.topology;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Numbers made from names: link ids, MAC addresses, underlay addresses. A name gives the same number on every machine
 * and whatever else the network holds, unless another name has taken that number before; then it is hashed again.
 */
final class StableIds {
    private static final long LINK_MASK = 0xffff_ffffL;
    private static final long MAC_MASK = 0xff_ffff_ffffL;
    private static final long ADDRESS_MASK = 0xffffL;

    private final String network;
    private final Set<Long> linkIds = new HashSet<>();
    private final Set<Long> macs = new HashSet<>();
    private final Set<Long> addresses = new HashSet<>();

    StableIds(String network) {
        this.network = network;
    }

    /** A link's id on the wire: any 32 bits but 0. */
    int linkId(String link) {
        return (int) free("link", link, LINK_MASK, id -> id != 0 && linkIds.add(id));
    }

    /** Keeps an id that a link has from being made for another. */
    void takeLinkId(int id) {
        linkIds.add(Integer.toUnsignedLong(id));
    }

    /** Keeps {@code mac}, which the user has chosen, from being made for another. */
    void takeMac(String mac) {
        if (mac.startsWith("02:")) {
            macs.add(Long.parseLong(mac.substring(3).replace(":", ""), 16));
        }
    }

    /** A locally administered unicast address, {@code 02} and 40 bits of hash. */
    String mac(String nic) {
        long bits = free("mac", nic, MAC_MASK, macs::add);
        StringBuilder text = new StringBuilder("02");
        for (int shift = 32; shift >= 0; shift -= 8) {
            text.append(String.format(":%02x", bits >> shift & 0xff));
        }
        return text.toString();
    }

    /** Keeps an address of {@link #underlay} from being given to another host. */
    void takeUnderlay(String address) {
        String[] octets = address.split("\\.");
        addresses.add(Long.parseLong(octets[2]) << 8 | Long.parseLong(octets[3]));
    }

    /** An address of 198.18.0.0/16 (RFC 2544: benchmarks, never routed) for a namespace that stands for a host. */
    String underlay(String host) {
        long bits = free("underlay", host, ADDRESS_MASK, id -> id != 0 && id != ADDRESS_MASK && addresses.add(id));
        return "198.18." + (bits >> 8) + "." + (bits & 0xff);
    }

    private long free(String kind, String name, long mask, LongPredicate take) {
        for (int attempt = 0; ; attempt++) {
            long id = hash(kind + "/" + network + "/" + name + "/" + attempt) & mask;
            if (take.test(id)) {
                return id;
            }
        }
    }

    private static long hash(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
