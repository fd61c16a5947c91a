package org.violin.control.guest;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.violin.control.os.LibcException;
import org.violin.control.os.UnixSocket;
import org.violin.control.spec.GuestSpec.NicSpec;

/**
 * UML's management console, a datagram socket in the guest's directory, by which its kernel is given vNICs and is rid
 * of them. The frames are those of arch/um/drivers/mconsole.h, in the host's byte order:
 *
 * <pre>
 *      question  | magic | version | length | text, 512 bytes |
 *      answer    | error | more    | length | text, 512 bytes |     error 0: done
 * </pre>
 */
final class Mconsole {
    private static final int MAGIC = 0xcafebabe;
    private static final int VERSION = 2;
    private static final int TEXT_BYTES = 512;
    /** Of an answer: the error, whether more follows, and how long the text is. Of a question as many. */
    private static final int HEADER_BYTES = 3 * Integer.BYTES;
    private static final int FRAME_BYTES = HEADER_BYTES + TEXT_BYTES;
    private static final int NO_SUCH_DEVICE = 19;
    /** A kernel under load answers in some ms. */
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Path socket;

    Mconsole(Path socket) {
        this.socket = socket;
    }

    /** How a vNIC is called by the driver, and what it is: {@code vec1:transport=bess,...}. */
    static String device(NicSpec nic) {
        return "vec" + nic.number() + ":transport=bess,dst=" + GuestDirectory.socketName(nic.name()) + ",mac="
            + nic.mac() + ",mtu=" + nic.mtu();
    }

    /** Makes the device {@code vec<n>} of a vNIC. */
    void add(NicSpec nic) {
        ask("config " + device(nic), 0);
    }

    /** Removes a vNIC's device, which must be down. One that is not there is no error. */
    void remove(NicSpec nic) {
        ask("remove vec" + nic.number(), NO_SUCH_DEVICE);
    }

    private void ask(String command, int harmless) {
        byte[] text = command.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer question = ByteBuffer.allocate(FRAME_BYTES).order(ByteOrder.nativeOrder())
            .putInt(MAGIC).putInt(VERSION).putInt(text.length).put(text);
        ByteBuffer answer = ByteBuffer.allocate(FRAME_BYTES).order(ByteOrder.nativeOrder());
        try (UnixSocket asked = UnixSocket.connect(socket, UnixSocket.Kind.DATAGRAM, LIMIT)) {
            asked.write(question.array(), null);
            answer.limit(asked.read(answer.array()));
        } catch (LibcException | IllegalArgumentException e) {
            throw new GuestException("the guest's kernel cannot be asked: " + e.getMessage(), e);
        }
        if (answer.limit() < HEADER_BYTES) {
            throw new GuestException("the guest's kernel answers '" + command + "' with " + answer.limit()
                + " bytes, where at least " + HEADER_BYTES + " are wanted");
        }
        int error = answer.getInt(0);
        if (error != 0 && Math.abs(error) != harmless) {
            int length = Math.clamp(answer.getInt(2 * Integer.BYTES), 0, answer.limit() - HEADER_BYTES);
            throw new GuestException("the guest's kernel refuses '" + command + "': "
                + new String(answer.array(), HEADER_BYTES, length, StandardCharsets.US_ASCII).strip()
                + " (error " + Math.abs(error) + ")");
        }
    }
}
