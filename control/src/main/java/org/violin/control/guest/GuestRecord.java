package org.violin.control.guest;

import java.util.ArrayList;
import java.util.List;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.GuestSpec.NicSpec;

/**
 * What a guest's directory says of it, in {@code guest.json}.
 *
 * @param spec            what it was started or last configured with
 * @param plugged         the vNICs that its kernel has, by all that is known; null, as in what versions without it have
 *                        written: those of the spec
 * @param process         of the last start; {@link GuestProcess#NONE} after an orderly end, and while it is starting
 * @param startedAtMillis since the epoch
 * @param image           the root file system its overlay belongs to
 */
record GuestRecord(
    GuestSpec spec, List<NicSpec> plugged, GuestProcess process, long startedAtMillis, String image) {
    GuestRecord {
        plugged = plugged == null ? spec.nics() : List.copyOf(plugged);
    }

    GuestRecord withProcess(GuestProcess newProcess) {
        return new GuestRecord(spec, plugged, newProcess, startedAtMillis, image);
    }

    GuestRecord withSpec(GuestSpec newSpec) {
        return new GuestRecord(newSpec, plugged, process, startedAtMillis, image);
    }

    GuestRecord withPlugged(NicSpec nic) {
        List<NicSpec> now = new ArrayList<>(withoutPlugged(nic).plugged);
        now.add(nic);
        return new GuestRecord(spec, now, process, startedAtMillis, image);
    }

    GuestRecord withoutPlugged(NicSpec nic) {
        List<NicSpec> now = plugged.stream().filter(other -> !other.name().equals(nic.name())).toList();
        return new GuestRecord(spec, now, process, startedAtMillis, image);
    }
}
