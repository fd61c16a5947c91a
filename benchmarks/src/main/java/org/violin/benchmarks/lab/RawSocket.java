package org.violin.benchmarks.lab;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.violin.control.os.Libc;

/**
 * A packet socket (AF_PACKET) on one device of one network namespace, or on all, for whole Ethernet frames. One thread
 * uses it. Numbers are those of Linux on x86-64.
 */
public final class RawSocket implements AutoCloseable {
    /** IEEE 802: local experimental EtherType 1. */
    public static final short ETHER_TYPE = (short) 0x88b5;
    /** Of Ethernet's header. */
    public static final int HEADER_BYTES = 14;

    private static final short NOTHING = 0;
    private static final int ALL_DEVICES = 0;

    private static final int AF_PACKET = 17;
    private static final int SOCK_RAW = 3;
    private static final int SOCK_CLOEXEC = 0x80000;
    private static final int ADDRESS_BYTES = 20;
    private static final int MSG_DONTWAIT = 0x40;

    static {
        Native.register(RawSocket.class, "c");
    }

    private final int fd;

    /** The device must be there, in the calling thread's namespace. */
    private RawSocket(int fd) {
        this.fd = fd;
    }

    /** Null while the device is not there. */
    public static RawSocket open(String device) {
        int index = indexOf(device);
        return index == 0 ? null : open(index, ETHER_TYPE);
    }

    /** One that only sends; null while the device is not there. */
    public static RawSocket sender(String device) {
        int index = indexOf(device);
        return index == 0 ? null : open(index, NOTHING);
    }

    /** One that receives what comes by any device. */
    public static RawSocket receiver() {
        return open(ALL_DEVICES, ETHER_TYPE);
    }

    private static RawSocket open(int index, short etherType) {
        int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
        ByteBuffer address = ByteBuffer.allocate(ADDRESS_BYTES).order(ByteOrder.nativeOrder());
        address.putShort((short) AF_PACKET).putShort(Short.reverseBytes(etherType)).putInt(index);
        try {
            bind(fd, address.array(), ADDRESS_BYTES);
            return new RawSocket(fd);
        } catch (LastErrorException e) {
            Libc.closeFile(fd);
            return null;
        }
    }

    private static int indexOf(String device) {
        try {
            return if_nametoindex(device);
        } catch (LastErrorException e) {
            return 0;
        }
    }

    /** False while the device is down, or when it has gone. */
    public boolean send(byte[] frame) {
        try {
            return send(fd, frame, frame.length, 0) == frame.length;
        } catch (LastErrorException e) {
            return false;
        }
    }

    /** The length of a frame of {@link #ETHER_TYPE} that has come, at once; -1: none. */
    public long receive(byte[] frame) {
        try {
            return recv(fd, frame, frame.length, MSG_DONTWAIT);
        } catch (LastErrorException e) {
            return -1;
        }
    }

    @Override
    public void close() {
        Libc.closeFile(fd);
    }

    private static native int if_nametoindex(String device) throws LastErrorException;

    private static native int socket(int domain, int type, int protocol) throws LastErrorException;

    private static native int bind(int socket, byte[] address, int bytes) throws LastErrorException;

    private static native long send(int socket, byte[] data, long bytes, int flags) throws LastErrorException;

    private static native long recv(int socket, byte[] data, long bytes, int flags) throws LastErrorException;
}
