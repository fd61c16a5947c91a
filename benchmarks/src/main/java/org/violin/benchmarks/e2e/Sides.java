package org.violin.benchmarks.e2e;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.violin.benchmarks.lab.End;
import org.violin.benchmarks.lab.Spawned;

/** All sides there are, in the order of the tables. */
final class Sides {
    static final String VETH = "veth";
    static final String VXLAN = "vxlan";
    static final String VIOLIN = "violin";
    static final String PATH = "path";
    static final String VIOLIN_SEALED = VIOLIN + "-sealed";
    static final String VIOLIN_FEC = VIOLIN + "-fec";

    private static final int VIOLIN_PORT = 7000;
    private static final int START_SECONDS = 20;
    private static final Duration TRAINING_LIMIT = Duration.ofMinutes(2);

    private static final Side VXLAN_SIDE = new Side(VXLAN, "the kernel's VXLAN", 2, "-", List.of(), List.of(),
        List.of(), End.OVERLAY, Sides::startVxlan);

    private Sides() {
    }

    /** @param root Violin's folder */
    static List<Side> all(Path root) {
        List<Side> sides = new ArrayList<>();
        sides.add(new Side(VETH, "no tunnel: the underlay itself", 2, "-", List.of(), List.of(), List.of(),
            End.UNDERLAY, pair -> { }));
        sides.add(VXLAN_SIDE);
        sides.add(violin(root, VIOLIN, false));
        sides.add(violin(root, VIOLIN_SEALED, true));
        sides.addAll(Peers.all());
        return sides;
    }

    /** What tunnels go over. */
    static Side path() {
        return new Side(PATH, "no tunnel: the path itself", 2, "-", List.of(), List.of(), List.of(), End.UNDERLAY,
            pair -> { });
    }

    /** The transports that are compared over wide-area paths. */
    static List<Side> wan(Path root) {
        List<Side> sides = new ArrayList<>();
        sides.add(path());
        sides.add(VXLAN_SIDE);
        sides.addAll(Peers.openvpnOverWan());
        sides.add(violin(root, VIOLIN, false));
        sides.add(violin(root, VIOLIN_SEALED, true));
        sides.add(violin(root, VIOLIN_FEC, true, "--fec", "auto"));
        for (String stream : List.of("tcp", "tls")) {
            sides.add(violin(root, "violin-" + stream, true, "--transport", stream));
        }
        sides.add(VnetSide.of(root, "vnet", List.of(), "HOST on"));
        sides.add(VnetSide.of(root, "vnet-udp", List.of("--transport", "udp"), "by UDP"));
        sides.add(VnetSide.of(root, "vnet-auto", List.of("--transport", "auto", "--fec", "auto"), "by UDP"));
        return sides;
    }

    /** @param options of {@code violin tunnel} */
    private static Side violin(Path root, String name, boolean sealed, String... options) {
        return violin(root, name, sealed, List.of(), List.of(options));
    }

    private static Side violin(Path root, String name, boolean sealed, List<String> environment,
        List<String> options) {
        String launcher = root.resolve("scripts/violin").toString();
        List<String> command = new ArrayList<>(List.of("env"));
        command.addAll(environment);
        command.add(launcher);
        String description = "violin tunnel, " + (sealed ? "sealed" : "plaintext")
            + (options.isEmpty() ? "" : ", " + String.join(" ", options));
        return new Side(name, description, 2, sealed ? "AES-256-GCM" : "-", List.of(), List.of(),
            List.of(launcher, "version"), End.OVERLAY, pair -> startViolin(pair, command, sealed, options));
    }

    /**
     * The same side under another name, to be profiled: a JVM tells of its stacks where compiled Java keeps the frame
     * pointer, which costs some per cent of its speed.
     */
    static Side forProfile(Side side, Path root) {
        String name = side.name() + "-profiled";
        return side.name().equals(VIOLIN) ? violin(root, name, false,
            List.of("JDK_JAVA_OPTIONS=-XX:+PreserveFramePointer"), List.of())
            : new Side(name, side.description(), side.layer(), side.encryption(), side.programs(), side.packages(),
                side.version(), side.device(), side.starter());
    }

    /**
     * A tunnel of the user's own, from a command that runs at both ends and makes the device.
     *
     * @param definition {@code NAME=COMMAND} for a shell, with {tap}, {local} and {remote} for the device's name and
     *                   the addresses
     */
    static Side custom(String definition) {
        int equals = definition.indexOf('=');
        String name = equals < 0 ? "" : definition.substring(0, equals);
        if (!name.matches("[a-z0-9][a-z0-9-]{0,19}") || equals == definition.length() - 1) {
            throw new IllegalArgumentException("\"" + definition + "\" is not NAME=COMMAND, the NAME of a-z, 0-9, -");
        }
        String command = definition.substring(equals + 1);
        return new Side(name, "`" + command + "`", 2, "?", List.of(), List.of(), List.of(), End.OVERLAY, pair -> {
            for (End here : pair.ends()) {
                here.daemon("sh", "-c", command.replace("{tap}", End.OVERLAY)
                    .replace("{local}", here.underlay()).replace("{remote}", pair.other(here).underlay()));
            }
        });
    }

    private static void startVxlan(Pair pair) {
        vxlan(pair.a(), pair.b());
        vxlan(pair.b(), pair.a());
    }

    private static void vxlan(End here, End there) {
        // Not bound to a device, which would bound its MTU: frames that do not fit the underlay are fragmented.
        here.ip("link add " + End.OVERLAY + " type vxlan id 42 local " + here.underlay() + " remote "
            + there.underlay() + " dstport 4789");
    }

    private static void startViolin(Pair pair, List<String> command, boolean sealed, List<String> options) {
        // Or the first start of a build has its AOT cache made beside it, by a JVM that would be measured as well.
        pair.a().attempt(TRAINING_LIMIT, command.getLast(), "train");
        List<String> tunnel = new ArrayList<>(command);
        tunnel.addAll(List.of("tunnel", "--mtu", Integer.toString(pair.mtu())));
        tunnel.addAll(sealed ? List.of("--key-file", newKey(pair, command)) : List.of("--insecure-plaintext"));
        tunnel.addAll(options);
        Spawned a = violin(pair.a(), pair.b(), tunnel);
        Spawned b = violin(pair.b(), pair.a(), tunnel);
        a.awaitLog(": up,", START_SECONDS);
        b.awaitLog(": up,", START_SECONDS);
    }

    private static String newKey(Pair pair, List<String> command) {
        String file = pair.a().path("tunnel.key").toString();
        List<String> newKey = new ArrayList<>(command);
        newKey.addAll(List.of("key", "new", "--shared", file));
        pair.a().run(newKey.toArray(new String[0]));
        return file;
    }

    private static Spawned violin(End here, End there, List<String> tunnel) {
        return here.daemon(tunnel, "--tap", End.OVERLAY,
            "--local", here.underlay() + ":" + VIOLIN_PORT, "--remote", there.underlay() + ":" + VIOLIN_PORT,
            "--address", here.overlay() + "/24");
    }
}
