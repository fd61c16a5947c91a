package org.violin.benchmarks.video;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What one viewer has got of a stream of RTP (RFC 3550, 5.1), to be played half a second after it has come: what was
 * overtaken by others is in order by then, what comes still later counts as lost. One thread at a time.
 */
final class RtpStream {
    private static final int HEADER_BYTES = 12;
    private static final int SEQUENCE = 2;
    private static final long PATIENCE_NS = TimeUnit.MILLISECONDS.toNanos(500);

    /** @param atNs on a clock of its own that begins with the stream */
    private record Datagram(long atNs, byte[] payload) {
    }

    /** By number, which does not wrap. */
    private final TreeMap<Integer, Datagram> datagrams = new TreeMap<>();
    private int last;
    private long firstNs;

    /** Takes what is in the buffer, which stays as it is. What is too short for a header is none of the stream. */
    void add(ByteBuffer datagram, long nowNs) {
        int at = datagram.position();
        int length = datagram.remaining();
        if (length < HEADER_BYTES) {
            return;
        }
        short sequence = datagram.getShort(at + SEQUENCE);
        if (datagrams.isEmpty()) {
            last = sequence;
            firstNs = nowNs;
        }
        last += (short) (sequence - last);
        byte[] payload = new byte[length - HEADER_BYTES];
        datagram.get(at + HEADER_BYTES, payload);
        datagrams.putIfAbsent(last, new Datagram(nowNs - firstNs, payload));
    }

    /** How many have come in time. */
    int count() {
        return inTime().size();
    }

    /** The payload of those that have come in time, in their order. */
    byte[] payload() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        inTime().forEach(datagram -> all.writeBytes(datagram.payload));
        return all.toByteArray();
    }

    private List<Datagram> inTime() {
        List<Datagram> kept = new ArrayList<>();
        long overtakenNs = Long.MAX_VALUE;
        for (Datagram datagram : datagrams.descendingMap().values()) {
            if (datagram.atNs - PATIENCE_NS <= overtakenNs) {
                kept.add(datagram);
            }
            overtakenNs = Math.min(overtakenNs, datagram.atNs);
        }
        return kept.reversed();
    }
}
