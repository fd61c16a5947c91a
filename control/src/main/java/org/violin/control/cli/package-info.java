/**
 * The {@code violin} command: one class for each subcommand, and how they speak to a terminal. A command runs on the
 * main thread and ends the JVM with its exit code. Loads as little as it can: a command must answer at once. May import
 * every package of control, and the dataplane's public face.
 */
package org.violin.control.cli;
