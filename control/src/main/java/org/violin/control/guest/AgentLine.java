package org.violin.control.guest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The daemon's end of a guest's agent line, from open to close one epoch. Thread-safe.
 *
 * <p>The line is two FIFOs that the guest holds open, so reading never meets an end and writing blocks when the guest
 * does not read. Hence a reader thread and a writer thread with a bounded queue; {@link #close()} ends both. Both FIFOs
 * are opened for reading and writing, since Linux then never waits for the other side.
 *
 * <p>Frames to the guest go one by one, each after the ACK of the one before: what UML is sent and its agent has not
 * yet read must stay well below 4 KiB: see agent.c.
 */
final class AgentLine implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentLine.class);
    private static final int QUEUED_FRAMES_MAX = 64;
    /** The agent gives a daemon up that is silent for four of these. */
    private static final int PING_SECONDS = 3;
    private static final int SEND_TIMEOUT_SECONDS = 5;

    /** A frame, and for which life of the agent: what was meant for one that has restarted is not sent. */
    private record Outgoing(int life, byte[] bytes) {
    }

    private final String name;
    private final Runnable onReady;
    private final int epoch;
    private final FileChannel toGuest;
    private final FileChannel fromGuest;
    private final BlockingQueue<Outgoing> queue = new ArrayBlockingQueue<>(QUEUED_FRAMES_MAX);
    /** One permit when the agent awaits a frame. */
    private final Semaphore sendable = new Semaphore(0);
    private final Object argumentsLock = new Object();
    private final Map<Integer, AgentExecution> executions = new ConcurrentHashMap<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private final Thread reader;
    private final Thread writer;
    private volatile int life; // written by greet() only, which the opener and then the reader thread call
    private volatile boolean ready;
    private volatile String closedBecause;

    /** @param onReady called on the reader thread whenever the agent, new or restarted, has answered */
    AgentLine(String name, Path toGuest, Path fromGuest, Runnable onReady) {
        this.name = name;
        this.onReady = onReady;
        int random = new SecureRandom().nextInt();
        this.epoch = random == 0 ? 1 : random; // 0 is the agent's own announcement
        try {
            this.toGuest = FileChannel.open(toGuest, StandardOpenOption.READ, StandardOpenOption.WRITE);
            this.fromGuest = FileChannel.open(fromGuest, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new UncheckedIOException(name + ": agent line", e);
        }
        reader = Thread.ofPlatform().name("agent-in-" + name).daemon().unstarted(this::readAll);
        writer = Thread.ofPlatform().name("agent-out-" + name).daemon().unstarted(this::writeAll);
    }

    /** @param greet false for a guest that is about to start: its agent speaks first */
    void open(boolean greet) {
        if (greet) {
            greet();
        }
        reader.start();
        writer.start();
    }

    boolean isReady() {
        return ready;
    }

    /**
     * Runs a command in the guest and waits for its end.
     *
     * @param cancelled asked several times a second; once true, the command is ended
     * @return exit status; 128 + signal
     */
    int run(List<String> argv, ExecOutput output, BooleanSupplier cancelled) {
        byte[] arguments = encode(argv);
        if (!ready) {
            throw new GuestException(name + ": its agent does not answer yet");
        }
        int id = lastId.incrementAndGet();
        AgentExecution execution = new AgentExecution(name, id, this::send);
        executions.put(id, execution);
        try {
            if (closedBecause != null) { // after the put: whoever closes fails what is in the map
                throw new GuestException(closedBecause);
            }
            sendRun(id, arguments);
            return execution.await(output, cancelled);
        } finally {
            executions.remove(id);
        }
    }

    /** Asks the agent to power the guest off; its end is seen elsewhere. */
    void powerOff() {
        send(AgentFrame.POWEROFF, 0, new byte[0]);
    }

    /** Ends both threads; running commands fail. Idempotent. */
    @Override
    public void close() {
        close(name + ": the line to its agent is closed");
    }

    void close(String reason) {
        if (closedBecause != null) {
            return;
        }
        closedBecause = reason;
        ready = false;
        try {
            fromGuest.close();
            toGuest.close();
        } catch (IOException e) {
            LOG.warn("{}: closing the agent line: {}", name, e.getMessage());
        }
        writer.interrupt();
        failAll(reason);
    }

    private byte[] encode(List<String> argv) {
        if (argv.isEmpty() || argv.getFirst().isEmpty()) {
            throw new GuestException(name + ": no command given");
        }
        StringBuilder arguments = new StringBuilder();
        for (String argument : argv) {
            if (argument.indexOf('\0') >= 0) {
                throw new GuestException(name + ": a command's argument cannot hold a NUL");
            }
            arguments.append(argument).append('\0');
        }
        byte[] bytes = arguments.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > AgentFrame.ARGUMENTS_BYTES_MAX) {
            throw new GuestException(name + ": the command has " + bytes.length + " bytes, at most "
                + AgentFrame.ARGUMENTS_BYTES_MAX + " can be sent");
        }
        return bytes;
    }

    private void sendRun(int id, byte[] arguments) {
        synchronized (argumentsLock) { // the parts of two commands must not mix
            int at = 0;
            for (; arguments.length - at > AgentFrame.TO_GUEST_PAYLOAD_MAX; at += AgentFrame.TO_GUEST_PAYLOAD_MAX) {
                send(AgentFrame.ARGUMENTS, id, Arrays.copyOfRange(arguments, at, at + AgentFrame.TO_GUEST_PAYLOAD_MAX));
            }
            send(AgentFrame.RUN, id, Arrays.copyOfRange(arguments, at, arguments.length));
        }
    }

    private void send(int type, int id, byte[] payload) {
        offer(new AgentFrame(type, epoch, id, payload).encode());
    }

    private void offer(byte[] bytes) {
        try {
            if (closedBecause != null) {
                throw new GuestException(closedBecause);
            }
            if (!queue.offer(new Outgoing(life, bytes), SEND_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                throw new GuestException(name + ": its agent takes nothing, the guest hangs");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestException(name + ": interrupted", e);
        }
    }

    /**
     * As many zeros as the longest frame has complete a frame that an earlier daemon left half sent; with the HELLO
     * behind them they are one write. What was queued for an agent that is gone goes.
     */
    private void greet() {
        life = life + 1;
        queue.clear();
        byte[] hello = new AgentFrame(AgentFrame.HELLO, epoch, 0, new byte[0]).encode();
        byte[] greeting = new byte[AgentFrame.TO_GUEST_PAYLOAD_MAX + AgentFrame.OVERHEAD_BYTES + hello.length];
        System.arraycopy(hello, 0, greeting, greeting.length - hello.length, hello.length);
        acknowledge();
        offer(greeting);
    }

    private void readAll() {
        AgentDecoder decoder = new AgentDecoder(AgentFrame.FROM_GUEST_PAYLOAD_MAX);
        try {
            while (fromGuest.read(decoder.input()) >= 0) {
                for (AgentFrame frame = decoder.next(); frame != null; frame = decoder.next()) {
                    onFrame(frame);
                }
            }
        } catch (IOException | GuestException e) {
            if (closedBecause == null) {
                LOG.warn("{}: reading the agent line: {}", name, e.toString());
                close(name + ": the line to its agent broke: " + e.getMessage());
            }
        }
    }

    private void writeAll() {
        try {
            while (closedBecause == null) {
                Outgoing next = queue.poll(PING_SECONDS, TimeUnit.SECONDS);
                if (next == null) {
                    if (!ready) {
                        continue;
                    }
                    next = new Outgoing(life, new AgentFrame(AgentFrame.PING, epoch, 0, new byte[0]).encode());
                }
                sendable.acquire();
                if (next.life() != life) {
                    sendable.release();
                    continue;
                }
                ByteBuffer bytes = ByteBuffer.wrap(next.bytes());
                while (bytes.hasRemaining()) {
                    toGuest.write(bytes);
                }
            }
        } catch (IOException | InterruptedException e) {
            if (closedBecause == null) {
                LOG.warn("{}: writing the agent line: {}", name, e.toString());
                close(name + ": the line to its agent broke: " + e.getMessage());
            }
        }
    }

    private void onFrame(AgentFrame frame) {
        if (frame.type() == AgentFrame.HELLO) {
            onHello(frame.epoch());
            return;
        }
        if (frame.epoch() != epoch) {
            return; // an earlier daemon's
        }
        if (frame.type() == AgentFrame.ACK) {
            acknowledge();
            return;
        }
        AgentExecution execution = executions.get(frame.id());
        if (execution != null) {
            execution.onFrame(frame);
        }
    }

    private void onHello(int helloEpoch) {
        if (helloEpoch == 0) {
            ready = false;
            failAll(name + ": its agent started anew");
            greet();
        } else if (helloEpoch == epoch) {
            acknowledge(); // of a greeting; there are two when the agent's announcement crossed the first
            if (!ready) {
                ready = true;
                onReady.run();
            }
        }
    }

    /** Never more than one permit, whatever the guest sends. */
    private void acknowledge() {
        sendable.drainPermits();
        sendable.release();
    }

    private void failAll(String reason) {
        executions.values().forEach(execution -> execution.fail(reason));
    }
}
