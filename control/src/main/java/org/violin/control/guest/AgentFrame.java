package org.violin.control.guest;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/**
 * One frame of the agent's line. The protocol is told at the top of {@code native/guest/agent.c}; this mirrors
 * {@code native/guest/agent.h}.
 *
 * @param type    one of the constants
 * @param payload owned by the frame
 */
record AgentFrame(int type, int epoch, int id, byte[] payload) {
    static final int MAGIC = 0x56674131;
    static final int VERSION = 1;
    static final int HEADER_BYTES = 16;
    static final int OVERHEAD_BYTES = HEADER_BYTES + 4;
    static final int TO_GUEST_PAYLOAD_MAX = 1024;
    static final int FROM_GUEST_PAYLOAD_MAX = 8192;
    /** Bytes of output that a command may send before it is given more. */
    static final int INITIAL_CREDIT_BYTES = 131072;

    /** Bytes of a command's arguments, each with its final NUL. */
    static final int ARGUMENTS_BYTES_MAX = 65536;

    static final int HELLO = 1;
    static final int RUN = 2;
    static final int CREDIT = 3;
    static final int CANCEL = 4;
    static final int POWEROFF = 5;
    static final int STDOUT = 6;
    static final int STDERR = 7;
    static final int EXIT = 8;
    static final int FAILED = 9;
    static final int ARGUMENTS = 10;
    static final int ACK = 11;
    static final int PING = 12;

    byte[] encode() {
        ByteBuffer to = ByteBuffer.allocate(payload.length + OVERHEAD_BYTES);
        to.putInt(MAGIC).putInt(epoch).putInt(id).putShort((short) payload.length).put((byte) type).put((byte) VERSION);
        to.put(payload);
        to.putInt(crc(to.array(), 4, to.position() - 4));
        return to.array();
    }

    static int crc(byte[] bytes, int offset, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, offset, length);
        return (int) crc.getValue();
    }
}
