package org.violin.control.guest;

/** Told of every change of a guest's status, in order, on the runtime's own thread. Must not block. */
public interface GuestListener {
    void onGuestChanged(GuestStatus status);
}
