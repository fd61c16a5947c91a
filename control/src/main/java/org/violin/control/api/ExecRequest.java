package org.violin.control.api;

import java.util.List;

/**
 * A command to run in a guest.
 *
 * @param argv the program and its arguments; no shell is in between
 */
public record ExecRequest(List<String> argv) {
}
