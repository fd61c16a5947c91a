package org.violin.control.api;

/** What became of a ping: the round trip in nanoseconds; null: no answer came within a second. */
public record PingDto(Long nanos) {
}
