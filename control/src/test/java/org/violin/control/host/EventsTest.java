package org.violin.control.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.violin.dataplane.PathStatus;
import org.violin.dataplane.TunnelStatus;

class EventsTest {
    static final PathStatus UNKNOWN_PATH = new PathStatus(-1, -1, -1, 0, Double.NaN, Double.NaN, 1,
        Double.NaN, Double.NaN, 0, 0, "");

    private static final Duration NOW = Duration.ZERO;
    private static final int KEEP = 8;
    private static final int QUEUE = 16;

    private final Events events = new Events(Clock.fixed(Instant.EPOCH, ZoneOffset.UTC), KEEP, QUEUE);

    private void publish(int from, int to) {
        for (int i = from; i < to; i++) {
            events.publish("n1", "kind", "subject" + i, "");
        }
    }

    private static List<String> subjects(List<Event> events) {
        return events.stream().map(Event::subject).toList();
    }

    private static List<Event> drain(Events.Subscription subscription) throws InterruptedException {
        List<Event> drained = new ArrayList<>();
        Optional<Event> next = subscription.poll(NOW);
        while (next.isPresent()) {
            drained.add(next.get());
            next = subscription.poll(NOW);
        }
        return drained;
    }

    @Test
    void theLastOnesAreRemembered() {
        publish(0, 20);
        assertThat(subjects(events.recent())).hasSize(KEEP).startsWith("subject12").endsWith("subject19");
        assertThat(events.recent().getFirst().time()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void aFollowerSeesThePastAndThenAllThatComes() throws InterruptedException {
        publish(0, 3);
        try (Events.Subscription subscription = events.subscribe()) {
            publish(3, 6);
            assertThat(subjects(drain(subscription))).containsExactly("subject0", "subject1", "subject2", "subject3",
                "subject4", "subject5");
            assertThat(subscription.ended()).isFalse();
        }
    }

    @Test
    void aSlowFollowerIsCutOffAndToldAndKeepsNobodyUp() throws InterruptedException {
        try (Events.Subscription slow = events.subscribe(); Events.Subscription quick = events.subscribe()) {
            for (int i = 0; i < 1000; i++) {
                publish(i, i + 1);
                assertThat(quick.poll(NOW)).isPresent();
            }
            List<Event> seen = drain(slow);
            assertThat(seen).hasSize(QUEUE);
            assertThat(seen.getFirst().subject()).isEqualTo("subject0");
            assertThat(seen.getLast().kind()).isEqualTo(Events.OVERFLOW);
            assertThat(slow.ended()).isTrue();
            assertThat(quick.ended()).isFalse();
        }
    }

    @Test
    void closingEndsAFollowerThatWaits() throws InterruptedException {
        Events.Subscription subscription = events.subscribe();
        Thread closer = Thread.ofVirtual().start(events::close);
        assertThat(subscription.poll(Duration.ofSeconds(20))).isEmpty();
        assertThat(subscription.ended()).isTrue();
        closer.join();
        assertThat(events.subscribe().ended()).isTrue();
    }

    @Test
    void tunnelsThatComeAndGoAreToldOnce() {
        List<TunnelStatus> tunnels = new ArrayList<>();
        TunnelWatch watch = new TunnelWatch(() -> tunnels, events);
        for (String state : List.of("connecting", "connecting", "up", "up", "lost", "lost", "up")) {
            tunnels.clear();
            tunnels.add(new TunnelStatus("10.0.0.2:7000", "10.0.0.2:7000", false, state, 1500, -1, 0, 0, 0, 0, 0, 0,
                UNKNOWN_PATH, Map.of()));
            watch.look();
        }
        assertThat(events.recent().stream().map(Event::kind)).containsExactly("tunnel-up", "tunnel-lost", "tunnel-up");
        assertThat(events.recent().getFirst().subject()).isEqualTo("10.0.0.2:7000");
    }
}
