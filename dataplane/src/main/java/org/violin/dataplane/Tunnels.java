package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.violin.dataplane.counters.PortCounter;
import org.violin.dataplane.counters.PortCounters;
import org.violin.dataplane.memory.FramePool;
import org.violin.dataplane.sys.Aead;
import org.violin.dataplane.sys.Endpoint;
import org.violin.dataplane.tunnel.Epoch;
import org.violin.dataplane.tunnel.FecControl;
import org.violin.dataplane.tunnel.HandshakeQueue;
import org.violin.dataplane.tunnel.PathQuality;
import org.violin.dataplane.tunnel.Tunnel;
import org.violin.dataplane.tunnel.TunnelSession;
import org.violin.dataplane.tunnel.TunnelSocket;
import org.violin.dataplane.wire.TunnelCodec;
import org.violin.dataplane.worker.WorkerThread;

/** The tunnels of a dataplane, and their keys. Under the dataplane's lock, but for what waits. */
final class Tunnels {
    private final Dataplane dataplane;
    private final List<WorkerThread> workers;
    private final HandshakeQueue handshakes;
    private final SecureRandom random;
    private final Map<String, Tunnel> tunnels = new LinkedHashMap<>();

    Tunnels(Dataplane dataplane, List<WorkerThread> workers, HandshakeQueue handshakes, SecureRandom random) {
        this.dataplane = dataplane;
        this.workers = workers;
        this.handshakes = handshakes;
        this.random = random;
    }

    Tunnel require(String name) {
        return Dataplane.require(tunnels, name, "tunnel");
    }

    void open(TunnelConfig config) {
        String name = config.name();
        Dataplane.requireFree(tunnels, name, "tunnel");
        Endpoint remote = config.remote() == null ? null : Endpoint.of(config.remote());
        int worker = remote == null ? 0 : remote.worker(workers.size());
        int receiveLimit = Math.min(FramePool.SLOT_BYTES, TunnelCodec.MAX_FRAME_BYTES);
        int capabilities =
            TunnelSocket.CAPABILITIES | (workers.size() == 1 ? TunnelCodec.CAPABILITY_IN_ORDER : 0);
        long nowNs = System.nanoTime();
        TunnelSession session = config.sealed()
            ? TunnelSession.sealed(receiveLimit, capabilities, nowNs)
            : new TunnelSession(receiveLimit, capabilities,
                () -> sessionIndex(random.nextInt(), worker), nowNs);
        Tunnel tunnel = new Tunnel(name, remote, config.pathMtu(), worker, workers.size(), session, nowNs);
        WorkerThread receiver = receiverOf(tunnel);
        dataplane.command(receiver, "tunnel " + name, () -> receiver.socket().onOpen(receiver.pool(), tunnel, nowNs));
        tunnels.put(name, tunnel);
        if (config.sealed()) {
            handshakes.onSealed(1);
        }
    }

    private WorkerThread receiverOf(Tunnel tunnel) {
        return workers.stream().filter(worker -> worker.socket().receivesFor(tunnel)).findFirst().orElseThrow();
    }

    int sessionIndex(String name, int random) {
        return sessionIndex(random, require(name).worker());
    }

    /** An index near a random one, by which datagrams come to the worker: it loses no more than the workers' number. */
    private int sessionIndex(int drawn, int worker) {
        return drawn - Endpoint.worker(drawn, workers.size()) + worker;
    }

    void redirect(String name, InetSocketAddress remote) {
        Tunnel tunnel = require(name);
        if (!tunnel.isSealed()) {
            throw new DataplaneException("tunnel " + name + ": it is not sealed: its peer is known by its address");
        }
        Endpoint endpoint = Dataplane.guarded(() -> Endpoint.of(remote));
        WorkerThread receiver = receiverOf(tunnel);
        dataplane.command(receiver, "tunnel " + name,
            () -> receiver.socket().onRedirect(receiver.pool(), tunnel, endpoint, System.nanoTime()));
    }

    void close(String name) {
        Tunnel tunnel = require(name);
        WorkerThread receiver = receiverOf(tunnel);
        List<Epoch> unused = new ArrayList<>();
        dataplane.command(receiver, "tunnel " + name, () -> {
            receiver.socket().onClose(receiver.pool(), tunnel);
            unused.addAll(receiver.socket().takeRetired(tunnel, true));
        });
        protect(name, Fec.NONE);
        tunnels.remove(name);
        if (tunnel.isSealed()) {
            handshakes.onSealed(-1);
        }
        discard(unused);
    }

