package org.violin.dataplane.counters;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.bridge.GroupCounter;
import org.violin.dataplane.bridge.MacCounter;

class CountersTest {

    @Test
    void everyCounterHasAnUnmistakableLabelAndASentence() {
        for (List<? extends Documented> counters : List.of(Arrays.asList(DropReason.values()),
            Arrays.asList(PortCounter.values()), Arrays.asList(MacCounter.values()),
            Arrays.asList(GroupCounter.values()))) {
            assertThat(counters).extracting(Documented::label).doesNotHaveDuplicates()
                .allMatch(label -> label.matches("[a-z]+(-[a-z]+)*"));
            assertThat(counters).extracting(Documented::meaning).doesNotHaveDuplicates()
                .allMatch(meaning -> meaning.matches("[A-Z].*\\."));
        }
    }

    @Test
    void labelsFollowTheNames() {
        assertThat(DropReason.values())
            .allMatch(reason -> reason.label().equals(reason.name().toLowerCase().replace('_', '-')));
    }

    @Test
    void reasonsAreFoundByOrdinal() {
        assertThat(DropReason.values()).allMatch(reason -> DropReason.of(reason.ordinal()) == reason);
    }

    @Test
    void theMapLeavesOutZeros() {
        Counters<DropReason> drops = new Counters<>(DropReason.class);
        assertThat(drops.toMap()).isEmpty();
        drops.increment(DropReason.FRAGMENT_TIMEOUT);
        drops.add(DropReason.RUNT, 41);
        drops.increment(DropReason.RUNT);
        assertThat(drops.toMap()).containsExactly(Map.entry("runt", 42L), Map.entry("fragment-timeout", 1L));
    }

    @Test
    void aPortCountsTrafficAndDrops() {
        PortCounters port = new PortCounters();
        port.received(3, 300);
        port.sent(2, 200);
        port.received(1, 60);
        port.dropped(DropReason.EGRESS_FULL, 5);
        port.recovered(7);
        assertThat(PortCounter.values()).extracting(port::get).containsExactly(4L, 360L, 2L, 200L, 7L);
        assertThat(port.drops(DropReason.EGRESS_FULL)).isEqualTo(5);
        assertThat(port.dropsByLabel()).containsExactly(Map.entry("egress-full", 5L));
    }

    @Test
    void aReaderNeverSeesACounterGoBack() throws InterruptedException {
        Counters<PortCounter> counters = new Counters<>(PortCounter.class);
        long last = 2_000_000;
        Thread writer = Thread.ofPlatform().start(() -> {
            for (long i = 0; i < last; i++) {
                counters.increment(PortCounter.TX_BYTES);
            }
        });
        long seen = 0;
        while (seen < last) {
            long now = counters.get(PortCounter.TX_BYTES);
            assertThat(now).isGreaterThanOrEqualTo(seen);
            seen = now;
            if (!writer.isAlive()) {
                break;
            }
        }
        writer.join();
        assertThat(counters.get(PortCounter.TX_BYTES)).isEqualTo(last);
    }
}
