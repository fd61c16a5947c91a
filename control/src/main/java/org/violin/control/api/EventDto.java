package org.violin.control.api;

/**
 * Something that happened.
 *
 * @param time    ISO-8601, UTC
 * @param network null for what concerns the daemon as a whole
 * @param kind    {@code guest-ready}, {@code guest-died}, {@code tunnel-up}, {@code network-applied}, ...
 * @param subject the guest, tunnel or network it happened to
 * @param text    for people; empty when the kind says all
 */
public record EventDto(String time, String network, String kind, String subject, String text) {
}
