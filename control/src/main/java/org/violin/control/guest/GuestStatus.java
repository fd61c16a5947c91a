package org.violin.control.guest;

/**
 * A guest at one moment.
 *
 * @param pid             of UML's main process; 0 when none runs
 * @param startedAtMillis when it was last started, since the epoch; 0: never
 * @param detail          for people. BOOTING: what it waits for; READY: empty, or what of its configuration failed;
 *                        DEAD: how it died and the tail of its console
 */
public record GuestStatus(String network, String name, State state, long pid, long startedAtMillis, String detail) {
    public enum State {
        /** Its process runs; its agent has not answered yet, or its addresses are being set. */
        BOOTING,
        /** Its agent answers and its addresses are set. */
        READY,
        /** Ended as asked from outside or inside (poweroff, reboot), or never started. */
        STOPPED,
        /** Ended without being asked to stop. */
        DEAD
    }
}
