package org.violin.dataplane.wire;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.DirectBuffer;
import org.agrona.MutableDirectBuffer;
import org.violin.dataplane.counters.DropReason;

/**
 * The header of L2TPv3's data messages over UDP (RFC 3931, sections 4.1 and 4.1.2.1), big-endian:
 *
 * <pre>
 *     0                   1                   2                   3
 *     |T|x|x|x|x|x|x|x|x|x|x|x|  version 3 |       reserved           |
 *     |                          session id                           |
 *     |               cookie, 0, 4 or 8 bytes ...                     |
 *     |x|S|x|x|x|x|x|x|      sequence number, if there is one         |
 * </pre>
 *
 * T is zero: there are no control messages here, and sessions are as they are configured. What is x or reserved is sent
 * as zero and not looked at. Sessions and cookies are chosen by who receives.
 *
 * <p>The last word is the default sublayer (section 4.6), a {@code counter} to User-Mode-Linux and QEMU. All of it is
 * sent as zero, also S ("the number is valid"), and not looked at: several workers send in no common order, and
 * Ethernet needs none.
 */
public final class L2tpv3Header implements Encapsulation {
    private static final int SESSION = 4;
    private static final int COOKIE = 8;
    private static final int COUNTER_BYTES = 4;
    /** T and the version, of the first word. */
    private static final int KIND = 0x800F_0000;
    private static final int DATA_3 = 0x0003_0000;

    private final int localSession;
    private final int remoteSession;
    private final int localCookieBytes;
    private final int remoteCookieBytes;
    private final long localCookie;
    private final long remoteCookie;
    private final int counterBytes;

    /**
     * @param localSession  of what comes in; not 0
     * @param remoteSession of what leaves; not 0
     * @param localCookie   of what comes in: 0, 4 or 8 bytes
     * @param remoteCookie  of what leaves, alike
     * @param counter       whether there is a sequence number
     */
    public L2tpv3Header(
        int localSession, int remoteSession, byte[] localCookie, byte[] remoteCookie, boolean counter) {
        this.localSession = localSession;
        this.remoteSession = remoteSession;
        this.localCookieBytes = localCookie.length;
        this.remoteCookieBytes = remoteCookie.length;
        this.localCookie = word(localCookie);
        this.remoteCookie = word(remoteCookie);
        this.counterBytes = counter ? COUNTER_BYTES : 0;
    }

    private static long word(byte[] cookie) {
        return ByteBuffer.allocate(Long.BYTES).position(Long.BYTES - cookie.length).put(cookie).getLong(0);
    }

    @Override
    public String kind() {
        return "l2tpv3";
    }

    @Override
    public String detail() {
        return "session " + Integer.toUnsignedString(localSession) + " from "
            + Integer.toUnsignedString(remoteSession);
    }

    /** Once they are known, ports and addresses stay as they are (RFC 3931, section 4.1.2.1). */
    @Override
    public boolean isFromOnePort() {
        return true;
    }

    @Override
    public int receivedBytes() {
        return COOKIE + localCookieBytes + counterBytes;
    }

    @Override
    public int sentBytes() {
        return COOKIE + remoteCookieBytes + counterBytes;
    }

    @Override
    public void write(MutableDirectBuffer buffer, int offset) {
        buffer.putInt(offset, DATA_3, ByteOrder.BIG_ENDIAN);
        buffer.putInt(offset + SESSION, remoteSession, ByteOrder.BIG_ENDIAN);
        if (remoteCookieBytes == Long.BYTES) {
            buffer.putLong(offset + COOKIE, remoteCookie, ByteOrder.BIG_ENDIAN);
        } else if (remoteCookieBytes == Integer.BYTES) {
            buffer.putInt(offset + COOKIE, (int) remoteCookie, ByteOrder.BIG_ENDIAN);
        }
        if (counterBytes > 0) {
            buffer.putInt(offset + COOKIE + remoteCookieBytes, 0);
        }
    }

    @Override
    public DropReason check(DirectBuffer buffer, int offset, int length) {
        if (length < receivedBytes()) {
            return DropReason.DATAGRAM_SHORT;
        }
        if ((buffer.getInt(offset, ByteOrder.BIG_ENDIAN) & KIND) != DATA_3) {
            return DropReason.BAD_ENCAPSULATION;
        }
        if (buffer.getInt(offset + SESSION, ByteOrder.BIG_ENDIAN) != localSession) {
            return DropReason.OTHER_SESSION;
        }
        if (cookie(buffer, offset + COOKIE) != localCookie) {
            return DropReason.WRONG_COOKIE;
        }
        return length - receivedBytes() < Ethernet.HEADER_BYTES ? DropReason.RUNT : null;
    }

    /** In one word, so that comparing takes as long however many bytes of a guess are right. */
    private long cookie(DirectBuffer buffer, int offset) {
        return switch (localCookieBytes) {
            case Long.BYTES -> buffer.getLong(offset, ByteOrder.BIG_ENDIAN);
            case Integer.BYTES -> buffer.getInt(offset, ByteOrder.BIG_ENDIAN) & 0xFFFF_FFFFL;
            default -> 0;
        };
    }
}
