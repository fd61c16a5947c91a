package org.violin.control.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.violin.control.api.ApiJson;
import org.violin.control.api.HostDto;
import org.violin.control.api.NodeDto;
import org.violin.control.api.PortDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.client.NetworkRecord;
import org.violin.control.client.Survey;
import org.violin.control.topology.Planner;
import org.violin.control.topology.TopologyException;
import org.violin.control.topology.TopologyFile;

/**
 * Goes through what client commands do, without a daemon, so that the archive of loaded classes that this JVM leaves
 * behind serves all of them, whichever command happened to be the first. The launcher asks for it with the system
 * property {@code violin.training}.
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

    private Training() {
    }

    static boolean wanted() {
        return Boolean.getBoolean("violin.training");
    }

    static void run() {
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
        parse("{'name':'a','version':'1','pid':1,'listen':null,'stateDir':'/'}", HostDto.class);
        parse("[{'network':'n','name':'g','role':'host','state':'ready','wanted':'running','pid':1,'startedAt':null,"
            + "'memoryMiB':64,'nics':[{'name':'eth0','bridge':'b','mac':'','mtu':1500,'addresses':['']}],'detail':''}]",
            NodeDto[].class);
        parse("[{'network':'n','name':'p','kind':'tap','bridge':'b','detail':'','up':true,'rxFrames':1,'rxBytes':1,"
            + "'txFrames':1,'txBytes':1,'drops':{'reason':1}}]", PortDto[].class);
        parse("[{'peer':'b','remote':'','networks':['n'],'state':'up','pathMtu':1500,'rttMicros':1,'links':1,"
            + "'rxDatagrams':1,'rxBytes':1,'txDatagrams':1,'txBytes':1,'drops':{}}]", TunnelDto[].class);
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
