package org.violin.control.guest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import org.violin.control.os.LibcException;
import org.violin.control.os.UnixSocket;

/**
 * A session at QEMU's monitor (QMP): questions and answers are lines of JSON, events come in between. There is one at a
 * time; another one waits until this is closed, so it is to be short. Errors: {@link GuestException}.
 */
final class Qmp implements AutoCloseable {
    /** A QEMU under load answers in some ms. */
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final int LINE_BYTES_MAX = 1 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final UnixSocket socket;
    private final byte[] come = new byte[4096];
    private int comeBytes;
    private int taken;

    private Qmp(UnixSocket socket) {
        this.socket = socket;
    }

    /** Throws {@link LibcException} if nobody listens there. */
    static Qmp open(Path path) {
        Qmp qmp = new Qmp(UnixSocket.connect(path, UnixSocket.Kind.STREAM, LIMIT));
        try {
            qmp.await(line -> line.has("QMP"));
            qmp.ask("qmp_capabilities");
            return qmp;
        } catch (RuntimeException e) {
            qmp.close();
            throw e;
        }
    }

    JsonNode ask(String command) {
        return ask(command, Map.of());
    }

    JsonNode ask(String command, Map<String, ?> arguments) {
        return ask(command, arguments, null);
    }

    /** @param passed a connection that QEMU gets with it; null: none */
    JsonNode ask(String command, Map<String, ?> arguments, UnixSocket passed) {
        JsonNode answer = put(command, arguments, passed);
        if (answer.has("error")) {
            throw new GuestException("QEMU refuses '" + command + "': " + answer.at("/error/desc").asText());
        }
        return answer.get("return");
    }

    /** As {@link #ask}; false if it names what is not there. */
    boolean tried(String command, Map<String, ?> arguments) {
        JsonNode answer = put(command, arguments, null);
        boolean isMissing = answer.at("/error/class").asText().equals("DeviceNotFound")
            || answer.at("/error/desc").asText().endsWith("not found");
        if (answer.has("error") && !isMissing) {
            throw new GuestException("QEMU refuses '" + command + "': " + answer.at("/error/desc").asText());
        }
        return !isMissing;
    }

    private JsonNode put(String command, Map<String, ?> arguments, UnixSocket passed) {
        try {
            socket.write((JSON.writeValueAsString(Map.of("execute", command, "arguments", arguments)) + "\n")
                .getBytes(StandardCharsets.UTF_8), passed);
        } catch (JsonProcessingException | LibcException e) {
            throw new GuestException("QEMU cannot be asked: " + e.getMessage(), e);
        }
        return await(line -> line.has("return") || line.has("error"));
    }

    /** Waits until a device is gone that the guest has been asked to let go of. */
    void awaitDeleted(String device) {
        await(line -> line.path("event").asText().equals("DEVICE_DELETED")
            && line.at("/data/device").asText().equals(device));
    }

    private JsonNode await(Predicate<JsonNode> wanted) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() - deadline < 0) {
            try {
                JsonNode line = JSON.readTree(line());
                if (wanted.test(line)) {
                    return line;
                }
            } catch (JsonProcessingException | LibcException e) {
                throw new GuestException("QEMU does not answer: " + e.getMessage(), e);
            }
        }
        throw new GuestException("QEMU has not answered for " + LIMIT.toSeconds() + " s");
    }

    private String line() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() < LINE_BYTES_MAX) {
            if (taken == comeBytes) {
                comeBytes = socket.read(come);
                taken = 0;
                if (comeBytes == 0) {
                    throw new GuestException("QEMU has ended");
                }
            }
            byte next = come[taken++];
            if (next == '\n') {
                return line.toString(StandardCharsets.UTF_8);
            }
            line.write(next);
        }
        throw new GuestException("QEMU answers with more than " + LINE_BYTES_MAX + " bytes");
    }

    @Override
    public void close() {
        socket.close();
    }
}