    void installKeys(String name, TunnelKeys keys) {
        Tunnel tunnel = require(name);
        if (!tunnel.isSealed()) {
            throw new DataplaneException("tunnel " + name + ": it is not sealed and takes no keys");
        }
        Aead.Cipher cipher = switch (keys.cipher()) {
            case AES_256_GCM -> Aead.Cipher.AES_256_GCM;
            case CHACHA20_POLY1305 -> Aead.Cipher.CHACHA20_POLY1305;
        };
        if (Endpoint.worker(keys.localIndex(), workers.size()) != tunnel.worker()) {
            throw new DataplaneException("tunnel %s: index %08x leads to another worker".formatted(name,
                keys.localIndex()));
        }
        Epoch epoch = Dataplane.guarded(() -> Epoch.sealed(keys.localIndex(), keys.remoteIndex(), cipher,
            keys.sendKey(), keys.receiveKey(), workers.size(), keys.confirmed(), System.nanoTime()));
        WorkerThread receiver = receiverOf(tunnel);
        AtomicBoolean taken = new AtomicBoolean();
        List<Epoch> unused = new ArrayList<>();
        dataplane.command(receiver, "tunnel " + name, () -> {
            taken.set(receiver.socket().onKeys(receiver.pool(), tunnel, epoch, System.nanoTime()));
            unused.addAll(receiver.socket().takeRetired(tunnel, false));
        });
        discard(unused);
        if (!taken.get()) {
            epoch.close();
            throw new DataplaneException(
                "tunnel %s: index %08x is in use: another handshake draws another".formatted(name, keys.localIndex()));
        }
    }

    void protect(String name, Fec fec) {
        Tunnel tunnel = require(name);
        FecControl control = fec.equals(Fec.NONE) ? null : fec.adapts() ? FecControl.adaptive(fec.ordered())
            : FecControl.fixed(fec.members(), fec.rows(), fec.depth(), fec.ordered());
        for (WorkerThread worker : workers) {
            dataplane.command(worker, "tunnel " + name,
                () -> worker.socket().protect(worker.pool(), tunnel, control));
        }
        tunnel.control(control);
    }

    KeyUse keyUse(String name) {
        Tunnel tunnel = require(name);
        Epoch epoch = tunnel.isSealed() ? tunnel.epoch() : null;
        boolean up = tunnel.status() == Tunnel.Status.UP;
        return epoch == null ? new KeyUse(up, 0, 0) : new KeyUse(up, epoch.localIndex(), epoch.countersTaken());
    }

    /** The workers have ended: overwrites all keys. */
    void close() {
        tunnels.values().forEach(
            tunnel -> receiverOf(tunnel).socket().takeRetired(tunnel, true).forEach(Epoch::close));
    }

    /** A worker that has begun another cycle has sent all that it had sealed, or was about to, in the one before. */
    private void discard(List<Epoch> unused) {
        if (!unused.isEmpty()) {
            workers.forEach(worker -> dataplane.command(worker, "keys", () -> { }));
            unused.forEach(Epoch::close);
        }
    }

    Duration ping(String name, int bytes, Duration timeout) {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        synchronized (dataplane) {
            Tunnel tunnel = require(name);
            WorkerThread receiver = receiverOf(tunnel);
            dataplane.command(receiver, "tunnel " + name,
                () -> receiver.socket().onPing(receiver.pool(), tunnel, bytes, answer, System.nanoTime()));
        }
        try {
            return Duration.ofNanos(answer.get(timeout.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    void sendHandshake(String name, InetSocketAddress to, byte[] datagram) {
        Tunnel tunnel = require(name);
        Endpoint destination = to == null ? null : Endpoint.of(to);
        WorkerThread receiver = receiverOf(tunnel);
        dataplane.command(receiver, "tunnel " + name,
            () -> receiver.socket().sendHandshake(receiver.pool(), tunnel, destination, datagram));
    }

    Handshake pollHandshake(Duration timeout) {
        HandshakeQueue.Handshake next = handshakes.poll(timeout.toNanos());
        return next == null ? null : new Handshake(next.tunnel() == null ? null : next.tunnel().name(),
            next.source().address(), next.datagram());
    }

    List<TunnelStatus> statuses(ToIntFunction<Tunnel> links) {
        List<TunnelStatus> all = new ArrayList<>();
        for (Tunnel tunnel : tunnels.values()) {
            PortCounters counters = tunnel.counters();
            all.add(new TunnelStatus(tunnel.name(), tunnel.where(), tunnel.isSealed(),
                tunnel.status().label(), tunnel.pathMtu(), tunnel.rttNs() < 0 ? -1 : tunnel.rttNs() / 1000,
                links.applyAsInt(tunnel),
                counters.get(PortCounter.RX_FRAMES), counters.get(PortCounter.RX_BYTES),
                counters.get(PortCounter.TX_FRAMES), counters.get(PortCounter.TX_BYTES),
                counters.get(PortCounter.RX_RECOVERED), path(tunnel), counters.dropsByLabel()));
        }
        return all;
    }

    private static PathStatus path(Tunnel tunnel) {
        PathQuality quality = tunnel.quality();
        long[] rtts = quality.roundTrips();
        return new PathStatus(micros(rtts, 0), micros(rtts, 0.5), micros(rtts, 0.99), quality.jitterNs() / 1000,
            quality.there().part(), quality.back().part(), quality.there().burst(),
            quality.there().reordered(), quality.back().reordered(), quality.sent().bitsPerSecond(),
            quality.received().bitsPerSecond(), tunnel.protection());
    }

    private static long micros(long[] sortedNs, double quantile) {
        return sortedNs.length == 0 ? -1 : sortedNs[(int) (quantile * (sortedNs.length - 1) + 0.5)] / 1000;
    }
}
