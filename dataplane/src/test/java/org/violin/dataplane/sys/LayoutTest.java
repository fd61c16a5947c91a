package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.violin.dataplane.wire.ParityCodec;
import org.violin.dataplane.wire.TunnelCodec;

/** The structs that C and Java share have one layout. */
class LayoutTest {

    @Test
    void everyFieldIsWhereTheLibraryHasIt() {
        int[] java = {
            Layout.SLICE_BYTES, Layout.SLICE_ADDRESS, Layout.SLICE_LENGTH, Layout.SLICE_STATUS,
            Layout.ENDPOINT_BYTES, Layout.ENDPOINT_ADDRESS, Layout.ENDPOINT_PORT, Layout.ENDPOINT_SCOPE,
            Layout.RECEIVED_BYTES, Layout.RECEIVED_SLICE, Layout.RECEIVED_SOURCE, Layout.RECEIVED_SEGMENT_BYTES,
            Layout.MESSAGE_BYTES, Layout.MESSAGE_DESTINATION, Layout.MESSAGE_PART_COUNT,
            Layout.MESSAGE_SEGMENT_BYTES, Layout.MESSAGE_STATUS, Layout.MESSAGE_IS_CUT,
            Layout.MESSAGE_SEAL, Layout.MESSAGE_FEC,
            Layout.PART_BYTES, Layout.PART_ADDRESS, Layout.PART_LENGTH,
            Layout.CUT_BYTES, Layout.CUT_SEQUENCE, Layout.CUT_IPV4_SUM, Layout.CUT_PSEUDO_SUM, Layout.CUT_ID,
            Layout.CUT_SEGMENT_BYTES, Layout.CUT_FRAME, Layout.CUT_NETWORK, Layout.CUT_TRANSPORT, Layout.CUT_KIND,
            Layout.CUT_FIRST_FLAGS, Layout.CUT_LAST_FLAGS, Layout.CUT_FLAGS,
            Layout.FEC_BLOCK_BYTES, Layout.FEC_BLOCK_FIRST, Layout.FEC_BLOCK_BYTES_FIELD, Layout.FEC_BLOCK_MEMBERS,
            Layout.FEC_BLOCK_ROWS, Layout.FEC_BLOCK_DELTAS,
            Layout.FEC_BYTES, Layout.FEC_TABLES, Layout.FEC_PARITY, Layout.FEC_STRIDE, Layout.FEC_MEMBERS,
            Layout.FEC_ROWS, Layout.FEC_DEPTH, Layout.FEC_BLOCK_COUNT, Layout.FEC_GROUP, Layout.FEC_TURN,
            Layout.FEC_UNPROTECTED,
            Layout.FEC_DECODE_BYTES, Layout.FEC_DECODE_MEMBER, Layout.FEC_DECODE_PARITY, Layout.FEC_DECODE_TARGET,
            Layout.FEC_DECODE_ROW, Layout.FEC_DECODE_MEMBERS, Layout.FEC_DECODE_ROWS, Layout.FEC_DECODE_BYTES_FIELD,
            ParityCodec.MEMBERS_MAX, ParityCodec.ROWS_MAX, ParityCodec.SPAN_MAX, Layout.FEC_TABLE_BYTES,
            ParityCodec.SYMBOL, Layout.FEC_PADDING,
            Layout.EVENT_BYTES, Layout.EVENT_TOKEN, Layout.EVENT_EVENTS,
            Layout.URING_BYTES, Layout.URING_QUEUES, Layout.URING_ENTRIES, Layout.URING_QUEUE_BYTES,
            Layout.URING_ENTRY_BYTES, Layout.URING_FD, Layout.URING_SQ_HEAD, Layout.URING_SQ_TAIL,
            Layout.URING_SQ_ENTRIES, Layout.URING_CQ_HEAD, Layout.URING_CQ_TAIL, Layout.URING_CQES,
            Layout.URING_CQ_ENTRIES, Layout.SQE_BYTES, Layout.CQE_BYTES,
            Layout.BATCH_MAX, Layout.MESSAGES_MAX, Layout.PARTS_MAX, TunnelCodec.COUNTER, TunnelCodec.HEADER_BYTES,
            TunnelCodec.TAG_BYTES,
            Layout.INTERFACE_BYTES, Layout.INTERFACE_INDEX, Layout.INTERFACE_MTU, Layout.INTERFACE_FLAGS,
            Layout.INTERFACE_TYPE,
            Layout.INSTRUCTION_BYTES, Layout.INSTRUCTION_CODE, Layout.INSTRUCTION_IF_TRUE,
            Layout.INSTRUCTION_IF_FALSE, Layout.INSTRUCTION_OPERAND,
        };
        for (int i = 0; i < java.length; i++) {
            assertThat(java[i]).as("entry %d of violin_abi_layout", i).isEqualTo(Native.abiLayout(i));
        }
        assertThat(Native.abiLayout(java.length)).as("entries that Java does not mirror").isEqualTo(-1);
    }
}
