package org.violin.control.vnet;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;
import org.violin.control.stream.StreamRelay;
import org.violin.control.vnet.Refusal.Word;

/**
 * Brings back the connection of a handler that this end has connected for: again and again, until the other server has
 * resumed it, or says that it has no such. Where the handler has ended here meanwhile, or has moved, the other server
 * is told so, if it is reached in time. The loop's.
 */
final class Redial {
    private final VnetServer server;
    private final Connector connector;
    private final Bond bond;
    private final long waitNs;
    /** When the handler was last seen to be there. */
    private long currentNs = System.nanoTime();

    /** @param waitNs how long after its end */
    Redial(VnetServer server, Connector connector, Bond bond, long waitNs) {
        this.server = server;
        this.connector = connector;
        this.bond = bond;
        this.waitNs = waitNs;
    }

    void next() {
        if (bond.isCurrent()) {
            currentNs = System.nanoTime();
        }
        if (System.nanoTime() - currentNs < waitNs && !connector.loop().isShuttingDown()) {
            connector.loop().schedule(this::dial, bond.handler().backoff().nextMs(), TimeUnit.MILLISECONDS);
        }
    }

    private void dial() {
        connector.connect(bond.place(), null, Caller.resume(bond, this::onResumed, this::onRefused));
    }

    private void onResumed(ChannelHandlerContext context) {
        if (bond.isCurrent()) {
            server.join(bond, context);
        } else {
            StreamRelay.dismiss(context.channel(), this::next);
        }
    }

    private void onRefused(Refusal refusal) {
        if (refusal.word() != Word.HANDLER) {
            next();
        } else if (bond.isCurrent()) {
            server.drop(bond, refusal.getMessage());
        }
    }
}
