package org.violin.control.stream;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.function.Consumer;
import javax.net.ssl.SSLEngine;

/** What knows the ends of tunnels by their certificates, and has the port that they connect to. */
public interface StreamAuthority {
    /** Any thread: the one that streams share with it, on which all else is called. */
    EventLoop loop();

    /** TLS for a connection to a tunnel's peer, which fails if somebody else is there. */
    SSLEngine client(String tunnel);

    /** What speaks against the other end of a connection that was made to here being a tunnel's peer; null: nothing. */
    String objection(SSLEngine engine, String tunnel);

    /**
     * Who gets the connections that have been made to here for streams, when TLS is done; it adds its handlers.
     *
     * @param taker null: nobody
     */
    void onStream(Consumer<Channel> taker);
}
