package org.violin.control.vnet;

import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.violin.control.stream.StreamConfig;
import org.violin.control.stream.StreamRelay;
import org.violin.control.stream.Streams;
import org.violin.control.stream.TunnelName;
import org.violin.control.vnet.Refusal.Word;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.PacketConfig;

/**
 * The handlers of a server. Each is a patch between a packet port and a link, whose tunnel leads to a relay, or by UDP:
 * see {@link Cables}. What is at the relay's other end is the connection's. All else stays as it is when connections
 * come and go, and also when another server takes the place of the one that a handler was with. On the thread for work.
 */
final class Handlers {
    static final int HANDLERS_MAX = 256;
    /** After so long without a connection its tunnel is down (docs/tunnel-protocol.md, Liveness). */
    private static final long TUNNEL_S = 3;
    /** However short handlers are to wait, the first connection may take as long as a {@link Caller} gives it. */
    private static final long FIRST_S = 20;
    /** People are told when nothing has passed for so long. */
    private static final long STUCK_S = 4;

    private final Dataplane dataplane;
    private final Streams streams;
    private final Cables cables;
    private final Consumer<String> told;
    private final Consumer<Bond> unheard;
    private final long waitS;
    private final Map<String, Handler> handlers = new LinkedHashMap<>();
    private int last;

    /**
     * @param unheard gets what a handler was closed with, if the other end may not have heard of it; on the loop
     * @param waitS   how long a handler waits for a connection, before it ends
     */
    Handlers(Dataplane dataplane, Streams streams, Consumer<String> told, Consumer<Bond> unheard, long waitS) {
        this.dataplane = dataplane;
        this.streams = streams;
        cables = new Cables(dataplane, told);
        this.told = told;
        this.unheard = unheard;
        this.waitS = waitS;
    }

    /** All of a handler but its connection, which the other end has made. */
    Bond open(HandlerSpec spec, String peer) throws Refusal {
        return make(spec, false, handler -> Bond.taken(handler, spec, peer));
    }

    /** The same of one for which this end is to connect. */
    Bond open(Request.Handle handle) throws Refusal {
        return make(handle.spec(), handle.moves(), handler -> Bond.wanted(handler, handle));
    }

    /** @param moves whether there may be one of the same virtual machines at another interface, which is to end */
    private Bond make(HandlerSpec spec, boolean moves, Function<Handler, Bond> agreement) throws Refusal {
        if (handlers.size() == HANDLERS_MAX) {
            throw new Refusal(Word.LIMIT, "there are " + HANDLERS_MAX + " handlers here already");
        }
        Handler other = colliding(spec, moves);
        if (other != null) {
            throw new Refusal(Word.MAC, "handler " + other.id() + " has one of these addresses already, as "
                + end(other.bond().spec()) + (other.isUp() ? "" : ", and is waiting: MOVE puts another server at its"
                + " other end"));
        }
        last++;
        Bond bond = plug("h" + last, spec, agreement);
        handlers.put(bond.handler().id(), bond.handler());
        return bond;
    }

    private Handler colliding(HandlerSpec spec, boolean moves) {
        return handlers.values().stream().filter(other -> other.bond().spec().collides(spec)
            && !(moves && other.bond().spec().isElsewhere(spec))).findFirst().orElse(null);
    }

    /** What handlers of the same virtual machines have agreed on that are at other interfaces. */
    List<Bond> elsewhere(HandlerSpec spec) {
        return handlers.values().stream().map(Handler::bond).filter(bond -> bond.spec().isElsewhere(spec)).toList();
    }

    private static String end(HandlerSpec spec) {
        return spec.role() + " on " + spec.device();
    }

    /**
     * The handler that has this end, whoever it is with; null: nobody has any of the addresses.
     *
     * @param moves whether one that has all of them at another interface is nobody
     * @throws Refusal if they are not all that some handler has: one moves with all of its machines, or not at all
     */
    Handler holder(HandlerSpec spec, boolean moves) throws Refusal {
        Handler holder = colliding(spec, moves);
        if (holder != null && !holder.bond().spec().hasEndOf(spec)) {
            HandlerSpec held = holder.bond().spec();
            throw new Refusal(Word.MAC, "handler " + holder.id() + ", which has one of these addresses, is another: it"
                + " is " + end(held) + ", for " + held.macs().size() + " addresses; a handler moves with all of them");
        }
        return holder;
    }

    /** Has a handler be with the other end of a connection from now on: whoever it was with cannot resume it. */
    Bond take(HandlerSpec spec, String peer) throws Refusal {
        Handler handler = holder(spec, false);
        if (handler == null) {
            throw new Refusal(Word.HANDLER, "there is none here for these addresses, as " + end(spec)
                + ": there is nothing to move");
        }
        Bond bond = Bond.taken(handler, spec, peer);
        handler.bind(bond);
        handler.turn(false, dropped(handler));
        cables.open(bond);
        return bond;
    }

