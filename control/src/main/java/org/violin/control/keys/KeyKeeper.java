package org.violin.control.keys;

import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.DataplaneException;
import org.violin.dataplane.Handshake;
import org.violin.dataplane.TunnelKeys;

/**
 * Keeps the sealed tunnels of a dataplane in keys: one thread, a {@link KeyAgreement} for each. Handshakes are computed
 * on that thread, so workers never wait for one. Any thread may call this.
 */
public final class KeyKeeper implements KeyTaker, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeyKeeper.class);
    /** How often tunnels are looked at that nothing comes for. */
    private static final Duration LOOK = Duration.ofMillis(250);
    /** How often a second a handshake from a strange address is tried with a tunnel's key: some 40 us each. */
    private static final int STRANGE_PER_SECOND = 1000;
    private static final int STRANGE_BURST = 100;

    private final Dataplane dataplane;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, KeyAgreement> agreements = new HashMap<>();
    private final Thread thread = new Thread(this::work, "key-keeper");
    private final TokenBucket strange = new TokenBucket(STRANGE_PER_SECOND, STRANGE_BURST, System.nanoTime());
    private volatile boolean running = true;

    /** The thread starts with the first tunnel. */
    public KeyKeeper(Dataplane dataplane) {
        this.dataplane = dataplane;
    }

    /**
     * Takes care of a tunnel of the dataplane's, and begins with a handshake as soon as there is a shared key.
     *
     * @param sealing its key, if any, may be closed afterwards
     */
    public synchronized void add(String tunnel, Sealing sealing) {
        KeyAgreement agreement = new KeyAgreement(sealing.key(), sealing.ciphers(), sealing.renewal(),
            new Line(tunnel), random, System.nanoTime());
        if (agreements.put(tunnel, agreement) == null && thread.getState() == Thread.State.NEW) {
            thread.start();
        }
        look(tunnel, agreement);
    }

    @Override
    public synchronized void give(String tunnel, SharedKey key, boolean known) {
        KeyAgreement agreement = agreements.get(tunnel);
        if (agreement == null) {
            key.close();
            return;
        }
        agreement.onKey(key, known, System.nanoTime());
        look(tunnel, agreement);
    }

    @Override
    public synchronized boolean wantsKey(String tunnel) {
        KeyAgreement agreement = agreements.get(tunnel);
        return agreement != null && agreement.wantsSharedKey(System.nanoTime());
    }

    /** Lets go of a tunnel, before it is closed. */
    public synchronized void remove(String tunnel) {
        KeyAgreement agreement = agreements.remove(tunnel);
        if (agreement != null) {
            agreement.close();
        }
    }

    /**
     * What has become of a tunnel's handshakes, by {@link KeyEvent#label()}; events that have not come are left out.
     */
    public synchronized Map<String, Long> counts(String tunnel) {
        KeyAgreement agreement = agreements.get(tunnel);
        return agreement == null ? Map.of() : agreement.counts();
    }

    private void work() {
        long nextNs = System.nanoTime();
        while (running) {
            Handshake handshake = dataplane.pollHandshake(Duration.ofNanos(Math.max(0, nextNs - System.nanoTime())));
            nextNs = lookAtAll(handshake);
        }
    }

    private synchronized long lookAtAll(Handshake handshake) {
        long nextNs = System.nanoTime() + LOOK.toNanos();
        String tunnel = handshake == null ? null : addressee(handshake);
        KeyAgreement addressee = agreements.get(tunnel);
        if (addressee != null) {
            guarded(tunnel, () -> addressee.onDatagram(handshake.source(), handshake.datagram(), System.nanoTime()));
        }
        for (Map.Entry<String, KeyAgreement> entry : agreements.entrySet()) {
            long dueNs = look(entry.getKey(), entry.getValue());
            nextNs = dueNs - nextNs < 0 ? dueNs : nextNs;
        }
        return nextNs;
    }

    /**
     * Whose a handshake is: told by its source, unless another tunnel's key opens it, whose peer has that address now;
     * else by the key. Null: nobody's.
     */
    private String addressee(Handshake handshake) {
        String known = handshake.tunnel();
        if (known != null && (agreements.size() == 1 || isFor(known, handshake))) {
            return known;
        }
        return agreements.keySet().stream().filter(tunnel -> !tunnel.equals(known) && isFor(tunnel, handshake))
            .findFirst().orElse(known);
    }

    private boolean isFor(String tunnel, Handshake handshake) {
        KeyAgreement agreement = agreements.get(tunnel);
        return agreement != null && agreement.isFor(handshake.datagram(), () -> strange.take(System.nanoTime()));
    }

    /** Returns when to look again at the latest. */
    private long look(String tunnel, KeyAgreement agreement) {
        long[] dueNs = {System.nanoTime() + LOOK.toNanos()};
        guarded(tunnel, () -> {
            agreement.onStatus(dataplane.keyUse(tunnel));
            dueNs[0] = agreement.onTick(System.nanoTime());
        });
        return dueNs[0];
    }

    /** What a worker refuses is asked of it again with the next handshake. */
    private void guarded(String tunnel, Runnable body) {
        try {
            body.run();
        } catch (DataplaneException e) {
            if (running) {
                LOG.warn("keys of tunnel {}: {}", tunnel, e.getMessage());
            }
        }
    }

    /** Ends the thread; the dataplane is still there. Keys that it has stay in use. */
    @Override
    public void close() {
        running = false;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            agreements.values().forEach(KeyAgreement::close);
            agreements.clear();
        }
    }

    /** From an agreement to its tunnel. */
    private final class Line implements Wire {
        private final String tunnel;

        Line(String tunnel) {
            this.tunnel = tunnel;
        }

        @Override
        public void send(InetSocketAddress to, byte[] datagram) {
            dataplane.sendHandshake(tunnel, to, datagram);
        }

        @Override
        public int index(int random) {
            return dataplane.sessionIndex(tunnel, random);
        }

        @Override
        public void install(TunnelKeys keys) {
            dataplane.installKeys(tunnel, keys);
        }
    }
}
