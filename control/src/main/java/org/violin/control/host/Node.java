package org.violin.control.host;

import org.violin.control.guest.GuestStatus;
import org.violin.control.spec.GuestSpec;

/**
 * A guest: what it shall be and what it is.
 *
 * @param wanted whether it shall run
 */
public record Node(String network, GuestSpec spec, boolean wanted, GuestStatus status) {
}
