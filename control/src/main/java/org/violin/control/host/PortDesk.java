package org.violin.control.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.keys.Guesses;
import org.violin.control.keys.KeyFileException;
import org.violin.control.keys.SharedKey;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.UdpPortSpec;

/**
 * Where guests ask for the ports that networks have for them: the connect request of section 4.2 of the VIOLIN paper.
 * What is said is {@link PortTalk}'s. A port that is granted is one that the engine is to hold, journalled like any
 * other.
 *
 * <p>Strangers are bounded: so many connections a second from one address and from all, so many at a time, and five
 * seconds for one line. Who has no token is not told what there is. A thread accepts; each conversation has one.
 */
public final class PortDesk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PortDesk.class);
    private static final int AT_A_TIME = 16;
    private static final int BACKLOG = 64;
    private static final long REQUEST_NS = 5_000_000_000L;
    private static final long PAUSE_NS = 100_000_000;
    private static final int COOKIE_BYTES = 8;

    /** Why a request is refused. */
    enum Reason {
        TOO_OFTEN, BUSY, TIMED_OUT, MALFORMED, UNKNOWN_NETWORK, UNKNOWN_NAME, NOT_ON_REQUEST, TOKEN_UNREADABLE,
        WRONG_TOKEN, WRONG_ADDRESS, FAILED;

        String label() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** For who asks: those without a token learn nothing of what there is. */
        String told() {
            return compareTo(UNKNOWN_NETWORK) >= 0 && compareTo(WRONG_TOKEN) <= 0 ? "not admitted" : label();
        }
    }

    private static final class Refusal extends Exception {
        private static final long serialVersionUID = 1L;

        private final Reason reason;
        /** Empty: none is known that there is. */
        private final String network;

        Refusal(Reason reason, String network, String detail) {
            super(detail);
            this.reason = reason;
            this.network = network;
        }
    }

    /**
     * How often something has become of a request.
     *
     * @param network empty: none, or none that there is
     * @param outcome {@code granted}, {@code released}, or why it was refused
     */
    public record Count(String network, String outcome, long times) {
    }

    private final Engine engine;
    private final ServerSocket listener;
    private final SecureRandom random = new SecureRandom();
    private final Semaphore free = new Semaphore(AT_A_TIME);
    /** By network and outcome. */
    private final Map<String, Long> counts = new ConcurrentSkipListMap<>();

    private PortDesk(Engine engine, ServerSocket listener) {
        this.engine = engine;
        this.listener = listener;
    }

    /** Listens from now on; throws {@link HostException} if it cannot. */
    public static PortDesk open(InetSocketAddress listen, Engine engine) {
        try {
            ServerSocket listener = new ServerSocket();
            try {
                listener.bind(listen, BACKLOG);
            } catch (IOException e) {
                listener.close();
                throw e;
            }
            PortDesk desk = new PortDesk(engine, listener);
            Thread.ofPlatform().daemon().name("port-requests").start(desk::accept);
            return desk;
        } catch (IOException e) {
            throw new HostException(HostException.Kind.STATE,
                "port requests at " + Remote.format(listen) + ": " + e.getMessage(), e);
        }
    }

    /** The TCP port. */
    int port() {
        return listener.getLocalPort();
    }

    /** @param network null: of all networks */
    public List<Count> counts(String network) {
        return counts.entrySet().stream().map(entry -> {
            String[] key = entry.getKey().split(" ", -1);
            return new Count(key[0], key[1], entry.getValue());
        }).filter(count -> network == null || count.network().isEmpty() || count.network().equals(network)).toList();
    }

    private void accept() {
        Guesses guesses = new Guesses(System.nanoTime());
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                boolean rare = guesses.take(socket.getInetAddress(), System.nanoTime());
                if (!rare || !free.tryAcquire()) {
                    turnAway(socket, rare ? Reason.BUSY : Reason.TOO_OFTEN);
                } else {
                    Thread.ofVirtual().name("port-request").start(() -> serve(socket));
                }
            } catch (IOException e) {
                if (!listener.isClosed()) {
                    LOG.warn("port requests: {}", e.getMessage());
                    LockSupport.parkNanos(PAUSE_NS);
                }
            }
        }
    }

    private void turnAway(Socket socket, Reason reason) throws IOException {
        try (socket) {
            refused(new Refusal(reason, "", "from " + address(socket)), "-");
            PortTalk.send(socket, PortTalk.REFUSED + reason.told());
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            converse(socket);
        } catch (IOException e) {
            LOG.debug("a port request: {}", e.getMessage());
        } finally {
            free.release();
        }
    }

    private void converse(Socket socket) throws IOException {
        String name = "-";
        try {
            String greeting = PortTalk.greeting();
            PortTalk.send(socket, greeting);
            String line = line(socket);
            Matcher request = PortTalk.REQUEST.matcher(line);
            if (!request.matches()) {
                throw new Refusal(Reason.MALFORMED, "", "from " + address(socket));
            }
            name = request.group(3);
            PortTalk.send(socket, answer(socket, greeting, line, request));
        } catch (Refusal e) {
            refused(e, name);
            PortTalk.send(socket, PortTalk.REFUSED + e.reason.told());
        }
    }

    private static String line(Socket socket) throws Refusal {
        try {
            return PortTalk.receive(socket, System.nanoTime() + REQUEST_NS);
        } catch (SocketTimeoutException e) {
            throw new Refusal(Reason.TIMED_OUT, "", "from " + address(socket));
        } catch (IOException e) {
            throw new Refusal(Reason.MALFORMED, "", "from " + address(socket) + ": " + e.getMessage());
        }
    }

    private String answer(Socket socket, String greeting, String line, Matcher request) throws Refusal {
        String network = request.group(2);
        String from = "from " + address(socket);
        NetworkSpec spec = engine.specs().stream().filter(each -> each.network().equals(network)).findFirst()
            .orElseThrow(() -> new Refusal(Reason.UNKNOWN_NETWORK, "", from + ": network " + network));
        UdpPortSpec port = spec.udpPorts().stream().filter(each -> each.name().equals(request.group(3))).findFirst()
            .orElseThrow(() -> new Refusal(Reason.UNKNOWN_NAME, network, from));
        if (!port.onRequest()) {
            throw new Refusal(Reason.NOT_ON_REQUEST, network, from);
        }
        try (SharedKey token = SharedKey.read(Path.of(port.tokenFile()))) {
            if (!PortTalk.same(PortTalk.proof(token, greeting, line.substring(0, request.start(5) - 1)),
                    request.group(5))) {
                throw new Refusal(Reason.WRONG_TOKEN, network, from);
            }
            String said = request.group(1).equals("release") ? release(network, port, peer(socket, network, request))
                : grant(socket, network, port, peer(socket, network, request));
            return said + " " + PortTalk.proof(token, greeting, line, said);
        } catch (KeyFileException e) {
            throw new Refusal(Reason.TOKEN_UNREADABLE, network, from + ": " + e.getMessage());
        } catch (HostException e) {
            throw new Refusal(Reason.FAILED, network, from + ": " + e.getMessage());
        }
    }

    /** Where the guest's datagrams come from: from where it asks, or nobody else could be sent to. */
    private static String peer(Socket socket, String network, Matcher request) throws Refusal {
        try {
            InetSocketAddress peer = Remote.parse(request.group(4));
            if (peer.getAddress().equals(socket.getInetAddress())) {
                return Remote.format(peer);
            }
        } catch (IllegalArgumentException e) {
            throw new Refusal(Reason.MALFORMED, network, "from " + address(socket) + ": " + e.getMessage());
        }
        throw new Refusal(Reason.WRONG_ADDRESS, network,
            "from " + address(socket) + ": for " + request.group(4) + ": is there a NAT between the two?");
    }

    /** Whoever had the port before has it no more: session and cookies are others. */
    private String grant(Socket socket, String network, UdpPortSpec port, String peer) {
        UdpPortSpec granted = port.withPeer(peer, session(), session(), PortTalk.random(COOKIE_BYTES),
            PortTalk.random(COOKIE_BYTES));
        amend(network, port, granted);
        count(network, PortTalk.GRANTED.strip());
        engine.events().publish(network, "port-granted", port.name(), "to " + peer);
        return PortTalk.GRANTED + vNic(granted, socket.getLocalAddress());
    }

    private String release(String network, UdpPortSpec port, String peer) throws Refusal {
        if (!port.remote().equals(peer)) {
            throw new Refusal(Reason.WRONG_ADDRESS, network, "from " + peer + ", which does not have the port");
        }
        amend(network, port, port.withoutPeer());
        count(network, PortTalk.RELEASED);
        engine.events().publish(network, "port-released", port.name(), "by " + peer);
        return PortTalk.RELEASED;
    }

    /** Unless it is changed meanwhile: it may be another's by now. */
    private void amend(String network, UdpPortSpec from, UdpPortSpec to) {
        engine.amend(() -> {
            NetworkSpec spec = engine.spec(network);
            if (!spec.udpPorts().contains(from)) {
                throw new HostException(HostException.Kind.CONFLICT, "port " + from.name() + " was changed meanwhile");
            }
            return spec.withUdpPort(to);
        }, null);
    }

    /** As UML takes them, 31 bits and not 0. */
    private long session() {
        return random.nextInt(1, Integer.MAX_VALUE);
    }

    /** As the guest's kernel has it on its command line. */
    private static String vNic(UdpPortSpec port, InetAddress asked) {
        InetSocketAddress peer = Remote.parse(port.remote());
        InetSocketAddress local = Remote.parse(port.local());
        InetAddress to = local.getAddress().isAnyLocalAddress() ? asked : local.getAddress();
        return "transport=l2tpv3,udp=1," + (to.getAddress().length == 4 ? "" : "v6=1,")
            + "src=" + peer.getAddress().getHostAddress() + ",srcport=" + peer.getPort()
            + ",dst=" + to.getHostAddress() + ",dstport=" + local.getPort()
            + ",tx_session=" + port.localSession() + ",rx_session=" + port.remoteSession()
            + ",cookie64=1,tx_cookie=0x" + port.localCookie() + ",rx_cookie=0x" + port.remoteCookie()
            + (port.counter() ? ",counter=1" : "");
    }

    private static String address(Socket socket) {
        return socket.getInetAddress().getHostAddress();
    }

    private long count(String network, String outcome) {
        return counts.merge(network + " " + outcome, 1L, Long::sum);
    }

    /** All are counted; the 1st, 2nd, 4th, 8th are events, so that strangers do not drive others out of these. */
    private void refused(Refusal refusal, String name) {
        long times = count(refusal.network, refusal.reason.label());
        if (Long.bitCount(times) == 1 || refusal.reason == Reason.FAILED) {
            engine.events().publish(refusal.network.isEmpty() ? null : refusal.network, "port-refused", name,
                refusal.reason.label() + ", " + refusal.getMessage() + " (" + times + " so far)");
        }
    }

    /** Takes no more requests; those under way end by themselves. */
    @Override
    public void close() throws IOException {
        listener.close();
    }
}
