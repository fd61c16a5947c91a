package org.violin.control.guest;

/** A guest as it was at one moment. */
public record GuestStatus(
    String network, String name, State state, long pid, long startedAtMillis, String detail) {
    public enum State { BOOTING, READY, STOPPED, DEAD }
}
