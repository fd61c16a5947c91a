package org.violin.control.host;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

/**
 * Which networks use which tunnel, and how each wants it protected and carried: the first one opens it, the last one
 * closes it, and those that want nothing of it get what another one wants. A trial has it in its own way while it
 * lasts. Under the engine's lock.
 */
final class TunnelUsers {
    private record Wish(FecSpec fec, Transport transport) {
        static final Wish NONE = new Wish(FecSpec.OFF, Transport.UDP);
    }

    /** Stands among the names of networks, and is none. */
    private static final String TRIAL = "(trial)";

    private final HostDriver driver;
    /** By remote and network; {@link SpecCheck} sees to it that no two networks want a tunnel differently. */
    private final Map<String, Map<String, Wish>> wishesByRemote = new HashMap<>();
    /** What tunnels are that are being tried, whatever is wanted of them. */
    private final Map<String, Wish> trialsByRemote = new HashMap<>();

    TunnelUsers(HostDriver driver) {
        this.driver = driver;
    }

    /** @see HostDriver#openTunnel */
    void join(String network, String peer, String remote, int pathMtu, String local) {
        if (!wishesByRemote.containsKey(remote)) {
            driver.openTunnel(peer, remote, pathMtu, local);
        }
        wishesByRemote.computeIfAbsent(remote, r -> new TreeMap<>()).put(network, Wish.NONE);
    }

    void leave(String network, String peer, String remote) {
        Map<String, Wish> wishes = wishesByRemote.get(remote);
        if (wishes.size() == 1) {
            driver.closeTunnel(peer, remote);
            wishesByRemote.remove(remote);
        } else {
            wishes.remove(network);
        }
    }

    /** Has a tunnel that {@code network} uses protected as it wants. */
    void protect(String network, String remote, FecSpec fec) {
        change(network, remote, wish -> new Wish(fec, wish.transport), Wish::fec, next -> driver.protect(remote, next));
    }

    /** Has a tunnel that {@code network} uses go by what it wants; see {@link HostDriver#carry}. */
    void carry(String network, String remote, Transport transport) {
        change(network, remote, wish -> new Wish(wish.fec, transport), Wish::transport,
            next -> driver.carry(remote, next));
    }

    private <T> void change(String network, String remote, UnaryOperator<Wish> change, Function<Wish, T> part,
        Consumer<T> apply) {
        Map<String, Wish> wishes = wishesByRemote.get(remote);
        Map<String, Wish> changed = new TreeMap<>(wishes);
        changed.computeIfPresent(network, (name, wish) -> change.apply(wish));
        T next = wanted(changed, part);
        if (!trialsByRemote.containsKey(remote) && !next.equals(wanted(wishes, part))) {
            apply.accept(next);
        }
        wishesByRemote.put(remote, changed);
    }

    /** Keeps a tunnel open, and has it as {@code tried} says, whatever networks want, until {@link #endTrial}. */
    void beginTrial(TunnelSpec tried, String remote) {
        if (trialsByRemote.containsKey(remote)) {
            throw new HostException(Kind.CONFLICT, "the tunnel to " + tried.peer() + " is being measured already: wait"
                + " until the other 'violin tune' has ended, or stop it");
        }
        String local = tried.local() == null ? null : Remote.canonical(tried.local());
        join(TRIAL, tried.peer(), remote, tried.pathMtu(), local);
        trialsByRemote.put(remote, wanted(remote));
        try {
            turn(remote, new Wish(tried.fec(), tried.transport()));
        } catch (RuntimeException e) {
            endTrial(tried.peer(), remote);
            throw e;
        }
    }

    /** Networks have what they want again. */
    void endTrial(String peer, String remote) {
        try {
            turn(remote, wanted(remote));
        } finally {
            trialsByRemote.remove(remote);
            leave(TRIAL, peer, remote);
        }
    }

    private void turn(String remote, Wish next) {
        Wish now = trialsByRemote.get(remote);
        if (!next.fec.equals(now.fec)) {
            driver.protect(remote, next.fec);
        }
        trialsByRemote.put(remote, new Wish(next.fec, now.transport));
        if (next.transport != now.transport) {
            driver.carry(remote, next.transport);
        }
        trialsByRemote.put(remote, next);
    }

    private Wish wanted(String remote) {
        Map<String, Wish> wishes = wishesByRemote.get(remote);
        return new Wish(wanted(wishes, Wish::fec), wanted(wishes, Wish::transport));
    }

    private static <T> T wanted(Map<String, Wish> wishes, Function<Wish, T> part) {
        T nothing = part.apply(Wish.NONE);
        return wishes.values().stream().map(part).filter(wish -> !wish.equals(nothing)).findFirst().orElse(nothing);
    }
}
