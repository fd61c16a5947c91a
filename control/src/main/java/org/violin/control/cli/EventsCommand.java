package org.violin.control.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
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
final class EventsCommand implements Runnable {
    @Parameters(paramLabel = "NETWORK", arity = "0..1", description = "Left out: all of them.")
    private String network;

    @Option(names = {"-f", "--follow"}, description = "Go on with what happens, until Ctrl-C.")
    private boolean follow;

    @Override
    public void run() {
        Events events = new Events(Survey.of(new Registry(Home.find()), network).records(), network);
        if (follow) {
            events.follow(EventsCommand::print);
            return;
        }
        List<Events.Entry> entries = new ArrayList<>(events.past());
        entries.sort(Comparator.comparing(entry -> entry.event().time()));
        entries.forEach(EventsCommand::print);
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
        System.out.flush();
    }
}
