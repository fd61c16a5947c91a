package org.violin.control.vnet;

import io.netty.channel.ChannelHandlerContext;
import java.util.concurrent.TimeUnit;
import org.violin.control.stream.StreamRelay;
import org.violin.control.vnet.Refusal.Word;

/**
 * Brings back the connection of a handler that this end has connected for: again and again, until the other server has
 * resumed it, says that it has no such, or does not wait any longer. Where the handler has ended here meanwhile, or has
 * moved, the other server is told so, when it is reached. The loop's.
 */
final class Redial {
    private final VnetServer server;
    private final Connector connector;
    private final Bond bond;
    private final long waitNs;
    private final long beganNs = System.nanoTime();

    /** @param waitNs how long */
    Redial(VnetServer server, Connector connector, Bond bond, long waitNs) {
        this.server = server;
        this.connector = connector;
        this.bond = bond;
        this.waitNs = waitNs;
    }

    void next() {
        if (System.nanoTime() - beganNs < waitNs && !connector.loop().isShuttingDown()) {
            connector.loop().schedule(this::dial, bond.handler().backoff().nextMs(), TimeUnit.MILLISECONDS);
        }
    }

    private void dial() {
        connector.connect(bond.place(), Caller.resume(bond, this::onResumed, this::onRefused));
    }

    private void onResumed(ChannelHandlerContext context) {
        if (bond.isCurrent()) {
            server.join(bond, context);
        } else {
            StreamRelay.dismiss(context.channel());
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
