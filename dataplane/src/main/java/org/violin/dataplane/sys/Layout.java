package org.violin.dataplane.sys;

/** Sizes and offsets of the C structs of {@code violin.h}, in bytes. A test compares them with the library's own. */
final class Layout {
    static final int SLICE_BYTES = 16;
    static final int SLICE_ADDRESS = 0;
    static final int SLICE_LENGTH = 8;
    static final int SLICE_STATUS = 12;

    static final int ENDPOINT_BYTES = 24;
    static final int ENDPOINT_ADDRESS = 0;
    static final int ENDPOINT_PORT = 16;
    static final int ENDPOINT_SCOPE = 20;

    static final int RECEIVED_BYTES = 40;
    static final int RECEIVED_SLICE = 0;
    static final int RECEIVED_SOURCE = 16;

    static final int DATAGRAM_BYTES = 32;
    static final int DATAGRAM_DESTINATION = 0;
    static final int DATAGRAM_PART_COUNT = 24;
    static final int DATAGRAM_STATUS = 28;

    static final int PART_BYTES = 16;
    static final int PART_ADDRESS = 0;
    static final int PART_LENGTH = 8;

    static final int EVENT_BYTES = 16;
    static final int EVENT_TOKEN = 0;
    static final int EVENT_EVENTS = 8;

    static final int BATCH_MAX = 64;
    static final int PARTS_MAX = 256;

    /** A slice's status when the frame was longer than the slice. */
    static final int TRUNCATED = 1;

    private Layout() {
    }
}
