package org.violin.dataplane.sys;

/** What a poller tells when a descriptor has something: it only marks, frames are taken later in bounded batches. */
@FunctionalInterface
public interface Ready {
    /** Called by {@link Poller#poll} on the worker's thread. */
    void onReady();
}
