package org.violin.control.keys;

import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.violin.dataplane.SealCipher;

/** Two sides, a path that loses, delays, reorders and repeats, and a clock that the test moves. */
final class Simulation {
    static final long SECOND_NS = Side.SECOND_NS;
    static final long STEP_NS = SECOND_NS / 200;
    private static final long STATUS_NS = SECOND_NS / 10;
    private static final long HELLO_NS = SECOND_NS / 2;

    private record Packet(long atNs, long order, int to, Object datagram) { }

    private final SharedKey key = new SharedKey(new byte[SharedKey.BYTES]);
    private final SplittableRandom random;
    private final PriorityQueue<Packet> path = new PriorityQueue<>(
        (a, b) -> a.atNs == b.atNs ? Long.compare(a.order, b.order) : Long.signum(a.atNs - b.atNs));
    private final Side[] sides = new Side[2];
    private long order;

    /** Near the end of a clock's range, so that sums of times wrap. */
    long nowNs = Long.MAX_VALUE - 20 * SECOND_NS;
    Duration renewal = KeyAgreement.RENEWAL_DEFAULT;
    double[] loss = {0, 0};
    double repeat;
    /** Shared keys come from control connections, which sides make that want one, where they can. */
    boolean connections;
    boolean[] connects = {true, true};
    /** Of connections, those that end when the server has the key and the client has not. */
    double halfWay;
    private final long[] connectNs = {nowNs, nowNs};
    boolean forgets;
    Side.Waiting onConfirmed = Side.Waiting.ENDS;
    long delayNs = SECOND_NS / 100;
    long jitterNs;

    Simulation(SplittableRandom random) {
        this.random = random;
    }

    /** Side 0 or 1 starts, or starts again with nothing that it knew. */
    void start(int index) {
        sides[index] = new Side(connections ? null : key, List.of(SealCipher.values()), renewal,
            new SeededRandom(random.split()), nowNs, datagram -> send(1 - index, datagram));
        sides[index].forgets = forgets;
        sides[index].onConfirmed = onConfirmed;
    }

    Side side(int index) {
        return sides[index];
    }

    /** A server takes a key, and a little later the client. */
    void connect(int client) {
        Side from = sides[client];
        Side to = sides[1 - client];
        connectNs[client] = nowNs + (long) (2 * SECOND_NS * (1 - random.nextDouble(0.25)));
        if (to == null || !connects[client]) {
            return;
        }
        byte[] bytes = new byte[SharedKey.BYTES];
        random.nextBytes(bytes);
        to.onKey(new SharedKey(bytes.clone()), false, nowNs);
        connectNs[1 - client] = nowNs + 5 * SECOND_NS;
        if (random.nextDouble() >= halfWay) {
            connectNs[client] = nowNs + 5 * SECOND_NS;
            Runnable ready = () -> from.onKey(new SharedKey(bytes), true, nowNs);
            path.add(new Packet(nowNs + delayNs, order++, client, ready));
        }
    }

    private void send(int to, Object datagram) {
        if (random.nextDouble() < loss[to]) {
            return;
        }
        for (int copies = random.nextDouble() < repeat ? 2 : 1; copies > 0; copies--) {
            long atNs = nowNs + delayNs + (jitterNs == 0 ? 0 : random.nextLong(jitterNs));
            path.add(new Packet(atNs, order++, to, datagram));
        }
    }

    void run(long durationNs) {
        run(durationNs, () -> { });
    }

    /** @param check after every step */
    void run(long durationNs, Runnable check) {
        for (long leftNs = durationNs; leftNs > 0; leftNs -= STEP_NS) {
            nowNs += STEP_NS;
            while (!path.isEmpty() && path.peek().atNs - nowNs <= 0) {
                Packet packet = path.remove();
                if (packet.datagram instanceof Runnable event) {
                    event.run(); // of a side that has ended, nothing comes of it
                } else if (sides[packet.to] != null) {
                    sides[packet.to].receive(packet.datagram, nowNs);
                }
            }
            for (int i = 0; i < sides.length; i++) {
                Side side = sides[i];
                if (side == null) {
                    continue;
                }
                if (connections && side.agreement.wantsSharedKey(nowNs) && connectNs[i] - nowNs <= 0) {
                    connect(i);
                }
                if (leftNs % STATUS_NS < STEP_NS) {
                    side.status(nowNs);
                }
                if (leftNs % HELLO_NS < STEP_NS) {
                    side.hello(nowNs);
                }
                side.tick(nowNs);
            }
            check.run();
        }
    }

    boolean bothUp() {
        return sides[0].isUp(nowNs) && sides[1].isUp(nowNs);
    }

    long count(KeyEvent event) {
        return sides[0].count(event) + sides[1].count(event);
    }
}
