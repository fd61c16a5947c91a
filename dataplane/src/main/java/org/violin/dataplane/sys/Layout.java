package org.violin.dataplane.sys;

import org.violin.dataplane.wire.ParityCodec;

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

    static final int RECEIVED_BYTES = 48;
    static final int RECEIVED_SLICE = 0;
    static final int RECEIVED_SOURCE = 16;
    static final int RECEIVED_SEGMENT_BYTES = 40;

    static final int MESSAGE_BYTES = 56;
    static final int MESSAGE_DESTINATION = 0;
    static final int MESSAGE_PART_COUNT = 24;
    static final int MESSAGE_SEGMENT_BYTES = 28;
    static final int MESSAGE_STATUS = 32;
    static final int MESSAGE_IS_CUT = 36;
    static final int MESSAGE_SEAL = 40;
    static final int MESSAGE_FEC = 48;

    static final int PART_BYTES = 16;
    static final int PART_ADDRESS = 0;
    static final int PART_LENGTH = 8;

    static final int CUT_BYTES = 28;
    static final int CUT_SEQUENCE = 0;
    static final int CUT_IPV4_SUM = 4;
    static final int CUT_PSEUDO_SUM = 8;
    static final int CUT_ID = 12;
    static final int CUT_SEGMENT_BYTES = 14;
    static final int CUT_FRAME = 16;
    static final int CUT_NETWORK = 18;
    static final int CUT_TRANSPORT = 20;
    static final int CUT_KIND = 22;
    static final int CUT_FIRST_FLAGS = 23;
    static final int CUT_LAST_FLAGS = 24;
    static final int CUT_FLAGS = 25;
    /** Of {@link #CUT_KIND}. */
    static final int CUT_IPV6 = 1;
    static final int CUT_UDP = 2;

    static final int FEC_BLOCK_BYTES = 88;
    static final int FEC_BLOCK_FIRST = 0;
    static final int FEC_BLOCK_BYTES_FIELD = 16;
    static final int FEC_BLOCK_MEMBERS = 18;
    static final int FEC_BLOCK_ROWS = 19;
    static final int FEC_BLOCK_DELTAS = 20;

    static final int FEC_BYTES = 48;
    static final int FEC_TABLES = 0;
    static final int FEC_PARITY = 8;
    static final int FEC_STRIDE = 16;
    static final int FEC_MEMBERS = 20;
    static final int FEC_ROWS = 24;
    static final int FEC_DEPTH = 28;
    static final int FEC_BLOCK_COUNT = 32;
    static final int FEC_GROUP = 36;
    static final int FEC_TURN = 40;
    static final int FEC_UNPROTECTED = 44;

    static final int FEC_DECODE_BYTES = 800;
    static final int FEC_DECODE_MEMBER = 0;
    static final int FEC_DECODE_PARITY = 512;
    static final int FEC_DECODE_TARGET = 640;
    static final int FEC_DECODE_ROW = 768;
    static final int FEC_DECODE_MEMBERS = 784;
    static final int FEC_DECODE_ROWS = 788;
    static final int FEC_DECODE_BYTES_FIELD = 792;

    static final int FEC_TABLE_BYTES = 32 * ParityCodec.MEMBERS_MAX * ParityCodec.ROWS_MAX;
    static final int FEC_PADDING = 64;

    static final int EVENT_BYTES = 16;
    static final int EVENT_TOKEN = 0;
    static final int EVENT_EVENTS = 8;

    static final int URING_BYTES = 64;
    static final int URING_QUEUES = 0;
    static final int URING_ENTRIES = 8;
    static final int URING_QUEUE_BYTES = 16;
    static final int URING_ENTRY_BYTES = 24;
    static final int URING_FD = 32;
    static final int URING_SQ_HEAD = 36;
    static final int URING_SQ_TAIL = 40;
    static final int URING_SQ_ENTRIES = 44;
    static final int URING_CQ_HEAD = 48;
    static final int URING_CQ_TAIL = 52;
    static final int URING_CQES = 56;
    static final int URING_CQ_ENTRIES = 60;
    static final int INTERFACE_BYTES = 16;
    static final int INTERFACE_INDEX = 0;
    static final int INTERFACE_MTU = 4;
    static final int INTERFACE_FLAGS = 8;
    static final int INTERFACE_TYPE = 12;

    static final int INSTRUCTION_BYTES = 8;
    static final int INSTRUCTION_CODE = 0;
    static final int INSTRUCTION_IF_TRUE = 2;
    static final int INSTRUCTION_IF_FALSE = 3;
    static final int INSTRUCTION_OPERAND = 4;

    static final int SQE_BYTES = 64;
    static final int CQE_BYTES = 16;

    /** Frames, datagrams or events that one call reads; messages that one call sends; parts that a message has. */
    static final int BATCH_MAX = 64;
    static final int MESSAGES_MAX = 256;
    static final int PARTS_MAX = 1024;

    /** A slice's status when the frame was longer than the slice. */
    static final int TRUNCATED = 1;
    /** A message's status when it went, but in datagrams that the kernel would not cut. */
    static final int UNSEGMENTED = 1;

    /** What a TAP leaves undone. */
    static final int TAP_CHECKSUM = 1;
    static final int TAP_TCP = 2;
    static final int TAP_UDP = 4;

    static final int AES_256_GCM = 0;
    static final int CHACHA20_POLY1305 = 1;
    static final int AES_256_GCM_LIBCRYPTO = 2;

    /** What the kernel does for a UDP socket. */
    static final int UDP_SEGMENT = 1;
    static final int UDP_GRO = 2;

    private Layout() {
    }
}
