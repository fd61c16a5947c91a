package org.violin.control.host;

import org.violin.control.guest.GuestStatus;
import org.violin.control.spec.GuestSpec;

/**
 * A guest: what it shall be and what it is.
 *
 * @param wanted     whether it shall run
 * @param leavingFor the host that it is on its way to, and until it is there it does not run; null: none
 */
public record Node(String network, GuestSpec spec, boolean wanted, String leavingFor, GuestStatus status) {
}
