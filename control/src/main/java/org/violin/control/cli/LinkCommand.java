package org.violin.control.cli;

import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.violin.control.api.PortDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.client.Home;
import org.violin.control.client.LinkChange;
import org.violin.control.client.PortSetting;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import org.violin.control.host.Lines;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.Transport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin link}. */
@Command(name = "link", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = {"Shows and changes links in networks that are up: emulation, error correction, transport, what",
        "fits."},
    subcommands = {LinkCommand.ListLinks.class, LinkCommand.SetLink.class})
final class LinkCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: ls or set");
    }

    /** {@code violin link ls}. */
    @Command(name = "ls", mixinStandardHelpOptions = true,
        description = {"Shows, port by port, what link emulation does to the frames that leave by it, how a link's",
            "tunnel is protected and carried, and what those who send through it are told."})
    static final class ListLinks implements Callable<Integer> {
        @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "Left out: all of them.")
        private String network;

        @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
        private HostedTable.Format format;

        @Override
        public Integer call() {
            List<Survey.Answer<List<PortDto>>> answers =
                Survey.of(new Registry(Home.find()), network).ask(DaemonClient::ports);
            return HostedTable.show(answers, format,
                Table.of("NETWORK", "HOST", "LINK", "KIND", "BRIDGE", "IMPAIRMENT", "DROPPED", "FEC", "TRANSPORT",
                    "MSS-CLAMP", "DF"), ListLinks::row);
        }

        private static void row(Table table, String host, PortDto port) {
            Map<String, Long> drops = port.drops().entrySet().stream()
                .filter(drop -> drop.getKey().startsWith("impair-"))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
            table.row(port.network(), host, port.name(), port.kind(), port.bridge(),
                port.impairment() == null ? "" : port.impairment().text(), InspectCommand.reasons(drops),
                port.fec() == null ? "" : port.fec().text(),
                port.transport() == null ? "" : port.transport().label(),
                port.fit() == null ? "" : port.fit().mssText(),
                port.fit() == null || !port.fit().honorsDf() ? "" : "honor");
        }
    }

    /** {@code violin link set}. */
    @Command(name = "set", mixinStandardHelpOptions = true, abbreviateSynopsis = true,
        description = {"Changes a link at both ends, or one port, of a network that is up.",
            "What is not named stays as it is. The next 'violin up' brings back what its file says."},
        footer = {"", "Examples: violin link set two-lans link:vhost2.eth0 --delay 20ms --loss 1%%",
            "          violin link set two-lans link:vhost2.eth0 --fec auto",
            "          violin link set two-lans link:vhost2.eth0 --transport tls",
            "          violin link set two-lans vhost1.eth0 --down"})
    static final class SetLink implements Callable<Integer> {
        @Spec
        private CommandSpec spec;

        @Parameters(index = "0", paramLabel = "NETWORK", description = "The network's name.")
        private String network;

        @Parameters(index = "1", paramLabel = "LINK",
            description = "A link, a guest's vNIC (GUEST.eth0), a TAP, a packet port or a UDP port, as 'violin link ls'"
                + " names it.")
        private String link;

        @Mixin
        private ImpairOptions impair;

        @Mixin
        private FitOptions fit;

        @Option(names = "--fec", paramLabel = "off|auto|K+R[xDEPTH][/ordered]", converter = FecConverter.class,
            description = "Forward error correction by the tunnel that carries the link, and all others between its two"
                + " hosts.")
        private FecSpec fec;

        @Option(names = "--transport", paramLabel = "TRANSPORT", converter = StreamOptions.Transports.class,
            completionCandidates = StreamOptions.Transports.class,
            description = "What that tunnel goes by: ${COMPLETION-CANDIDATES}. Nothing is lost by a change.")
        private Transport transport;

        @Option(names = "--down", description = "Nothing passes.")
        private boolean down;

        @Option(names = "--up", description = "Frames pass again, on the line that was set.")
        private boolean up;

        @Option(names = "--clear",
            description = "Forget what link emulation was set before; its other options then begin from nothing.")
        private boolean clear;

        @Override
        public Integer call() {
            if (down && up) {
                throw new ParameterException(spec.commandLine(), "either --down or --up");
            }
            if (!down && !up && !clear && fec == null && transport == null && !fit.given() && !impair.given()) {
                throw new ParameterException(spec.commandLine(),
                    "say what to change: --delay, --loss, --down, --fec, --transport, ...");
            }
            List<LinkChange.End> ends = new LinkChange(new Registry(Home.find()), network).run(link, this::changed);
            for (LinkChange.End end : ends) {
                System.out.println(end.host() + ": " + end.port() + ": " + end.setting().text()
                    + (end.changed() ? "" : " (as before)"));
            }
            return Exit.OK;
        }

        private PortSetting changed(PortSetting before) {
            LineSpec line = impair.applyTo(clear ? LineSpec.NONE : before.line());
            LineSpec wanted = down || up ? line.withDown(down) : line;
            Lines.impairment(wanted);
            PortSetting changed = before.withLine(wanted);
            changed = fit.given() ? changed.withFit(fit::applyTo) : changed;
            changed = transport == null ? changed : changed.withTransport(transport);
            return fec == null ? changed : changed.withFec(fec);
        }
    }
}
