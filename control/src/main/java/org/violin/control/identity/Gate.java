package org.violin.control.identity;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.violin.control.keys.TokenBucket;

/**
 * Bounds what connections from outside cost: how many handshakes a second there may be, and how many unfinished
 * connections, of which the oldest makes room for the next. So whoever opens many and says nothing keeps out nobody who
 * is quick. On the port's thread.
 */
final class Gate {
    /** With TLS's buffers, some 100 KiB each. */
    static final int OPEN_MAX = 64;
    /** Some 4 ms each, once the JVM has compiled it: 4 % of a core. */
    static final int PER_SECOND = 10;
    static final int BURST = 20;

    private final TokenBucket rate;
    private final Deque<Channel> open = new ArrayDeque<>();

    Gate(long nowNs) {
        rate = new TokenBucket(PER_SECOND, BURST, nowNs);
    }

    /** Whether a connection may go on; {@code evicted} is told of another that is to end for it. */
    boolean admit(Channel channel, Consumer<Channel> evicted, long nowNs) {
        if (!rate.take(nowNs)) {
            return false;
        }
        if (open.size() == OPEN_MAX) {
            evicted.accept(open.removeFirst());
        }
        open.addLast(channel);
        channel.closeFuture().addListener(closed -> open.remove(channel));
        return true;
    }
}
