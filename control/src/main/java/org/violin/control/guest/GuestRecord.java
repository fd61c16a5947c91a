package org.violin.control.guest;

import org.violin.control.spec.GuestSpec;

/**
 * What a guest's directory says of it, in {@code guest.json}.
 *
 * @param spec            what it was started or last configured with
 * @param process         of the last start; {@link GuestProcess#NONE} after an orderly end, and while it is starting
 * @param startedAtMillis since the epoch
 * @param image           the root file system its overlay belongs to
 */
record GuestRecord(GuestSpec spec, GuestProcess process, long startedAtMillis, String image) {
    GuestRecord withProcess(GuestProcess newProcess) {
        return new GuestRecord(spec, newProcess, startedAtMillis, image);
    }

    GuestRecord withSpec(GuestSpec newSpec) {
        return new GuestRecord(newSpec, process, startedAtMillis, image);
    }
}
