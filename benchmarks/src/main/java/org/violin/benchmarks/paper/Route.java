package org.violin.benchmarks.paper;

import java.util.List;
import org.violin.benchmarks.lab.BenchException;
import org.violin.benchmarks.lab.Iperf;
import org.violin.benchmarks.lab.Machine;
import org.violin.benchmarks.lab.Spawned;

/**
 * What a row measures on a testbed.
 *
 * @param from    where loads begin: the client of pings and of TCP
 * @param target  the IPv4 address by which it reaches the other end
 * @param to      the other end
 * @param bind    the address that a server listens at there
 * @param pings   whether pings pass; only TCP does otherwise
 * @param carrier the TCP connection that carries all of it; null if none does
 */
record Route(Machine from, String target, Machine to, String bind, boolean pings, Carrier carrier) {
    private static final double ALIVE_SECONDS = 15;

    static Route between(Machine from, Machine to, String address) {
        return new Route(from, address, to, address, true, null);
    }

    /** A load between the two; its server is started. */
    Iperf iperf() {
        return new Iperf(from, target, to, bind);
    }

    /** Whether anything passes any more. */
    boolean isAlive() {
        if (!pings) {
            return false;
        }
        Spawned ping = from.load("alive", List.of("ping", "-q", "-c", "10", "-i", "0.2", "-W", "1", target));
        try {
            return ping.awaitEnd(ALIVE_SECONDS) == 0;
        } catch (BenchException e) {
            return false;
        }
    }
}
