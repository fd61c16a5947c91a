package org.violin.dataplane.tunnel;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.counters.DropReason;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.sys.Errno;
import org.violin.dataplane.wire.TunnelCodec;

/** Messages whose fate the test decides. */
class SendLedgerTest {
    private static final int SLOTS = 16;
    private static final int SLOT_BYTES = 2048;
    private static final int WORKER = 0;

    private final UnsafeBuffer headers = new UnsafeBuffer(new byte[1 << 16]);
    private final int[] status = new int[16];
    private final SendLedger ledger = new SendLedger(WORKER, message -> status[message]);
    private final FramePool pool = new FramePool(
        new UnsafeBuffer(new byte[(int) FramePool.storageBytes(SLOTS, SLOT_BYTES)]), SLOTS, SLOT_BYTES);
    private final Tunnel a = tunnel("a", 7001);
    private final Tunnel b = tunnel("b", 7002);
    private final LinkPort first = new LinkPort("first", null, a, 1);
    private final LinkPort second = new LinkPort("second", null, a, 2);
    private final LinkPort other = new LinkPort("other", null, b, 1);
    private int nextHeader;

    private static Tunnel tunnel(String name, int port) {
        Endpoint remote = Endpoint.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return new Tunnel(name, remote, 1500, WORKER, 1, new TunnelSession(1472, 0, () -> port, 0), 0);
    }

    @Test
    void datagramsOfAMessageAreCountedTogether() {
        for (int i = 0; i < 44; i++) {
            datagram(a, 0, 1448, first);
        }
        ledger.writeCounters(headers);
        ledger.settle(pool);
        assertThat(sent(a.counters(WORKER))).containsExactly(44L, 44L * 1448);
        assertThat(sent(first.counters())).containsExactly(44L, 44L * 100);
        assertThat(ledger.isEmpty()).isTrue();
    }

    @Test
    void datagramsThatTheChannelMakesHaveOneHeader() {
        int before = datagram(a, 0, 100, first);
        int cut = nextHeader;
        nextHeader += TunnelCodec.HEADER_BYTES;
        int slot = pool.claim();
        ledger.addHeader(cut, 44);
        ledger.add(first, slot, 44, 44, 44 * 1400);
        ledger.end(a, a.session().epoch(), 1, 44, 44 * 1448);
        int after = datagram(a, 2, 100, first);
        ledger.writeCounters(headers);
        assertThat(counters(before, cut, after)).containsExactly(0L, 1L, 45L);
        ledger.settle(pool);
        assertThat(sent(a.counters(WORKER))).containsExactly(46L, 200L + 44 * 1448);
        assertThat(sent(first.counters())).containsExactly(46L, 200L + 44 * 1400);
        assertThat(pool.freeCount()).isEqualTo(SLOTS);
    }

    @Test
    void linksThatShareADatagramAreCountedApart() {
        datagram(a, 0, 500, first, second, second, first);
        datagram(a, 0, 500, first);
        ledger.writeCounters(headers);
        ledger.settle(pool);
        assertThat(sent(a.counters(WORKER))).containsExactly(2L, 1000L);
        assertThat(sent(first.counters())).containsExactly(3L, 300L);
        assertThat(sent(second.counters())).containsExactly(2L, 200L);
    }

    @Test
    void aRefusedMessageIsDroppedAloneAndAllSlotsAreBack() {
        int[] slots = {pool.claim(), pool.claim(), pool.claim()};
        for (int message = 0; message < slots.length; message++) {
            header();
            ledger.add(first, SendLedger.NO_SLOT, 1, 0, 0);
            ledger.add(first, slots[message], 1, 1, 100);
            ledger.end(a, a.session().epoch(), message, 1, 300);
        }
        status[1] = -Errno.EAGAIN;
        status[2] = -1;
        ledger.writeCounters(headers);
        ledger.settle(pool);
        assertThat(sent(a.counters(WORKER))).containsExactly(1L, 300L);
        assertThat(sent(first.counters())).containsExactly(1L, 100L);
        assertThat(first.counters().drops(DropReason.EGRESS_FULL)).as("records").isEqualTo(2);
        assertThat(first.counters().drops(DropReason.EGRESS_ERROR)).as("records").isEqualTo(2);
        assertThat(pool.freeCount()).isEqualTo(SLOTS);
    }

    @Test
    void aHelloHasItsCounterAndIsTheTunnelsOwnToDrop() {
        long counter = a.session().epoch().takeCounters(1) + 1;
        int before = datagram(a, 0, 100, first);
        ledger.add(null, SendLedger.NO_SLOT, 1, 0, 0);
        ledger.end(a, a.session().epoch(), 0, 1, TunnelCodec.HELLO_BYTES);
        ledger.add(null, SendLedger.NO_SLOT, 1, 0, 0);
        ledger.end(b, b.session().epoch(), 1, 1, TunnelCodec.HELLO_BYTES);
        int after = datagram(a, 2, 100, first);
        status[1] = -Errno.ENOBUFS;
        ledger.writeCounters(headers);
        ledger.settle(pool);
        assertThat(counters(before, after)).containsExactly(counter, counter + 1);
        assertThat(sent(a.counters(WORKER))).containsExactly(3L, 200L + TunnelCodec.HELLO_BYTES);
        assertThat(sent(b.counters(WORKER))).containsExactly(0L, 0L);
        assertThat(b.counters(WORKER).drops(DropReason.EGRESS_FULL)).isEqualTo(1);
    }

    @Test
    void everyTunnelCountsForItself() {
        int[] made = {datagram(a, 0, 100, first), datagram(b, 1, 100, other), datagram(b, 1, 100, other),
            datagram(a, 2, 100, first)};
        ledger.writeCounters(headers);
        assertThat(counters(made)).containsExactly(0L, 0L, 1L, 1L);
        ledger.settle(pool);
        datagram(a, 0, 100, first);
        ledger.writeCounters(headers);
        assertThat(a.session().epoch().takeCounters(1)).isEqualTo(3);
        ledger.settle(pool);
        assertThat(sent(first.counters())).containsExactly(3L, 300L);
        assertThat(sent(other.counters())).containsExactly(2L, 200L);
    }

    @Test
    void isFullBeforeAnythingOverflows() {
        int datagrams = 0;
        while (ledger.hasRoom()) {
            datagram(a, 0, 100, first);
            datagrams++;
        }
        assertThat(datagrams).isGreaterThan(1000);
        ledger.writeCounters(headers);
        ledger.settle(pool);
        assertThat(ledger.hasRoom()).isTrue();
        assertThat(sent(first.counters())).containsExactly((long) datagrams, 100L * datagrams);
    }

    /** One that needs a counter, with a record of a whole frame of 100 bytes for each link; returns its header. */
    private int datagram(Tunnel tunnel, int message, int bytes, LinkPort... links) {
        int header = header();
        for (LinkPort link : links) {
            ledger.add(link, SendLedger.NO_SLOT, 1, 1, 100);
        }
        ledger.end(tunnel, tunnel.session().epoch(), message, 1, bytes);
        return header;
    }

    private int header() {
        int header = nextHeader;
        nextHeader += TunnelCodec.HEADER_BYTES;
        ledger.addHeader(header, 1);
        return header;
    }

    private List<Long> counters(int... at) {
        List<Long> counters = new ArrayList<>();
        for (int header : at) {
            counters.add(TunnelCodec.counter(headers, header));
        }
        return counters;
    }

    private static List<Long> sent(PortCounters counters) {
        return List.of(counters.get(PortCounter.TX_FRAMES), counters.get(PortCounter.TX_BYTES));
    }
}
