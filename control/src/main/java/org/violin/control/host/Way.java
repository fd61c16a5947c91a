package org.violin.control.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.violin.control.os.Command;

/**
 * The way from this host to an address, as this host's kernel has it.
 *
 * @param device  the route's
 * @param mtu     the device's, in bytes; 0: not known
 * @param own     whether the device is of a network that is carried there, so that nothing arrives
 * @param refused whether the other host says that nothing listens there
 * @param error   why there is no route; null: there is one
 */
public record Way(String device, int mtu, boolean own, boolean refused, String error) {
    private static final Duration IP_LIMIT = Duration.ofSeconds(5);
    private static final Duration REFUSAL_LIMIT = Duration.ofMillis(500);

    /**
     * Asks the kernel, and, if {@code knocks}, the other host, by an empty datagram, which may take half a second.
     *
     * @param own which devices are of such networks
     */
    public static Way to(InetSocketAddress remote, Predicate<String> own, boolean knocks) {
        Command.Result result =
            Command.run(List.of("ip", "-j", "route", "get", remote.getAddress().getHostAddress()), IP_LIMIT);
        if (result.exit() != 0) {
            return new Way("", 0, false, false, result.said());
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

    /** The devices of the routes to these remotes; one to which there is no route is left out. */
    static Map<String, String> devices(Set<String> remotes) {
        String questions = remotes.stream()
            .map(remote -> "route get " + Remote.parse(remote).getAddress().getHostAddress() + "\n")
            .collect(Collectors.joining());
        // What cannot be answered is an error of one line, and the others are answered all the same.
        String answers = Command.run(List.of("ip", "-j", "-force", "-batch", "-"), questions, IP_LIMIT).output();
        Map<InetAddress, String> byAddress = new HashMap<>();
        for (String answer : answers.lines().filter(line -> line.startsWith("[{")).toList()) {
            try {
                JsonNode route = new ObjectMapper().readTree(answer).path(0);
                byAddress.put(Remote.address(route.path("dst").asText()), route.path("dev").asText());
            } catch (JsonProcessingException e) {
                throw new HostException(HostException.Kind.CONFLICT, "ip -j route get: " + e.getOriginalMessage(), e);
            }
        }
        return remotes.stream().filter(remote -> byAddress.containsKey(Remote.parse(remote).getAddress()))
            .collect(Collectors.toMap(remote -> remote, remote -> byAddress.get(Remote.parse(remote).getAddress())));
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
