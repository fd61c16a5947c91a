package org.violin.benchmarks.profile;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Equal stacks, counted. */
public final class Stacks {
    private final Map<List<Frame>, Long> counts = new LinkedHashMap<>();

    /** @param process what the stack grows from */
    public void add(String process, List<Frame> stack) {
        List<Frame> whole = new ArrayList<>(List.of(new Frame(process, Frame.Kind.PROCESS)));
        whole.addAll(stack);
        counts.merge(List.copyOf(whole), 1L, Long::sum);
    }

    Map<List<Frame>, Long> counts() {
        return counts;
    }

    /** One line a stack, {@code process;outer;inner count}, sorted: the form that other tools for flame graphs read. */
    public void writeFolded(Writer out) throws IOException {
        List<String> lines = counts.entrySet().stream().map(entry ->
            String.join(";", entry.getKey().stream().map(Frame::folded).toList()) + " " + entry.getValue() + "\n")
            .sorted().toList();
        for (String line : lines) {
            out.write(line);
        }
    }
}
