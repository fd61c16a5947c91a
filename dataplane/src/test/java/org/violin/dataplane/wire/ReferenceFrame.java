package org.violin.dataplane.wire;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.violin.dataplane.memory.Offload;

/**
 * A TCP or UDP frame in an array of its own, with the plainest ways to cut it and to sum it: what the fast path is held
 * to. Its layout is known from its making, not from parsing.
 */
public record ReferenceFrame(byte[] bytes, int network, int transport, int headerBytes, boolean isIpv6, boolean isUdp) {
    static final int FIN = 1;
    static final int PSH = 8;
    static final int ACK = 16;
    static final int CWR = 0x80;

    /** A valid frame with everything drawn: VLAN tags, IP version, options, extension headers, addresses, flags. */
    public static ReferenceFrame random(SplittableRandom random, int payloadBytes) {
        boolean isIpv6 = random.nextBoolean();
        boolean isUdp = random.nextInt(4) == 0;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes(random, 12));
        for (int tags = Math.max(0, random.nextInt(5) - 2); tags > 0; tags--) {
            put(out, random.nextBoolean() ? 0x8100 : 0x88A8, random.nextInt(1 << 16));
        }
        put(out, isIpv6 ? 0x86DD : 0x0800);
        int network = out.size();
        int protocol = isUdp ? 17 : 6;
        if (isIpv6) {
            writeIpv6(out, random, protocol);
        } else {
            writeIpv4(out, random, protocol);
        }
        int transport = out.size();
        put(out, random.nextInt(1 << 16), random.nextInt(1 << 16));
        if (isUdp) {
            put(out, 0, 0);
        } else {
            int optionWords = random.nextBoolean() ? 3 : random.nextInt(11);
            out.writeBytes(bytes(random, 8));
            put(out, 5 + optionWords << 12 | random.nextInt(1 << 12), random.nextInt(1 << 16), 0,
                random.nextInt(1 << 16));
            out.writeBytes(bytes(random, 4 * optionWords));
        }
        int headerBytes = out.size();
        out.writeBytes(bytes(random, payloadBytes));
        byte[] frame = out.toByteArray();
        // The addresses of stations, so that a bridge forwards the frame.
        frame[0] &= ~1;
        frame[6] = (byte) (frame[6] & ~1 | 2);
        return new ReferenceFrame(frame, network, transport, headerBytes, isIpv6, isUdp).sealed();
    }

    private static void writeIpv4(ByteArrayOutputStream out, SplittableRandom random, int protocol) {
        int optionWords = random.nextInt(3) == 0 ? random.nextInt(11) : 0;
        int fragment = random.nextBoolean() ? 0x4000 : 0;
        put(out, 0x4500 + (optionWords << 8) | random.nextInt(256), 0, random.nextInt(1 << 16), fragment,
            1 + random.nextInt(255) << 8 | protocol, 0);
        out.writeBytes(bytes(random, 8 + 4 * optionWords));
    }

    private static void writeIpv6(ByteArrayOutputStream out, SplittableRandom random, int protocol) {
        int[] extensions = {0, 43, 60};
        int count = random.nextInt(3) == 0 ? 1 + random.nextInt(3) : 0;
        int from = random.nextInt(4 - Math.max(1, count));
        put(out, 0x6000 | random.nextInt(1 << 12), random.nextInt(1 << 16), 0,
            (count == 0 ? protocol : extensions[from]) << 8 | random.nextInt(256));
        out.writeBytes(bytes(random, 32));
        for (int i = 0; i < count; i++) {
            int words = random.nextInt(3);
            out.write(i == count - 1 ? protocol : extensions[from + i + 1]);
            out.write(words);
            out.writeBytes(bytes(random, 8 * words + 6));
        }
    }

    private static byte[] bytes(SplittableRandom random, int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void put(ByteArrayOutputStream out, int... words) {
        for (int word : words) {
            out.write(word >>> 8);
            out.write(word);
        }
    }

    int get(int at) {
        return (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
    }

    void set(int at, int value) {
        bytes[at] = (byte) (value >>> 8);
        bytes[at + 1] = (byte) value;
    }

    /** TCP's; UDP has none. */
    public int flags() {
        return isUdp ? 0 : bytes[transport + 13] & 0xFF;
    }

    ReferenceFrame withFlags(int flags) {
        if (!isUdp) {
            bytes[transport + 13] = (byte) flags;
        }
        return this;
    }

    public int payloadBytes() {
        return bytes.length - headerBytes;
    }

    /** Where TCP or UDP stores its checksum, from its header's start. */
    public int checksumOffset() {
        return isUdp ? 6 : 16;
    }

    /** Writes the lengths, the IPv4 header's checksum and the partial checksum. */
    ReferenceFrame sealed() {
        if (isIpv6) {
            set(network + 4, bytes.length - network - 40);
        } else {
            set(network + 2, bytes.length - network);
            set(network + 10, 0);
            set(network + 10, ~sum(network, transport) & 0xFFFF);
        }
        if (isUdp) {
            set(transport + 4, bytes.length - transport);
        }
        int addresses = isIpv6 ? sum(network + 8, network + 40) : sum(network + 12, network + 20);
        int pseudoHeader = addresses + (isUdp ? 17 : 6) + bytes.length - transport;
        set(transport + checksumOffset(), fold(pseudoHeader));
        return this;
    }

    /** The frame with its checksum complete. */
    public byte[] completed() {
        ReferenceFrame copy = copy(bytes.clone());
        int checksum = ~sum(transport, bytes.length) & 0xFFFF;
        copy.set(transport + checksumOffset(), checksum == 0 && isUdp ? 0xFFFF : checksum);
        return copy.bytes;
    }

    ReferenceFrame copy(byte[] otherBytes) {
        return new ReferenceFrame(otherBytes, network, transport, headerBytes, isIpv6, isUdp);
    }

    /** The segments of a super-frame, with partial checksums. */
    public List<ReferenceFrame> cut(int segmentBytes) {
        List<ReferenceFrame> segments = new ArrayList<>();
        for (int from = 0; from < payloadBytes(); from += segmentBytes) {
            int count = Math.min(segmentBytes, payloadBytes() - from);
            ReferenceFrame segment = copy(new byte[headerBytes + count]);
            System.arraycopy(bytes, 0, segment.bytes, 0, headerBytes);
            System.arraycopy(bytes, headerBytes + from, segment.bytes, headerBytes, count);
            if (!isIpv6) {
                segment.set(network + 4, get(network + 4) + segments.size());
            }
            if (!isUdp) {
                int sequence = (get(transport + 4) << 16 | get(transport + 6)) + from;
                segment.set(transport + 4, sequence >>> 16);
                segment.set(transport + 6, sequence);
                boolean isLast = from + count == payloadBytes();
                segment.withFlags(flags() & ~(from == 0 ? 0 : CWR) & ~(isLast ? 0 : FIN | PSH));
            }
            segments.add(segment.sealed());
        }
        return segments;
    }

    /** The word of the frame as a super-frame. */
    public long superFrame(int gsoSize) {
        int tcpType = (isIpv6 ? Offload.TCP6 : Offload.TCP4) | ((flags() & CWR) != 0 ? Offload.ECN : 0);
        return Offload.superFrame(isUdp ? Offload.UDP : tcpType, gsoSize, transport, checksumOffset());
    }

    /** The word of the frame as one segment. */
    public long partial() {
        return Offload.checksum(transport, checksumOffset());
    }

    UnsafeBuffer buffer() {
        return new UnsafeBuffer(bytes);
    }

    private int sum(int from, int to) {
        return sum(bytes, from, to);
    }

    public static int sum(byte[] bytes, int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i += 2) {
            sum += (bytes[i] & 0xFF) << 8 | (i + 1 < to ? bytes[i + 1] & 0xFF : 0);
        }
        return fold(sum);
    }

    private static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded & 0xFFFF) + (folded >>> 16);
        }
        return folded;
    }
}
