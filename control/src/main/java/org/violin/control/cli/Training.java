package org.violin.control.cli;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.violin.control.api.ApiJson;
import org.violin.control.api.HostDto;
import org.violin.control.api.LatencyDto;
import org.violin.control.api.NodeDto;
import org.violin.control.api.PortDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.client.NetworkRecord;
import org.violin.control.client.Survey;
import org.violin.control.host.Remote;
import org.violin.control.keys.KeyAgreement;
import org.violin.control.keys.KeyKeeper;
import org.violin.control.keys.Sealing;
import org.violin.control.keys.SharedKey;
import org.violin.control.topology.Planner;
import org.violin.control.topology.TopologyException;
import org.violin.control.topology.TopologyFile;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneConfig;
import org.violin.dataplane.LinkConfig;
import org.violin.dataplane.SealCipher;
import org.violin.dataplane.TapConfig;
import org.violin.dataplane.TunnelConfig;

/**
 * Goes through what later processes will do, for the archives of loaded classes that this JVM leaves behind. The
 * launcher asks for it with the system property {@code violin.training}: {@code client} after the first client command,
 * whichever that was, so that the archive serves all of them; {@code tunnel} for {@code violin tunnel}.
 */
final class Training {
    private static final String TOPOLOGY = """
        network: training
        hosts:
          a: { netns: true }
          b: { netns: true }
        switches:
          lan: { host: a }
        nodes:
          n1: { host: a, nics: [ { switch: lan, addresses: [10.0.0.1/24] } ], gateway: 10.0.0.254 }
          n2: { host: b, kind: router, nics: [ { switch: lan, addresses: ["fd00::1/64"] }, {} ] }
          n3: { host: a, nics: [ {} ], unknown: key }
        links:
          - ends: [n2.eth1, n3.eth0]
        """;

    private static final Duration TUNNEL_TIME_MAX = Duration.ofSeconds(10);
    private static final int TUNNEL_FRAMES = 4;

    private Training() {
    }

    static boolean wanted(String what) {
        return what.equals(System.getProperty("violin.training"));
    }

    /**
     * Both ends of a tunnel on this host's loopback, the one as its users start it. Frames come by themselves: a TAP
     * that goes up looks for IPv6 routers.
     */
    static void tunnel() throws InterruptedException, IOException {
        Path folder = Files.createTempDirectory("violin-training");
        Path file = folder.resolve("key");
        try (SharedKey key = SharedKey.create(file)) {
            tunnel(file, key);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    private static void tunnel(Path file, SharedKey key) throws InterruptedException {
        InetSocketAddress left = new InetSocketAddress("127.0.0.1", 7000);
        InetSocketAddress right = new InetSocketAddress("127.0.0.1", 7001);
        Thread.ofPlatform().daemon().start(() -> Main.run("tunnel", "--key-file", file.toString(), "--tap", "left",
            "--local", Remote.format(left), "--remote", Remote.format(right), "--address", "192.0.2.1/24"));
        try (Dataplane dataplane = Dataplane.launch(DataplaneConfig.of("right", right));
            KeyKeeper keeper = new KeyKeeper(dataplane)) {
            dataplane.addPatch("patch");
            dataplane.openTunnel(TunnelConfig.sealed("tunnel", left, 0));
            keeper.add("tunnel", Sealing.by(key, List.of(SealCipher.values()), KeyAgreement.RENEWAL_DEFAULT));
            dataplane.openLink(new LinkConfig("link", "tunnel", TunnelCommand.LINK_ID), "patch");
            dataplane.openTap(new TapConfig("tap", "right", 1500, "training"), "patch");
            long beganNs = System.nanoTime();
            while (System.nanoTime() - beganNs < TUNNEL_TIME_MAX.toNanos()
                && dataplane.ports().stream().anyMatch(port -> port.rxFrames() < TUNNEL_FRAMES)) {
                Thread.sleep(100);
            }
        }
    }

    static void client() {
        Main.commandLine();
        answers();
        daemons();
        for (String text : List.of(TOPOLOGY, TOPOLOGY.replace(", unknown: key", ""))) {
            try {
                ApiJson.bytes(Planner.plan(TopologyFile.parse("training", text.getBytes(StandardCharsets.UTF_8)))
                    .hosts().getFirst().spec());
            } catch (TopologyException e) {
                // The first text has an error in it, so that the classes that tell errors are loaded as well.
                continue;
            }
        }
    }

    private static void answers() {
        parse("{'name':'a','version':'1','pid':1,'listen':null,'stateDir':'/','engine':'epoll','workers':1,"
            + "'priority':'normal'}", HostDto.class);
        parse("[{'network':'n','name':'g','role':'host','state':'ready','wanted':'running','pid':1,'startedAt':null,"
            + "'memoryMiB':64,'nics':[{'name':'eth0','bridge':'b','mac':'','mtu':1500,'addresses':['']}],'detail':''}]",
            NodeDto[].class);
        parse("[{'network':'n','name':'p','kind':'tap','bridge':'b','detail':'','up':true,'rxFrames':1,'rxBytes':1,"
            + "'txFrames':1,'txBytes':1,'drops':{'reason':1},'impairment':null,'fec':null,'transport':null,"
            + "'fit':null}]",
            PortDto[].class);
        parse("[{'peer':'b','remote':'','networks':['n'],'sealed':true,'state':'up','pathMtu':1500,'rttMicros':1,"
            + "'links':1,'rxDatagrams':1,'rxBytes':1,"
            + "'txDatagrams':1,'txBytes':1,'fec':'auto','transport':'udp','way':'udp',"
            + "'connections':{},'recovered':0,'path':{'rttMinMicros':1,"
            + "'rttP50Micros':1,'rttP99Micros':1,'jitterMicros':1,'lossThere':null,'lossBack':0.1,'burstThere':1.0,"
            + "'reorderedThere':null,'reorderedBack':0.1,'bitsThere':1,'bitsBack':1,'fec':''},'drops':{}}]",
            TunnelDto[].class);
        parse("[{'network':'n','port':'p','kind':'tap','bridge':'b','frames':1,'p50Nanos':1,'p99Nanos':1,'p999Nanos':1,"
            + "'maxNanos':1,'buckets':[{'fromNanos':1,'toNanos':1,'count':1}]}]", LatencyDto[].class);
    }

    private static void parse(String json, Class<?> type) {
        ApiJson.parse(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8), type);
    }

    private static void daemons() {
        NetworkRecord.Host host = new NetworkRecord.Host("a", NetworkRecord.Kind.DAEMON, "192.0.2.1:7000", null,
            Path.of("/nonexistent/violin/api.sock").toString());
        NetworkRecord record = new NetworkRecord("training", "training.yaml", "", List.of(host, host));
        ApiJson.parse(ApiJson.bytes(record), NetworkRecord.class);
        HostedJson.render(new Survey(List.of(record)).ask(DaemonClient::nodes));
        Table table = Table.of("A", ">B");
        table.row("a", 1);
        table.render();
    }
}
