package org.violin.control.host;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.NetworkSpec;

/**
 * What the operator asked for, on disk before it is done.
 *
 * <p>Theory of operation. One line is one entry: {@code {"sum":"<CRC-32C of the entry's bytes>","entry":{...}}}; each
 * is written with one write and synced before {@code append} returns. A crash can tear only the line being written,
 * which is the last one and was not acknowledged: a last line that does not check is dropped. Any other line that does
 * not check, or is missing from the sequence, means that the disk or somebody changed the file: nothing is guessed, and
 * the daemon does not start. Opening rewrites the journal as the few entries that make its present state: into a new
 * file, synced, renamed over the old one, and the directory synced, so that a crash leaves one of the two whole.
 *
 * <p>Not thread-safe: under the engine's lock.
 */
final class Journal implements AutoCloseable {
    static final int FORMAT = 1;
    private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String PREFIX = "{\"sum\":\"";
    private static final String MIDDLE = "\",\"entry\":";
    private static final int SUM_DIGITS = 8;
    private static final int ENTRY_OFFSET = PREFIX.length() + SUM_DIGITS + MIDDLE.length();

    /** What an entry says; it stands in the file by name. */
    enum Change {
        /** The first entry of a file: its format. */
        FORMAT,
        /** The network shall be as {@code spec} says, and the guests in {@code leaving} are about to go elsewhere. */
        WANT,
        /** The network shall be gone. */
        FORGET,
        /** The guest shall not run. */
        STOP,
        /** The guest shall run. */
        RUN
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Entry(long sequence, Change change, Integer format, String network, String guest, NetworkSpec spec,
        Map<String, String> leaving) {
    }

    /**
     * What is wanted of one network.
     *
     * @param stopped guests that the operator has stopped
     * @param leaving guests that are on their way to another host, and to which
     */
    record Wanted(NetworkSpec spec, Set<String> stopped, Map<String, String> leaving) {
        Wanted {
            stopped = Set.copyOf(stopped);
            leaving = Map.copyOf(leaving);
        }
    }

    private final Path file;
    private final Map<String, Wanted> networks = new LinkedHashMap<>();
    private FileChannel channel;
    private long sequence;
    private boolean broken;

    private Journal(Path file) {
        this.file = file;
    }

    /** Reads and compacts the journal; makes one when there is none. */
    static Journal open(Path file) {
        Journal journal = new Journal(file);
        try {
            if (Files.exists(file)) {
                journal.replay(Files.readAllBytes(file));
            }
            journal.compact();
            return journal;
        } catch (IOException e) {
            throw new HostException(Kind.STATE, "journal " + file + ": " + e.getMessage(), e);
        }
    }

    /** In the order in which they were first wanted. */
    Map<String, Wanted> networks() {
        return new LinkedHashMap<>(networks);
    }

    void want(NetworkSpec spec) {
        want(spec, Map.of());
    }

    /** @param leaving see {@link Wanted}; in the same entry, so that no crash keeps one without the other */
    void want(NetworkSpec spec, Map<String, String> leaving) {
        append(new Entry(sequence, Change.WANT, null, spec.network(), null, spec, orNull(leaving)));
    }

    /** What an entry does not need to say. */
    private static Map<String, String> orNull(Map<String, String> leaving) {
        return leaving.isEmpty() ? null : leaving;
    }

    void forget(String network) {
        append(new Entry(sequence, Change.FORGET, null, network, null, null, null));
    }

    void guest(String network, String guest, boolean runs) {
        append(new Entry(sequence, runs ? Change.RUN : Change.STOP, null, network, guest, null, null));
    }

    /** When it throws, the file is as it was before, or no further entry is accepted. */
    private void append(Entry entry) {
        if (broken) {
            throw new HostException(Kind.STATE, "journal " + file + ": an earlier write failed; restart the daemon");
        }
        try {
            long end = channel.size();
            try {
                write(channel, entry);
                channel.force(false);
            } catch (IOException e) {
                broken = true;
                channel.truncate(end);
                channel.force(false);
                broken = false;
                throw e;
            }
        } catch (IOException e) {
            throw new HostException(Kind.STATE, "journal " + file + ": " + e.getMessage(), e);
        }
        sequence++;
        fold(entry);
    }

