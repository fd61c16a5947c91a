package org.violin.control.api;

/**
 * What became of one frame, and how long it took from stage to stage.
 *
 * @param ingress     the port that it came in by
 * @param egress      the port that it left by; null: it was flooded, or dropped
 * @param drop        why it was dropped; null: it was not
 * @param bytes       of the frame, with its headers
 * @param superFrame  it stands for several segments
 * @param readNanos   from the poll that told of it until it was read, and decoded if it came out of a tunnel
 * @param decideNanos from there until the switch or patch had decided
 * @param queueNanos  from there until it stood in line at its egress port
 * @param sendNanos   from there until the system call that took it had returned; 0 when it was dropped
 */
public record TraceDto(
    String network, String ingress, String egress, String drop, int bytes, boolean superFrame,
    long readNanos, long decideNanos, long queueNanos, long sendNanos) {
}
