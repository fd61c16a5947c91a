package org.violin.dataplane;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;

/**
 * What a dataplane is launched with.
 *
 * @param name       a label for threads and error messages, normally the host's name
 * @param listen     where the tunnels' UDP sockets bind; null: no tunnels can be opened
 * @param engine     how frames are read
 * @param workers    threads that move frames, 1 to {@value #MAX_WORKERS}
 * @param cpus       the CPU that each worker runs on, one a worker; empty: wherever the kernel puts them
 * @param priority   whether workers run before ordinary threads
 * @param frameSlots slots of each worker's frame pool, 64 KiB of address space each; a power of two
 */
public record DataplaneConfig(
    String name, InetSocketAddress listen, IoEngine engine, int workers, List<Integer> cpus, WorkerPriority priority,
    int frameSlots) {

    /** Slots that a host with some dozens of guests needs at full load. */
    public static final int DEFAULT_FRAME_SLOTS = 4096;
    public static final int MAX_WORKERS = 64;

    public DataplaneConfig {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(engine, "engine");
        Objects.requireNonNull(priority, "priority");
        cpus = List.copyOf(cpus);
        if (workers < 1 || workers > MAX_WORKERS) {
            throw new IllegalArgumentException("workers: " + workers + ": 1 to " + MAX_WORKERS);
        }
        if (!cpus.isEmpty() && cpus.size() != workers) {
            throw new IllegalArgumentException(
                "cpus: " + cpus.size() + " for " + workers + " workers: name one for each, or none");
        }
        if (Integer.bitCount(frameSlots) != 1 || frameSlots < 256 || frameSlots > 1 << 14) {
            throw new IllegalArgumentException("frameSlots: " + frameSlots + ": a power of two, 256 to 16384");
        }
    }

    public static DataplaneConfig of(String name, InetSocketAddress listen) {
        return new DataplaneConfig(
            name, listen, IoEngine.AUTO, 1, List.of(), WorkerPriority.NORMAL, DEFAULT_FRAME_SLOTS);
    }

    public DataplaneConfig withEngine(IoEngine other) {
        return new DataplaneConfig(name, listen, other, workers, cpus, priority, frameSlots);
    }

    /** The same with so many workers, which run on {@code cpuPerWorker}; wherever the kernel puts them if empty. */
    public DataplaneConfig withWorkers(int count, List<Integer> cpuPerWorker) {
        return new DataplaneConfig(name, listen, engine, count, cpuPerWorker, priority, frameSlots);
    }

    /** The same with so many slots a worker; a tunnel takes 16 of its worker's for fragments. */
    public DataplaneConfig withFrameSlots(int slots) {
        return new DataplaneConfig(name, listen, engine, workers, cpus, priority, slots);
    }

    public DataplaneConfig withPriority(WorkerPriority other) {
        return new DataplaneConfig(name, listen, engine, workers, cpus, other, frameSlots);
    }
}
