package org.violin.control.os;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.violin.control.os.Command.CommandException;

/** What {@code ip} of iproute2 tells of interfaces, addresses and routes. Throws {@link CommandException}. */
public final class IpTool {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How {@code ip} says, with success, that the kernel marked its list NLM_F_DUMP_INTR. */
    private static final String INTERRUPTED = "Dump was interrupted";

    private IpTool() {
    }

    /**
     * What {@code ip} writes to standard output. A list is of one moment: when something changed while the kernel told
     * of it, entries may be missing, so it is asked for again, for ten seconds at most.
     */
    public static String show(List<String> arguments) {
        List<String> argv = new ArrayList<>(List.of("ip"));
        argv.addAll(arguments);
        long start = System.nanoTime();
        while (true) {
            Command.Result result = Command.run(argv, LIMIT).orThrow();
            if (!result.errors().contains(INTERRUPTED)) {
                return result.output();
            }
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new CommandException(String.join(" ", argv) + ": what it lists changes faster than it can be "
                    + "listed, for " + LIMIT.toSeconds() + " s now: find out by 'ip monitor' who changes it");
            }
        }
    }

    /** The same as JSON: an array, which is empty when {@code ip} says nothing. */
    public static JsonNode json(String... arguments) {
        List<String> asked = new ArrayList<>(List.of("-j"));
        asked.addAll(List.of(arguments));
        String output = show(asked).strip();
        try {
            return JSON.readTree(output.isEmpty() ? "[]" : output);
        } catch (JsonProcessingException e) {
            throw new CommandException("ip " + String.join(" ", asked) + ": " + e.getOriginalMessage());
        }
    }
}
