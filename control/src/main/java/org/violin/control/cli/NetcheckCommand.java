package org.violin.control.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.api.CheckDto;
import org.violin.control.client.DaemonClient;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import org.violin.control.host.Diagnosis;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code violin netcheck}. */
@Command(name = "netcheck", mixinStandardHelpOptions = true,
    description = {"Says of each way between hosts how it is, and if it is not well, why, and what to do."},
    footer = {"", "Exits with 4 if one of them does not work."})
final class NetcheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "Left out: all of them.")
    private String network;

    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", defaultValue = "table",
        description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private HostedTable.Format format;

    @Override
    public Integer call() {
        List<Survey.Answer<List<CheckDto>>> answers =
            Survey.of(new Registry(Home.find()), network).ask(DaemonClient::netcheck);
        int exit = HostedTable.show(answers, format, Table.of("HOST", "PEER", "REMOTE", "IS", "WHY"),
            (table, host, check) -> table.row(host, check.peer(), check.remote(), check.verdict(), check.text()));
        boolean bad = answers.stream().filter(answer -> answer.error() == null)
            .flatMap(answer -> answer.value().stream())
            .anyMatch(check -> check.verdict().equals(Diagnosis.Verdict.BAD.label()));
        return exit == Exit.OK && bad ? Exit.DEGRADED : exit;
    }
}
