package org.violin.control.host;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last events, and whoever follows them. Publishing never waits: a follower that lets its queue fill up is cut
 * off, and the last event it gets says so. Thread-safe.
 */
public final class Events implements AutoCloseable {
    /** The kind of the last event of a follower that was too slow. */
    public static final String OVERFLOW = "events-overflow";

    private static final Logger LOG = LoggerFactory.getLogger(Events.class);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Event> recent = new ArrayDeque<>();
    private final List<Subscription> subscriptions = new ArrayList<>();
    private final Clock clock;
    private final int keep;
    private final int queueLimit;
    private boolean closed;

    /**
     * @param keep       how many events are remembered
     * @param queueLimit how many events may wait for one follower, at least {@code keep}: it starts with those
     */
    public Events(Clock clock, int keep, int queueLimit) {
        if (queueLimit < keep) {
            throw new IllegalArgumentException("queueLimit: " + queueLimit + ": at least " + keep);
        }
        this.clock = clock;
        this.keep = keep;
        this.queueLimit = queueLimit;
    }

    public void publish(String network, String kind, String subject, String text) {
        Event event = new Event(clock.instant(), network, kind, subject, text);
        LOG.info("{} {} {} {}", network == null ? "-" : network, kind, subject, text);
        lock.lock();
        try {
            if (recent.size() == keep) {
                recent.removeFirst();
            }
            recent.addLast(event);
            subscriptions.removeIf(subscription -> !subscription.offer(event));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public List<Event> recent() {
        lock.lock();
        try {
            return List.copyOf(recent);
        } finally {
            lock.unlock();
        }
    }

    /** Follows the events, from the oldest one remembered on; none is left out in between. */
    public Subscription subscribe() {
        lock.lock();
        try {
            Subscription subscription = new Subscription(recent);
            if (closed) {
                subscription.ended = true;
            } else {
                subscriptions.add(subscription);
            }
            return subscription;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all subscriptions; what they hold can still be taken. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            subscriptions.forEach(subscription -> subscription.ended = true);
            subscriptions.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** One follower; close it when it no longer follows. */
    public final class Subscription implements AutoCloseable {
        private final ArrayDeque<Event> queue;
        private boolean ended;

        private Subscription(ArrayDeque<Event> first) {
            queue = new ArrayDeque<>(first);
        }

        /**
         * Waits for the next event.
         *
         * @return empty: none came in time, or there will be none (see {@link #ended})
         */
        public Optional<Event> poll(Duration timeout) throws InterruptedException {
            long nanos = timeout.toNanos();
            lock.lockInterruptibly();
            try {
                while (queue.isEmpty() && !ended && nanos > 0) {
                    nanos = changed.awaitNanos(nanos);
                }
                return Optional.ofNullable(queue.pollFirst());
            } finally {
                lock.unlock();
            }
        }

        /** No event waits and none will come. */
        public boolean ended() {
            lock.lock();
            try {
                return ended && queue.isEmpty();
            } finally {
                lock.unlock();
            }
        }

        /** False: cut off. */
        private boolean offer(Event event) {
            if (queue.size() == queueLimit) {
                queue.removeLast();
                queue.addLast(new Event(event.time(), null, OVERFLOW, "events",
                    "this follower was too slow and is cut off; events are missing from here on"));
                ended = true;
                return false;
            }
            queue.addLast(event);
            return true;
        }

        @Override
        public void close() {
            lock.lock();
            try {
                ended = true;
                queue.clear();
                subscriptions.remove(this);
            } finally {
                lock.unlock();
            }
        }
    }
}
