package org.violin.control.cli;

/** Exit codes of the {@code violin} command. {@code violin exec} ends with its command's code instead. */
final class Exit {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int INVALID_TOPOLOGY = 3;
    /** Up, but a guest or a tunnel is not. */
    static final int DEGRADED = 4;

    private Exit() {
    }
}
