package org.violin.dataplane.sys;

/**
 * An interface of the host as it was at one moment.
 *
 * @param index of the interface itself: another of the same name has another
 * @param mtu   in bytes
 * @param flags of {@code <linux/if.h>}
 * @param type  of {@code <linux/if_arp.h>}
 */
public record HostInterface(int index, int mtu, int flags, int type) {
    private static final int IFF_UP = 0x1;
    private static final int IFF_RUNNING = 0x40;
    private static final int ARPHRD_ETHER = 1;

    public boolean isEthernet() {
        return type == ARPHRD_ETHER;
    }

    /** Somebody has set it up; it may still have no cable. */
    public boolean isUp() {
        return (flags & IFF_UP) != 0;
    }

    /** It is up, and its cable is plugged in. */
    public boolean passesFrames() {
        return isUp() && (flags & IFF_RUNNING) != 0;
    }
}
