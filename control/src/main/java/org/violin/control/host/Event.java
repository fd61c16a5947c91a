package org.violin.control.host;

import java.time.Instant;

/**
 * Something that happened.
 *
 * @param network null for what concerns the daemon as a whole
 * @param kind    {@code guest-ready}, {@code tunnel-up}, ...
 * @param subject the guest, tunnel or network it happened to
 * @param text    for people; empty when the kind says all
 */
public record Event(Instant time, String network, String kind, String subject, String text) {
}
