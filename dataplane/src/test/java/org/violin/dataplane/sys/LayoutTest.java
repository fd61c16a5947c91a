package org.violin.dataplane.sys;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.violin.dataplane.memory.FrameBatch;

/** The structs that C and Java share have one layout. */
class LayoutTest {

    @Test
    void everyFieldIsWhereTheLibraryHasIt() {
        int[] java = {
            Layout.SLICE_BYTES, Layout.SLICE_ADDRESS, Layout.SLICE_LENGTH, Layout.SLICE_STATUS,
            Layout.ENDPOINT_BYTES, Layout.ENDPOINT_ADDRESS, Layout.ENDPOINT_PORT, Layout.ENDPOINT_SCOPE,
            Layout.RECEIVED_BYTES, Layout.RECEIVED_SLICE, Layout.RECEIVED_SOURCE,
            Layout.DATAGRAM_BYTES, Layout.DATAGRAM_DESTINATION, Layout.DATAGRAM_PART_COUNT, Layout.DATAGRAM_STATUS,
            Layout.PART_BYTES, Layout.PART_ADDRESS, Layout.PART_LENGTH,
            Layout.EVENT_BYTES, Layout.EVENT_TOKEN, Layout.EVENT_EVENTS,
            Layout.BATCH_MAX, Layout.PARTS_MAX,
        };
        for (int i = 0; i < java.length; i++) {
            assertThat(java[i]).as("entry %d of violin_abi_layout", i).isEqualTo(Native.abiLayout(i));
        }
        assertThat(Native.abiLayout(java.length)).as("entries that Java does not mirror").isEqualTo(-1);
    }

    @Test
    void aBatchIsWhatOneCallTakes() {
        assertThat(FrameBatch.CAPACITY).isEqualTo(Layout.BATCH_MAX);
    }
}
