package org.violin.dataplane.sys;

import org.agrona.BitUtil;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Messages to send, each a list of parts: headers from an arena that belongs to it, and payload that stays where it
 * lies until the message is sent. Parts that follow one another in memory become one. Belongs to the worker's
 * thread.
 */
final class Gather implements AutoCloseable {
    /** Parts of all messages together: some super-frames cut to Ethernet's MTU, two parts a segment. */
    private static final int PARTS = 4 * Layout.PARTS_MAX;
    private static final int HEADER_ARENA_BYTES = 256 * 1024;
    private static final int CUT_ALIGNMENT = 4;

    private final OffHeap messageMemory = OffHeap.map((long) Layout.MESSAGES_MAX * Layout.MESSAGE_BYTES);
    private final OffHeap partMemory = OffHeap.map((long) PARTS * Layout.PART_BYTES);
    private final OffHeap headerMemory = OffHeap.map(HEADER_ARENA_BYTES);
    private final UnsafeBuffer messages = messageMemory.buffer();
    private final UnsafeBuffer parts = partMemory.buffer();
    private int messageCount;
    private int partCount;
    private int headerBytes;
    /** Parts from here on are of the message, or of the datagram in it, that is being made. */
    private int firstPart;
    /** Where in memory the last part of those ends. */
    private long lastEnd;

    /** Whether a message of {@code newParts} parts, {@code newHeaderBytes} of them headers, fits before a reset. */
    boolean hasRoom(int newParts, int newHeaderBytes) {
        return messageCount < Layout.MESSAGES_MAX
            && partCount + newParts <= PARTS
            && headerBytes + CUT_ALIGNMENT + Layout.CUT_BYTES + newHeaderBytes <= HEADER_ARENA_BYTES;
    }

    /** Where headers are written; {@link #claimHeader} says at which offset. */
    MutableDirectBuffer headers() {
        return headerMemory.buffer();
    }

    /** Claims header memory until the reset and makes it the next part. */
    int claimHeader(int bytes) {
        int offset = headerBytes;
        headerBytes += bytes;
        addPart(headerMemory.address() + offset, bytes);
        return offset;
    }

    /** Claims memory for a description of a cut and its template, which are the next part; returns the template's. */
    int claimTemplate(int bytes) {
        headerBytes = BitUtil.align(headerBytes, CUT_ALIGNMENT);
        int template = claimHeader(Layout.CUT_BYTES + bytes) + Layout.CUT_BYTES;
        lastEnd = 0;
        return template;
    }

    void addPart(long address, int length) {
        if (partCount > firstPart && address == lastEnd) {
            int part = (partCount - 1) * Layout.PART_BYTES + Layout.PART_LENGTH;
            parts.putLong(part, parts.getLong(part) + length);
        } else {
            int part = partCount++ * Layout.PART_BYTES;
            parts.putLong(part + Layout.PART_ADDRESS, address);
            parts.putLong(part + Layout.PART_LENGTH, length);
        }
        lastEnd = address + length;
    }

    /** Parts that belong to no message yet. */
    int openParts() {
        return partCount - firstPart;
    }

    /** Makes the parts since the last end a message. Returns its index. */
    int endMessage() {
        int message = messageCount * Layout.MESSAGE_BYTES;
        messages.putInt(message + Layout.MESSAGE_PART_COUNT, openParts());
        messages.putInt(message + Layout.MESSAGE_SEGMENT_BYTES, 0);
        messages.putInt(message + Layout.MESSAGE_IS_CUT, 0);
        firstPart = partCount;
        return messageCount++;
    }

    /** As {@link #endMessage()}, for a datagram to be sealed and protected; with null it is not. */
    int endMessage(Endpoint destination, Aead seal, FecEncoder fec) {
        int message = endMessage();
        int at = message * Layout.MESSAGE_BYTES;
        destination.put(messages, at + Layout.MESSAGE_DESTINATION);
        messages.putLong(at + Layout.MESSAGE_SEAL, seal == null ? 0 : seal.handle(true));
        messages.putLong(at + Layout.MESSAGE_FEC, fec == null ? 0 : fec.handle());
        return message;
    }

    /**
     * As {@link #endMessage(Endpoint, Aead, FecEncoder)}, where the parts are a template and what it is put in front
     * of.
     */
    int endCut(Endpoint destination, Aead seal, FecEncoder fec, int segmentBytes) {
        int message = endMessage(destination, seal, fec);
        messages.putInt(message * Layout.MESSAGE_BYTES + Layout.MESSAGE_SEGMENT_BYTES, segmentBytes);
        messages.putInt(message * Layout.MESSAGE_BYTES + Layout.MESSAGE_IS_CUT, 1);
        return message;
    }

    /** Makes the parts since the last end one more datagram of the last message, which is cut every so many bytes. */
    int joinMessage(int segmentBytes) {
        int message = (messageCount - 1) * Layout.MESSAGE_BYTES;
        int count = message + Layout.MESSAGE_PART_COUNT;
        messages.putInt(count, messages.getInt(count) + openParts());
        messages.putInt(message + Layout.MESSAGE_SEGMENT_BYTES, segmentBytes);
        firstPart = partCount;
        return messageCount - 1;
    }

    int messageParts(int message) {
        return messages.getInt(message * Layout.MESSAGE_BYTES + Layout.MESSAGE_PART_COUNT);
    }

    int messageCount() {
        return messageCount;
    }

    long messagesAddress() {
        return messageMemory.address();
    }

    long partsAddress() {
        return partMemory.address();
    }

    /** After the messages have been sent: 0, {@link Layout#UNSEGMENTED}, or a negative errno. */
    int status(int message) {
        return messages.getInt(message * Layout.MESSAGE_BYTES + Layout.MESSAGE_STATUS);
    }

    /** Begins anew; what {@link #status} says stays until then. */
    void reset() {
        messageCount = 0;
        partCount = 0;
        firstPart = 0;
        headerBytes = 0;
    }

    @Override
    public void close() {
        headerMemory.close();
        partMemory.close();
        messageMemory.close();
    }
}
