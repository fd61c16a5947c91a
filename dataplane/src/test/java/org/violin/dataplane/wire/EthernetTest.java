package org.violin.dataplane.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class EthernetTest {
    private final UnsafeBuffer header = new UnsafeBuffer(HexFormat.of().parseHex("3333ff00000bfe00aabbcc0186dd"));

    @Test
    void readsAddressesWithinTheHeader() {
        assertThat(Ethernet.destination(header, 0)).isEqualTo(0x3333_FF00_000BL);
        assertThat(Ethernet.source(header, 0)).isEqualTo(0xFE00_AABB_CC01L);
    }

    @Test
    void formatsAddresses() {
        assertThat(Ethernet.format(0xFE00_AABB_CC01L)).isEqualTo("fe:00:aa:bb:cc:01");
        assertThat(Ethernet.format(Ethernet.BROADCAST)).isEqualTo("ff:ff:ff:ff:ff:ff");
    }

    @Test
    void tellsGroupsAndNeighbours() {
        assertThat(Ethernet.isGroup(0x3333_FF00_000BL)).isTrue();
        assertThat(Ethernet.isGroup(0xFE00_AABB_CC01L)).isFalse();
        assertThat(Ethernet.isLinkLocal(0x0180_C200_000FL)).isTrue();
        assertThat(Ethernet.isLinkLocal(0x0180_C200_0010L)).isFalse();
    }
}
