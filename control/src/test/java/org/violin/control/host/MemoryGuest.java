package org.violin.control.host;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.violin.control.guest.GuestStatus;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;

/** A guest in memory: by its vNICs, the sockets of the ports that these are plugged into. */
final class MemoryGuest {
    GuestSpec spec;
    GuestStatus.State state;
    final Map<String, Object> sockets = new TreeMap<>();

    /** Takes another specification; returns the vNICs that are new in it. */
    List<String> become(GuestSpec other) {
        List<String> fresh = other.nics().stream().filter(nic -> spec.nics().stream().noneMatch(nic::isSameDevice))
            .map(NicSpec::name).toList();
        sockets.keySet().retainAll(other.nics().stream().map(NicSpec::name).toList());
        spec = other;
        return fresh;
    }

    GuestStatus status(String network) {
        long pid = state == GuestStatus.State.READY ? 1 : 0;
        return new GuestStatus(network, spec.name(), state, pid, 0,
            state == GuestStatus.State.DEAD ? "killed by signal 9" : "");
    }
}
