package org.violin.benchmarks.profile;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What perf has said. */
final class Recordings {

    private Recordings() {
    }

    /** Some samples of {@code violin tunnel} under a TCP stream of iperf3's. */
    static List<Sample> tunnel() throws IOException {
        List<Sample> samples = new ArrayList<>();
        try (BufferedReader in = new BufferedReader(new InputStreamReader(
            Recordings.class.getResourceAsStream("perf-script.txt"), StandardCharsets.UTF_8))) {
            PerfScript.read(in, samples::add);
        }
        return samples;
    }
}
