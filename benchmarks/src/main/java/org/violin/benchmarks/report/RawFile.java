package org.violin.benchmarks.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPOutputStream;

/** What the load generators themselves said: one JSON line a load, compressed. */
public final class RawFile implements AutoCloseable {
    private static final String NAME = "raw.jsonl.gz";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final BufferedWriter writer;

    public RawFile(Path directory) {
        try {
            writer = new BufferedWriter(new OutputStreamWriter(
                new GZIPOutputStream(Files.newOutputStream(directory.resolve(NAME))), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @param round from 1 */
    public void add(String side, int round, String load, String output) {
        ObjectNode line = JSON.createObjectNode();
        line.put("side", side).put("round", round).put("load", load).put("output", output);
        try {
            writer.write(JSON.writeValueAsString(line));
            writer.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
