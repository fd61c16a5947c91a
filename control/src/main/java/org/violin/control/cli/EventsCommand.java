package org.violin.control.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.violin.control.api.EventDto;
import org.violin.control.client.Events;
import org.violin.control.client.Home;
import org.violin.control.client.Registry;
import org.violin.control.client.Survey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code violin events}. */
@Command(name = "events", mixinStandardHelpOptions = true,
    description = {"Shows what happened to networks, oldest first."})
final class EventsCommand implements Callable<Integer> {
    @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "Left out: all of them.")
    private String network;

    @Option(names = {"-f", "--follow"}, description = "Go on with what happens, until Ctrl-C.")
    private boolean follow;

    private final AtomicBoolean failed = new AtomicBoolean();

    @Override
    public Integer call() {
        Events events = new Events(Survey.of(new Registry(Home.find()), network).records(), network);
        if (follow) {
            events.follow(EventsCommand::print, this::fail);
        } else {
            List<Events.Entry> entries = new ArrayList<>(events.past(this::fail));
            entries.sort(Comparator.comparing(entry -> entry.event().time()));
            entries.forEach(EventsCommand::print);
        }
        return failed.get() ? Exit.FAILED : Exit.OK;
    }

    private void fail(String why) {
        System.err.println("violin: " + why);
        failed.set(true);
    }

    private static synchronized void print(Events.Entry entry) {
        EventDto event = entry.event();
        StringBuilder line = new StringBuilder(event.time()).append("  ").append(entry.host()).append("  ");
        if (event.network() != null) {
            line.append(event.network()).append("  ");
        }
        line.append(event.kind()).append("  ").append(event.subject());
        if (event.text() != null && !event.text().isEmpty()) {
            line.append("  ").append(Terminal.printable(event.text(), "    "));
        }
        System.out.println(line);
        if (System.out.checkError()) {
            // Nobody reads any more, as with "| head"; other daemons' threads would wait for events for ever.
            System.exit(Exit.FAILED);
        }
    }
}