    /** What a handler has with the other end of a connection, if that is who it says. */
    Bond resume(Request.Resume resume, String peer) throws Refusal {
        Handler handler = handlers.get(resume.handler());
        Bond bond = handler == null ? null : handler.bond();
        if (bond == null || bond.place() != null || !bond.token().matches(resume.token())) {
            // Strangers are told no more than this, and not which of them it is.
            throw new Refusal(Word.HANDLER, "'" + resume.handler() + "': there is no such handler to resume: it was"
                + " closed, has moved, or has waited for too long; or this is not its token");
        }
        Bond next = bond.from(peer);
        handler.bind(next);
        return next;
    }

    private Bond plug(String id, HandlerSpec spec, Function<Handler, Bond> agreement) throws Refusal {
        Deque<Runnable> undo = new ArrayDeque<>();
        try {
            dataplane.addPatch(id);
            undo.push(() -> dataplane.removeBridge(id));
            openPort(id, spec);
            undo.push(() -> dataplane.closePort(port(id)));
            StreamRelay relay = streams.open(new StreamConfig(id, new TunnelName(0, last), false, null, null));
            undo.push(relay::close);
            Handler handler = new Handler(id, relay);
            Bond bond = handler.begin(agreement.apply(handler));
            cables.open(bond);
            return bond;
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

    /** There is a connection. */
    void onUp(Bond bond) {
        Handler handler = bond.handler();
        if (bond.isCurrent()) {
            long seconds = handler.seconds();
            long drops = dropped(handler);
            String waited = handler.isUp() || !handler.hasBeenUp() || seconds == 0 ? ""
                : "; it has waited for " + seconds + " s, and dropped " + (drops - handler.dropped());
            if (!cables.open(bond) && bond.place() != null && (seconds >= TUNNEL_S || !handler.hasBeenUp())) {
                cables.greet(bond);
            }
            handler.turn(true, dropped(handler));
            told.accept("handler " + handler.id() + ": " + end(bond.spec()) + ", with " + bond.peer() + waited);
        }
    }

    /** There is none any more, and may be one again. */
    void onLost(Bond bond) {
        Handler handler = bond.handler();
        if (bond.isCurrent()) {
            handler.turn(false, dropped(handler));
            told.accept("handler " + handler.id() + ": " + (handler.isUp() ? "its connection is lost, and it goes on by"
                + " UDP" : "waiting"));
        }
    }

    /** Frames that have found no way to the other end, and what the relay has dropped. */
    private long dropped(Handler handler) {
        return Stream.of(cables.drops(handler.id()), handler.relay().status(true).drops())
            .flatMap(drops -> drops.values().stream()).mapToLong(Long::longValue).sum();
    }

    /** To be called once a second or so: looks what frames go by, and ends those that have waited for too long. */
    void look() {
        observe();
        handlers.values().stream().filter(handler -> !handler.isUp() && handler.seconds() >= limitS(handler)).toList()
            .forEach(handler -> closeIfOpen(handler.id(), "it has waited for " + limitS(handler) + " s"));
    }

    private void observe() {
        Map<String, Cables.Via> ways = cables.ways(handlers);
        handlers.values().forEach(handler -> observe(handler, ways.getOrDefault(handler.id(), Cables.Via.NONE)));
    }

    /** Tells what frames go by, if they have another way; and where there is none, when that has lasted. */
    private void observe(Handler handler, Cables.Via seen) {
        Cables.Via now = seen == Cables.Via.TCP && !handler.isConnected() ? Cables.Via.NONE : seen;
        boolean was = handler.isUp();
        boolean changed = handler.go(now, dropped(handler));
        boolean sealed = handler.bond().spec().way().isSealed();
        if (was && !handler.isUp()) {
            told.accept("handler " + handler.id() + ": waiting");
        } else if (sealed && (changed && now != Cables.Via.NONE || handler.isStuck(STUCK_S))) {
            told.accept("handler " + handler.id() + ": " + now.label());
        }
    }

    private long limitS(Handler handler) {
        return handler.hasBeenUp() ? waitS : Math.max(waitS, FIRST_S);
    }

    /** Ends a handler that still has this bond. */
    void drop(Bond bond, String why) {
        if (bond.isCurrent()) {
            closeIfOpen(bond.handler().id(), why);
        }
    }

    void close(String id) throws Refusal {
        if (!closeIfOpen(id, "closed")) {
            throw new Refusal(Word.HANDLER, "'" + id + "': there is no such handler");
        }
    }

    /** For good; the other end is told. Whether there was one. */
    private boolean closeIfOpen(String id, String why) {
        Handler handler = handlers.remove(id);
        if (handler == null) {
            return false;
        }
        Bond bond = handler.end();
        cables.close(id);
        dataplane.closePort(port(id));
        dataplane.removeBridge(id);
        handler.relay().close(() -> unheard.accept(bond));
        told.accept("handler " + id + ": ended: " + why);
        return true;
    }

    List<String> lines() {
        observe();
        List<String> lines = new ArrayList<>(
            handlers.values().stream().map(handler -> handler.line(handler.bond())).toList());
        lines.add("OK " + handlers.size() + " handlers");
        return lines;
    }

    void closeAll() {
        List.copyOf(handlers.keySet()).forEach(id -> closeIfOpen(id, "the server ends"));
        cables.close();
    }
}
