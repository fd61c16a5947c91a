package org.violin.control.stream;

import io.netty.channel.Channel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.violin.control.keys.TokenBucket;

/**
 * Bounds what connections from outside cost: how many handshakes a second there may be, and how many unfinished
 * connections, of which the oldest makes room for the next. So whoever opens many and says nothing keeps out nobody who
 * is quick. On one thread.
 */
public final class Gate {
    /** With TLS's buffers, some 100 KiB each. */
    public static final int OPEN_MAX = 64;

    private final TokenBucket rate;
    private final Deque<Channel> open = new ArrayDeque<>();

    /** @param burst handshakes at once, after a time without */
    public Gate(int perSecond, int burst, long nowNs) {
        rate = new TokenBucket(perSecond, burst, nowNs);
    }

    /** Whether a connection may go on; {@code evicted} is told of another that is to end for it. */
    public boolean admit(Channel channel, Consumer<Channel> evicted, long nowNs) {
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

    /** A connection has finished its handshake, and stays. */
    public void release(Channel channel) {
        open.remove(channel);
    }
}
