package org.violin.control.vnet;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.violin.control.stream.StreamConfig;
import org.violin.control.stream.StreamRelay;
import org.violin.control.stream.Streams;
import org.violin.control.stream.TunnelName;
import org.violin.control.vnet.Refusal.Word;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.LinkConfig;
import org.violin.dataplane.PacketConfig;
import org.violin.dataplane.TunnelConfig;

/**
 * The handlers of a server. Each is a patch between a packet port and a link, whose tunnel leads to a relay: what is at
 * the relay's other end is the connection's. On the thread for work.
 */
final class Handlers {
    static final int HANDLERS_MAX = 256;
    private static final int LINK_ID = 1;

    private final Dataplane dataplane;
    private final Streams streams;
    private final Consumer<String> told;
    private final Map<String, Handler> handlers = new LinkedHashMap<>();
    private int last;

    Handlers(Dataplane dataplane, Streams streams, Consumer<String> told) {
        this.dataplane = dataplane;
        this.streams = streams;
        this.told = told;
    }

    /**
     * Makes all of a handler but its connection.
     *
     * @param peer where the other server is, for people
     */
    Handler open(HandlerSpec spec, String peer) throws Refusal {
        if (handlers.size() == HANDLERS_MAX) {
            throw new Refusal(Word.LIMIT, "there are " + HANDLERS_MAX + " handlers here already");
        }
        for (Handler other : handlers.values()) {
            if (other.spec().collides(spec)) {
                throw new Refusal(Word.MAC, "handler " + other.id() + " has one of these addresses already, as "
                    + other.spec().role() + " on " + other.spec().device());
            }
        }
        last++;
        Handler handler = plug("h" + last, spec, peer);
        handlers.put(handler.id(), handler);
        return handler;
    }

    private Handler plug(String id, HandlerSpec spec, String peer) throws Refusal {
        Deque<Runnable> undo = new ArrayDeque<>();
        try {
            dataplane.addPatch(id);
            undo.push(() -> dataplane.removeBridge(id));
            openPort(id, spec);
            undo.push(() -> dataplane.closePort(port(id)));
            StreamRelay relay = streams.open(new StreamConfig(id, new TunnelName(0, last), false, null, null));
            undo.push(relay::close);
            dataplane.openTunnel(TunnelConfig.plaintext(id, relay.address(), StreamRelay.PATH_MTU));
            undo.push(() -> dataplane.closeTunnel(id));
            dataplane.openLink(new LinkConfig(link(id), id, LINK_ID), id);
            return new Handler(id, spec, peer, relay);
        } catch (DataplaneException | UncheckedIOException e) {
            undo.forEach(Runnable::run);
            throw new Refusal(Word.FAILED, e.getMessage());
        } catch (Refusal e) {
            undo.forEach(Runnable::run);
            throw e;
        }
    }

    private void openPort(String id, HandlerSpec spec) throws Refusal {
        boolean host = spec.role() == HandlerSpec.Role.HOST;
        try {
            dataplane.openPacket(new PacketConfig(port(id), spec.device(),
                host ? PacketConfig.Role.HOST : PacketConfig.Role.PROXY, spec.macs(), !host, host), id);
        } catch (DataplaneException e) {
            throw new Refusal(Word.DEVICE, e.getMessage());
        }
    }

    private static String port(String id) {
        return id + " device";
    }

    private static String link(String id) {
        return id + " link";
    }

    void close(String id) throws Refusal {
        if (!closeIfOpen(id)) {
            throw new Refusal(Word.HANDLER, "'" + id + "': there is no such handler");
        }
    }

    /** Its connection has ended, or is ended by this. Whether there was one. */
    boolean closeIfOpen(String id) {
        Handler handler = handlers.remove(id);
        if (handler == null) {
            return false;
        }
        dataplane.closePort(link(id));
        dataplane.closePort(port(id));
        dataplane.closeTunnel(id);
        dataplane.removeBridge(id);
        handler.relay().close();
        told.accept("handler " + id + ": ended");
        return true;
    }

    boolean isOpen(Handler handler) {
        return handlers.containsValue(handler);
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>(handlers.values().stream().map(Handler::line).toList());
        lines.add("OK " + handlers.size() + " handlers");
        return lines;
    }

    void closeAll() {
        List.copyOf(handlers.keySet()).forEach(this::closeIfOpen);
    }
}