    private static void write(FileChannel channel, Entry entry) throws IOException {
        byte[] json = MAPPER.writeValueAsBytes(entry);
        byte[] head = (PREFIX + sum(json, 0, json.length) + MIDDLE).getBytes(StandardCharsets.US_ASCII);
        ByteBuffer line = ByteBuffer.allocate(head.length + json.length + 2);
        line.put(head).put(json).put((byte) '}').put((byte) '\n').flip();
        while (line.hasRemaining()) {
            channel.write(line);
        }
    }

    private static String sum(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return String.format("%08x", crc.getValue());
    }

    private void replay(byte[] bytes) {
        int line = 1;
        int start = 0;
        while (start < bytes.length) {
            int end = start;
            while (end < bytes.length && bytes[end] != '\n') {
                end++;
            }
            Entry entry = parse(bytes, start, end);
            if (entry == null && end >= bytes.length - 1) {
                LOG.warn("journal {}: line {} was torn by a crash before it was acknowledged; dropped", file, line);
                return;
            }
            if (entry == null || entry.sequence() != sequence) {
                throw new HostException(Kind.STATE, "journal " + file + ": line " + line + " is damaged: "
                    + (entry == null ? "its checksum does not match" : "entry " + sequence + " is missing before it")
                    + ". The daemon does not guess: move the file away to start with nothing,"
                    + " then run 'violin up' again");
            }
            sequence++;
            fold(entry);
            line++;
            start = end + 1;
        }
    }

    /** Null: the line does not check. */
    private static Entry parse(byte[] bytes, int start, int end) {
        int entryLength = end - 1 - (start + ENTRY_OFFSET);
        if (entryLength < 2 || bytes[end - 1] != '}') {
            return null;
        }
        String head = new String(bytes, start, ENTRY_OFFSET, StandardCharsets.ISO_8859_1);
        if (!head.equals(PREFIX + sum(bytes, start + ENTRY_OFFSET, entryLength) + MIDDLE)) {
            return null;
        }
        try {
            return MAPPER.readValue(bytes, start + ENTRY_OFFSET, entryLength, Entry.class);
        } catch (JsonProcessingException e) {
            throw new HostException(Kind.STATE, "journal: an entry that another version of Violin wrote: "
                + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new AssertionError("reading from memory", e);
        }
    }

    private void fold(Entry entry) {
        String network = entry.network();
        switch (entry.change()) {
            case FORMAT -> {
                if (entry.format() != FORMAT) {
                    throw new HostException(Kind.STATE, "journal " + file + ": format " + entry.format()
                        + ", this version of Violin reads format " + FORMAT);
                }
            }
            case WANT -> {
                Set<String> guests = entry.spec().guests().stream().map(GuestSpec::name).collect(Collectors.toSet());
                Set<String> stopped = new HashSet<>(stopped(network));
                stopped.retainAll(guests);
                Map<String, String> leaving = new HashMap<>(entry.leaving() == null ? Map.of() : entry.leaving());
                leaving.keySet().retainAll(guests);
                networks.put(network, new Wanted(entry.spec(), stopped, leaving));
            }
            case FORGET -> networks.remove(network);
            case STOP, RUN -> networks.computeIfPresent(network, (name, wanted) -> {
                Set<String> stopped = new HashSet<>(wanted.stopped());
                if (entry.change() == Change.STOP) {
                    stopped.add(entry.guest());
                } else {
                    stopped.remove(entry.guest());
                }
                return new Wanted(wanted.spec(), stopped, wanted.leaving());
            });
            default -> throw new AssertionError(entry.change());
        }
    }

    private Set<String> stopped(String network) {
        return networks.containsKey(network) ? networks.get(network).stopped() : Set.of();
    }

    private void compact() throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        sequence = 0;
        try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            write(out, new Entry(sequence++, Change.FORMAT, FORMAT, null, null, null, null));
            for (Wanted wanted : networks.values()) {
                String network = wanted.spec().network();
                write(out, new Entry(sequence++, Change.WANT, null, network, null, wanted.spec(),
                    orNull(wanted.leaving())));
                for (String guest : wanted.stopped()) {
                    write(out, new Entry(sequence++, Change.STOP, null, network, guest, null, null));
                }
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel directory = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            directory.force(true);
        }
        channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new HostException(Kind.STATE, "journal " + file + ": " + e.getMessage(), e);
        }
    }
}
