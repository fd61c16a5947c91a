package org.violin.control.vnet;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.TreeSet;
import org.violin.control.vnet.Refusal.Word;

/**
 * What clients may have of a server.
 *
 * @param udp     where the dataplane has its UDP socket, which handlers may go by; null: there is none for them
 * @param devices the interfaces of handlers; none named: any
 */
public record Terms(InetSocketAddress udp, Set<String> devices) {
    /** Handlers of any interface, by connections alone. */
    public static final Terms ALL = new Terms(null, Set.of());

    public Terms {
        devices = Set.copyOf(devices);
    }

    boolean grants(String device) {
        return devices.isEmpty() || devices.contains(device);
    }

    /**
     * Looks at what a handler is to be.
     *
     * @param other where the other server is
     * @throws Refusal if it may not be that
     */
    void check(HandlerSpec spec, InetAddress other) throws Refusal {
        if (!grants(spec.device())) {
            throw new Refusal(Word.DEVICE, "'" + spec.device() + "': handlers here may have "
                + String.join(", ", new TreeSet<>(devices)) + ", and no other interface");
        }
        if (!spec.way().isSealed()) {
            return;
        }
        if (udp == null) {
            throw new Refusal(Word.TRANSPORT, "this server has no UDP port for handlers: --udp ADDRESS:PORT of 'violin"
                + " vnet serve' gives it one");
        }
        boolean v4 = udp.getAddress() instanceof Inet4Address;
        if (v4 != other instanceof Inet4Address) {
            throw new Refusal(Word.TRANSPORT, "this server's UDP port is of IPv" + (v4 ? "4" : "6")
                + " alone, and the way to the other one is of IPv" + (v4 ? "6" : "4"));
        }
    }
}
