package org.violin.control.cli;

/** The {@code violin} command. */
public final class Main {
    private Main() {
    }

    public static void main(String[] args) {
        System.exit(0);
    }
}
