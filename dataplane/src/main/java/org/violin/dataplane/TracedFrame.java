package org.violin.dataplane;

/**
 * What became of a frame, and how long it took, in nanoseconds from stage to stage. What the worker does for a batch of
 * frames at once each of them has waited for, so the times are those of the batch that the frame was in.
 *
 * @param ingress     the port that it came in by
 * @param egress      the port that it left by; null: it was flooded, or dropped
 * @param drop        why it was dropped, by the label of a {@code DropReason}; null: it was not
 * @param bytes       of the frame, with its headers
 * @param superFrame  it stands for several segments
 * @param readNanos   from the poll that told of it until it was read, and decoded if it came out of a tunnel
 * @param decideNanos from there until the bridge had decided
 * @param queueNanos  from there until it stood in line at its egress port
 * @param sendNanos   from there until the system call that took it had returned; for a flooded frame, the last one; 0
 *                    for one that was dropped
 */
public record TracedFrame(
    String ingress, String egress, String drop, int bytes, boolean superFrame,
    long readNanos, long decideNanos, long queueNanos, long sendNanos) {
}
