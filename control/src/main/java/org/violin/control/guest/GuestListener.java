package org.violin.control.guest;

/** Hears of every change of a guest's state. */
public interface GuestListener {
    void onGuestChanged(GuestStatus status);
}
