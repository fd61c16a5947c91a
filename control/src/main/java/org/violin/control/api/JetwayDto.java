package org.violin.control.api;

import org.violin.control.spec.JetwaySpec;

/**
 * A jetway of a network.
 *
 * @param state {@code on}, {@code off}, or {@code failed}: it is to be on, and could not be made
 */
public record JetwayDto(String network, String state, JetwaySpec spec) {
    public static final String FAILED = "failed";
}
