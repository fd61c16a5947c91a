package org.violin.control.host;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.violin.control.os.Command;
import org.violin.control.os.IpTool;
import org.violin.control.spec.TapSpec;

/** A TAP as {@code ip} sees it: its MTU and addresses. All throws {@link HostException} with what {@code ip} says. */
final class TapDevice {
    private static final Duration IP_LIMIT = Duration.ofSeconds(10);

    private TapDevice() {
    }

    /** Gives one that has just been made what it is to have. */
    static void setUp(TapSpec tap) {
        StringBuilder batch = new StringBuilder();
        batch.append("link set dev ").append(tap.device()).append(" mtu ").append(tap.mtu()).append(" up\n");
        tap.addresses().forEach(address -> add(batch, address, tap.device()));
        ip(tap.device(), batch);
    }

    /** Gives it the addresses of {@code to} in the place of those of {@code from}, and leaves any others. */
    static void readdress(TapSpec from, TapSpec to) {
        // What is there is asked, not believed: an earlier change may have failed half-way.
        Set<String> present = presentAddresses(to.device());
        Set<String> wanted = to.addresses().stream().map(TapDevice::canonical).collect(Collectors.toSet());
        StringBuilder batch = new StringBuilder();
        from.addresses().stream().map(TapDevice::canonical)
            .filter(address -> present.contains(address) && !wanted.contains(address))
            .forEach(address ->
                batch.append("addr del ").append(address).append(" dev ").append(to.device()).append('\n'));
        wanted.forEach(address -> add(batch, address, to.device()));
        ip(to.device(), batch);
    }

    private static Set<String> presentAddresses(String device) {
        Set<String> present = new HashSet<>();
        for (JsonNode address : IpTool.json("addr", "show", "dev", device).findValues("addr_info").getFirst()) {
            present.add(canonical(address.get("local").asText() + "/" + address.get("prefixlen").asInt()));
        }
        return present;
    }

    /** An address with its prefix length as Java writes it, so that equal ones are equal. */
    private static String canonical(String prefix) {
        int slash = prefix.indexOf('/');
        return Remote.address(prefix.substring(0, slash)).getHostAddress() + prefix.substring(slash);
    }

    private static void add(StringBuilder batch, String address, String device) {
        batch.append("addr replace ").append(address).append(" dev ").append(device).append('\n');
    }

    private static void ip(String device, StringBuilder batch) {
        Command.Result result = Command.run(List.of("ip", "-batch", "-"), batch.toString(), IP_LIMIT);
        if (result.exit() != 0) {
            throw new HostException(HostException.Kind.CONFLICT, device + ": " + result.said());
        }
    }
}
