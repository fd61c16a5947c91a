package org.violin.control.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.ToLongFunction;
import org.violin.control.api.TraceDto;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin trace}. */
@Command(name = "trace", mixinStandardHelpOptions = true,
    description = {"Shows how long frames take inside each host of a network, stage by stage.",
        "Ends when every host has traced its share, or after some seconds. A host can trace for one command at a"
            + " time."},
    footer = {"",
        "  READ    from the poll that told of the frame until it was read, and decoded",
        "  DECIDE  until the switch or patch had decided",
        "  QUEUE   until it stood in line at its egress port",
        "  SEND    until the system call that took it had returned",
        "",
        "Frames are moved in batches: a frame's times are those of the batch it was in."})
final class TraceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "NETWORK", description = "Frames that come in by its ports.")
    private String network;

    @Option(names = "--every", paramLabel = "N", defaultValue = "100",
        description = "Trace one frame in N (default: ${DEFAULT-VALUE}).")
    private int every;

    @Option(names = "--count", paramLabel = "M", defaultValue = "20",
        description = "Trace M frames at each host (default: ${DEFAULT-VALUE}).")
    private int count;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "10",
        description = "Wait for them no longer than S seconds (default: ${DEFAULT-VALUE}).")
    private int seconds;

    @Option(names = {"-f", "--format"}, paramLabel = "FORMAT", defaultValue = "table",
        description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private HostedTable.Format format;

    /** Frames of one way through a host. */
    private record Way(String host, String ingress, String egress) {
    }

    @Override
    public Integer call() {
        if (every < 1 || count < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--every, --count and --seconds: numbers from 1 on");
        }
        List<Survey.Answer<List<TraceDto>>> answers = Survey.of(new Registry(Home.find()), network)
            .ask((daemon, name) -> daemon.trace(name, every, count, seconds));
        if (format == HostedTable.Format.json) {
            System.out.println(HostedJson.render(answers));
        } else if (answers.stream().anyMatch(answer -> answer.error() == null)) {
            System.out.print(tables(answers));
        }
        List<String> errors = answers.stream().filter(answer -> answer.error() != null)
            .map(answer -> answer.network() + ": " + answer.error()).toList();
        errors.forEach(error -> System.err.println("violin: " + error));
        return errors.isEmpty() ? Exit.OK : Exit.FAILED;
    }

    /** Each frame, and the medians of each way. */
    private static String tables(List<Survey.Answer<List<TraceDto>>> answers) {
        Table frames = Table.of("HOST", "INGRESS", "EGRESS", ">BYTES", "KIND", ">READ-US", ">DECIDE-US", ">QUEUE-US",
            ">SEND-US", ">TOTAL-US");
        Map<Way, List<TraceDto>> ways = new LinkedHashMap<>();
        for (Survey.Answer<List<TraceDto>> answer : answers) {
            String host = answer.host().name();
            for (TraceDto frame : answer.error() == null ? answer.value() : List.<TraceDto>of()) {
                frames.row(host, frame.ingress(), egress(frame), frame.bytes(),
                    frame.superFrame() ? "super-frame" : "frame", Table.micros(frame.readNanos()),
                    Table.micros(frame.decideNanos()), Table.micros(frame.queueNanos()),
                    Table.micros(frame.sendNanos()), Table.micros(total(frame)));
                ways.computeIfAbsent(new Way(host, frame.ingress(), egress(frame)), way -> new ArrayList<>())
                    .add(frame);
            }
        }
        Table medians = Table.of("HOST", "INGRESS", "EGRESS", ">FRAMES", ">READ-US", ">DECIDE-US", ">QUEUE-US",
            ">SEND-US", ">TOTAL-US");
        ways.forEach((way, traced) -> medians.row(way.host(), way.ingress(), way.egress(), traced.size(),
            median(traced, TraceDto::readNanos), median(traced, TraceDto::decideNanos),
            median(traced, TraceDto::queueNanos), median(traced, TraceDto::sendNanos),
            median(traced, TraceCommand::total)));
        return ways.isEmpty() ? "no frame was traced: there were none, or fewer than --every\n"
            : frames.render() + "\nmedians:\n" + medians.render();
    }

    private static String egress(TraceDto frame) {
        return frame.egress() != null ? frame.egress()
            : frame.drop() == null ? "(flooded)" : "(dropped: " + frame.drop() + ")";
    }

    private static long total(TraceDto frame) {
        return frame.readNanos() + frame.decideNanos() + frame.queueNanos() + frame.sendNanos();
    }

    private static String median(List<TraceDto> frames, ToLongFunction<TraceDto> time) {
        long[] sorted = frames.stream().mapToLong(time).sorted().toArray();
        return Table.micros(sorted[sorted.length / 2]);
    }
}
