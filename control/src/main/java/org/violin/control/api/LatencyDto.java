package org.violin.control.api;

import java.util.List;
import org.violin.dataplane.Latency;

/**
 * How long the frames that left by a port had been inside: from the poll that told of them, at whatever port they came
 * in by, to the return of the system call that took them. Since the port was opened.
 *
 * @param port      its name
 * @param kind      {@code tap}, {@code unix} or {@code link}
 * @param bridge    the switch or patch it is plugged into
 * @param frames    frames that left
 * @param p50Nanos  half of them took no longer; this and the next two are at most 1/32 too long, and 0 without frames
 * @param maxNanos  the longest, exactly
 * @param buckets   how many took how long
 */
public record LatencyDto(
    String network, String port, String kind, String bridge, long frames,
    long p50Nanos, long p99Nanos, long p999Nanos, long maxNanos, List<Latency.Bucket> buckets) {

    /** What the ports of a host come to. */
    public static Latency sum(List<LatencyDto> ports) {
        return Latency.sum(ports.stream().map(port -> new Latency(port.buckets(), port.maxNanos())).toList());
    }
}
