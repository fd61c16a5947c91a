package org.violin.dataplane.sys;

import java.util.function.IntSupplier;

/**
 * The seam between the worker and the kernel's way of waiting: readiness (epoll), or completions. A poller makes the
 * channels through which frames pass, because how a frame is read depends on how it was waited for.
 *
 * <p>All methods but {@link #wakeup} belong to the worker's thread. Channels are closed before their poller.
 */
public interface Poller extends AutoCloseable {

    /**
     * Frames of a TAP device. The channel takes the descriptor and closes it.
     *
     * @param offload what {@link Devices#tapOffload} said
     */
    FrameChannel tap(int fd, int offload, Ready ready);

    /**
     * Frames of a packet socket. The channel takes the descriptor and closes it.
     *
     * @param mtu of its interface in bytes, asked for once a batch: longer frames are not sent
     */
    FrameChannel packet(int fd, IntSupplier mtu, Ready ready);

    /** The way out of a packet socket whose frames another worker reads; the channel takes a duplicate descriptor. */
    default FrameChannel packetEgress(int fd, IntSupplier mtu) {
        return VnetChannel.ofPacket(fd, mtu, NoIntake.INSTANCE);
    }

    /** Frames of a connected unix SEQPACKET socket. The channel takes the descriptor and closes it. */
    FrameChannel seqpacket(int fd, Ready ready);

    /**
     * The way out of a unix SEQPACKET socket whose frames another worker reads: nothing is received. The channel takes
     * the descriptor, a duplicate, and closes it.
     */
    default FrameChannel seqpacketEgress(int fd) {
        return new SeqpacketChannel(fd, NoIntake.INSTANCE);
    }

    /** Datagrams of a UDP socket. The channel takes the descriptor and closes it. */
    DatagramChannel udp(int fd, Ready ready);

    /**
     * The way out of a UDP socket whose datagrams another worker reads: nothing is received. The channel takes the
     * descriptor, a duplicate, and closes it.
     */
    default DatagramChannel udpEgress(int fd) {
        return new UdpChannel(fd, new NoDatagramIntake());
    }

    /** Reports a descriptor that is not for frames, such as a listening socket. The caller keeps the descriptor. */
    void watch(int fd, Ready ready);

    /** Ends {@link #watch}. */
    void unwatch(int fd);

    /**
     * Waits until something is ready, at most {@code timeoutNs} (0: not at all), and calls {@link Ready#onReady} for
     * each. Returns how many were ready.
     */
    int poll(long timeoutNs);

    /** Ends a {@link #poll} that waits, or else the next one. Any thread; nothing happens once the poller is closed. */
    void wakeup();

    @Override
    void close();
}
