package org.violin.benchmarks.paper;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Deadline;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Hosts;
import org.violin.benchmarks.lab.Lab;
import org.violin.benchmarks.lab.Netns;
import org.violin.benchmarks.lab.Spawned;
import org.violin.benchmarks.lab.Underlay;

/**
 * Figure 3 of the VNET paper, of namespaces: the LAN of Client and Proxy, the LAN of Host and Local, a router at the
 * edge of each with a bridge for its LAN's switch, and a path between the routers.
 */
final class Testbed implements AutoCloseable {
    /** Each machine's interface to its LAN. */
    static final String LAN = "lan0";
    /** The Host's second interface to its LAN, for a guest that is bridged to it. */
    static final String SPARE = "lan1";
    static final String CLIENT_NET = "10.203.1.";
    static final String HOST_NET = "10.203.2.";
    static final String ROUTER_BYTE = "1";
    static final String CLIENT = CLIENT_NET + "10";
    static final String PROXY = CLIENT_NET + "20";
    static final String HOST = HOST_NET + "10";
    static final String LOCAL = HOST_NET + "20";

    private static final int DAEMON_PORT = 7001;
    private static final int SEALED_PORT = 7002;
    private static final double START_SECONDS = 30;
    private static final double CONNECT_SECONDS = 20;
    private static final Duration LIMIT = Duration.ofSeconds(150);

    private final Hosts routers;
    private final Netns client;
    private final Netns proxy;
    private final Netns host;
    private final Netns local;
    private final List<String> violin;
    private final Path home;
    private final Map<String, Spawned> daemons = new HashMap<>();

    /**
     * Makes it.
     *
     * @param name     tells it from others
     * @param underlay the path between the two routers
     * @param root     Violin's folder
     */
    Testbed(Lab lab, String name, Underlay underlay, Path root) {
        routers = new Hosts(lab, name, underlay);
        client = new Netns(lab, name, "client");
        proxy = new Netns(lab, name, "proxy");
        host = new Netns(lab, name, "host");
        local = new Netns(lab, name, "local");
        // A state of its own, with short paths: those of unix sockets are short.
        home = host.path("v");
        violin = List.of("env", "VIOLIN_HOME=" + home, root.resolve("scripts/violin").toString());
        route(routers.a(), CLIENT_NET, HOST_NET, routers.b());
        route(routers.b(), HOST_NET, CLIENT_NET, routers.a());
        plug(routers.a(), client, "client", CLIENT);
        plug(routers.a(), proxy, "proxy", PROXY);
        plug(routers.b(), host, "host", HOST);
        plug(routers.b(), local, "local", LOCAL);
        // Or it answers for its address by the spare interface too, and its neighbours may send there.
        host.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/conf/all/arp_ignore");
        cable(routers.b(), host, "spare", SPARE);
    }

    /** A router with a LAN, and the way to the other one's. */
    private static void route(End router, String net, String otherNet, End other) {
        // With an address of its own, or it would be that of a port, which is another one as ports come.
        router.ip("link add " + LAN + " address 02:00:00:00:02:0" + router.number() + " type bridge");
        router.ip("address add " + net + ROUTER_BYTE + "/24 dev " + LAN);
        router.ip("link set " + LAN + " up");
        router.run("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward");
        router.ip("route add " + otherNet + "0/24 via " + other.underlay());
    }

    private static void cable(End router, Netns machine, String port, String device) {
        machine.ip("link add " + device + " type veth peer name " + port + " netns " + router.namespace());
        router.ip("link set " + port + " master " + LAN);
        router.ip("link set " + port + " up");
        machine.ip("link set " + device + " up");
    }

    private static void plug(End router, Netns machine, String port, String address) {
        cable(router, machine, port, LAN);
        machine.ip("address add " + address + "/24 dev " + LAN);
        // Tunnels over TCP have CUBIC.
        machine.ip("route add default via " + address.substring(0, address.lastIndexOf('.') + 1) + ROUTER_BYTE
            + " congctl cubic");
    }

    /** The routers: a is the Client's, b is the Host's. */
    Hosts routers() {
        return routers;
    }

    Netns client() {
        return client;
    }

    Netns proxy() {
        return proxy;
    }

    Netns host() {
        return host;
    }

    Netns local() {
        return local;
    }

    /** A command line of the product. */
    List<String> violin(String... arguments) {
        List<String> all = new ArrayList<>(violin);
        all.addAll(List.of(arguments));
        return all;
    }

    /** Runs it to its end on a machine; returns what it says. */
    String run(Netns machine, String... arguments) {
        return machine.attempt(LIMIT, violin(arguments).toArray(String[]::new)).orThrow().output().strip();
    }

    /** A file with a new shared key. */
    String newKey(String name) {
        String file = host.path(name + ".key").toString();
        run(host, "key", "new", "--shared", file);
        return file;
    }

    /** What a topology file says of the Host, whose daemon is started when it is first wanted. */
    String hostEntry(boolean sealed) {
        return entry("host", host, HOST, sealed);
    }

    /** The same of the Client. */
    String clientEntry(boolean sealed) {
        return entry("client", client, CLIENT, sealed);
    }

    private String entry(String name, Netns machine, String address, boolean sealed) {
        String daemon = sealed ? name + "-sealed" : name;
        String underlay = address + ":" + (sealed ? SEALED_PORT : DAEMON_PORT);
        if (!daemons.containsKey(daemon)) {
            List<String> command = violin("daemon", "--name", daemon, "--listen", underlay);
            command.addAll(sealed ? List.of("--key-file", daemonKey()) : List.of("--insecure-plaintext"));
            daemons.put(daemon, machine.daemon(command));
        }
        daemons.get(daemon).awaitLog(": ready,", START_SECONDS);
        return "{ daemon: " + home.resolve("hosts").resolve(daemon).resolve("api.sock") + ", underlay: \"" + underlay
            + "\" }";
    }

    private String daemonKey() {
        Path file = host.path("daemons.key");
        return file.toFile().exists() ? file.toString() : newKey("daemons");
    }

    /** Brings a network up; its file begins with {@code network:} and its name. */
    void up(String network, String topology) {
        run(host, "up", host.file(network + ".yaml", topology).toString());
    }

    /** A node of a network that is up. */
    Guest guest(String network, String node) {
        return new Guest(host, violin, network + "/" + node);
    }

    /** Waits until pings pass from a namespace to an address; throws if none does. */
    void awaitConnection(Netns from, String address) {
        boolean reached = Deadline.await(CONNECT_SECONDS,
            () -> from.attempt(LIMIT, "ping", "-q", "-c", "1", "-W", "1", address).exit() == 0);
        if (!reached) {
            throw new BenchException(from.namespace() + ": " + address + " answers no ping after " + CONNECT_SECONDS
                + " s");
        }
    }

    private List<Netns> machines() {
        return List.of(client, proxy, host, local);
    }

    /** The last lines of what each program printed. */
    String logTail(int lines) {
        StringBuilder text = new StringBuilder();
        machines().forEach(machine -> text.append(machine.logTail(lines)));
        return text.toString();
    }

    @Override
    public void close() {
        machines().forEach(Netns::close);
        routers.close();
    }
}
