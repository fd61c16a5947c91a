package org.violin.control.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.violin.control.os.Command;

/**
 * The way from this host to an address, as this host's kernel has it.
 *
 * @param device  the route's
 * @param mtu     the device's, in bytes; 0: not known
 * @param own     whether that is a device of Violin's
 * @param refused whether the other host says that nothing listens there
 * @param error   why there is no route; null: there is one
 */
public record Way(String device, int mtu, boolean own, boolean refused, String error) {
    private static final Duration IP_LIMIT = Duration.ofSeconds(5);
    private static final Duration REFUSAL_LIMIT = Duration.ofMillis(500);

    /**
     * Asks the kernel, and, if {@code knocks}, the other host, by an empty datagram, which may take half a second.
     *
     * @param own which devices are Violin's
     */
    public static Way to(InetSocketAddress remote, Predicate<String> own, boolean knocks) {
        Command.Result result =
            Command.run(List.of("ip", "-j", "route", "get", remote.getAddress().getHostAddress()), IP_LIMIT);
        if (result.exit() != 0) {
            return new Way("", 0, false, false, result.output().strip());
        }
        try {
            JsonNode route = new ObjectMapper().readTree(result.output()).path(0);
            String device = route.path("dev").asText();
            NetworkInterface known = NetworkInterface.getByName(device);
            return new Way(device, known == null ? 0 : known.getMTU(), own.test(device), knocks && refuses(remote),
                null);
        } catch (JsonProcessingException e) {
            return new Way("", 0, false, false, "ip -j route get: " + e.getOriginalMessage());
        } catch (IOException e) {
            return new Way("", 0, false, false, e.getMessage());
        }
    }

    private static boolean refuses(InetSocketAddress remote) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open(); Selector selector = Selector.open()) {
            channel.connect(remote).configureBlocking(false).register(selector, SelectionKey.OP_READ);
            channel.write(ByteBuffer.allocate(1));
            selector.select(REFUSAL_LIMIT.toMillis());
            channel.read(ByteBuffer.allocate(1));
            return false;
        } catch (PortUnreachableException e) {
            return true;
        }
    }
}
