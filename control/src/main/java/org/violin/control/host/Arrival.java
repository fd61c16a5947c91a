package org.violin.control.host;

import org.violin.control.host.HostException.Kind;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.NetworkSpec;

/**
 * A guest that comes from another host with its disk, which is here already.
 *
 * @param stopped whether it is not to run, as the operator has stopped it there
 */
public record Arrival(String guest, boolean stopped) {

    /**
     * Makes the disk the guest's own. Comes before the journal says that the guest is here, for one that is here and
     * has no disk begins with an empty one; if that is never said, the next start of the daemon deletes the disk.
     */
    void settle(HostDriver driver, Network now, NetworkSpec wanted) {
        if (now.has(guest)) {
            throw new HostException(Kind.CONFLICT, "guest " + guest + " is on this host already");
        }
        GuestSpec spec = wanted.guests().stream().filter(each -> each.name().equals(guest)).findFirst()
            .orElseThrow(() -> new HostException(Kind.INVALID, "guest " + guest + " is not in the specification"));
        driver.disks().settle(wanted.network(), spec);
    }
}
