package org.violin.control.jetway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The kernel's settings by which it forwards packets that come in by one interface, and no other: for IPv4
 * {@code forwarding} (devinet), for IPv6 {@code force_forwarding} (Linux 6.17); and those by which it answers ARP.
 *
 * <p>Several jetways may share an interface outside. Each notes what was before the first of them, and the last one
 * puts it back.
 */
final class Forwarding {
    private static final Path NET = Path.of("/proc/sys/net");

    /** A setting, and the value that it had. */
    record Saved(String family, String device, String value) {
        static Saved now(String family, String device) {
            return new Saved(family, device, read(setting(family, device)));
        }

        static List<Saved> parse(String comment) {
            return Arrays.stream(comment.split(" ")).filter(word -> word.matches("ipv[46]=[^:]+:[01]"))
                .map(word -> word.split("[=:]")).map(part -> new Saved(part[0], part[1], part[2])).toList();
        }

        boolean isSameSetting(Saved other) {
            return family.equals(other.family) && device.equals(other.device);
        }

        String text() {
            return family + "=" + device + ":" + value;
        }

        void on() {
            write(setting(family, device), "1");
        }

        /** Leaves what has gone, or was changed by somebody else. */
        void putBack() {
            Path setting = setting(family, device);
            if (Files.exists(setting) && read(setting).equals("1")) {
                write(setting, value);
            }
        }
    }

    private Forwarding() {
    }

    private static Path setting(String family, String device) {
        return NET.resolve(family + "/conf/" + device + (family.equals("ipv4") ? "/forwarding" : "/force_forwarding"));
    }

    /**
     * What has to be on for answers to come in by {@code outside}, with what is to be put back when the last jetway by
     * it goes. Empty where the host forwards anyway.
     *
     * @param others the tables of jetways that there are already
     */
    static List<Saved> needed(String outside, boolean ipv4, boolean ipv6, List<NatTable> others) {
        List<Saved> needed = new ArrayList<>();
        if (ipv4) {
            needed.add(Saved.now("ipv4", outside));
        }
        if (ipv6 && !forwardsIpv6()) {
            if (!Files.exists(setting("ipv6", outside))) {
                throw new JetwayException("IPv6: this kernel (before 6.17) forwards what comes in by any interface, or"
                    + " nothing: leave out the IPv6 addresses, or run: sysctl net.ipv6.conf.all.forwarding=1 (and"
                    + " net.ipv6.conf." + outside + ".accept_ra=2 if the host has its own address from a router)");
            }
            needed.add(Saved.now("ipv6", outside));
        }
        List<Saved> first = others.stream().flatMap(table -> Saved.parse(table.comment()).stream()).toList();
        return needed.stream().map(now -> first.stream().filter(now::isSameSetting).findFirst().orElse(now))
            .filter(saved -> saved.value().equals("0")).toList();
    }

    private static boolean forwardsIpv6() {
        return read(NET.resolve("ipv6/conf/all/forwarding")).equals("1");
    }

    /** Has the host be a router on a jetway's TAP, where it answers for the TAP's own addresses only. */
    static void onTap(String device, boolean ipv4, boolean ipv6) {
        Path conf4 = NET.resolve("ipv4/conf").resolve(device);
        Path conf6 = NET.resolve("ipv6/conf").resolve(device);
        write(conf4.resolve("arp_ignore"), "1");
        if (ipv4) {
            write(conf4.resolve("forwarding"), "1");
        }
        if (ipv6) {
            write(conf6.resolve("forwarding"), "1");
            if (!forwardsIpv6()) {
                write(setting("ipv6", device), "1");
            }
        }
    }

    /**
     * Has the host answer ARP on a jetway's bridge for those only that it would answer by the bridge. It may be in the
     * LAN by a TAP, too, such as a gateway's; whoever took the bridge's MAC address for that one would not get out.
     */
    static void onBridge(String device) {
        write(NET.resolve("ipv4/conf").resolve(device).resolve("arp_filter"), "1");
    }

    private static String read(Path setting) {
        try {
            return Files.readString(setting).strip();
        } catch (IOException e) {
            throw new JetwayException(setting + " cannot be read: " + e.getMessage());
        }
    }

    private static void write(Path setting, String value) {
        try {
            Files.writeString(setting, value);
        } catch (IOException e) {
            throw new JetwayException(setting + " cannot be set to " + value + ": " + e.getMessage());
        }
    }
}
