package org.violin.control.guest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/**
 * One command in a guest. The line's reader thread puts frames in; the thread that waits for the command takes them
 * out, hands on the output and returns the credit. A guest that sends more than its credit is in error, so what is held
 * is bounded.
 */
final class AgentExecution {
    private static final int POLL_MILLIS = 100;
    /** The agent kills a cancelled command after 2 s; then its end must come. */
    private static final int CANCEL_SECONDS_MAX = 10;
    private static final int CREDIT_STEP_BYTES = AgentFrame.INITIAL_CREDIT_BYTES / 4;

    /** Sends a frame to the agent. */
    interface Sender {
        void send(int type, int id, byte[] payload);
    }

    private final String guest;
    private final int id;
    private final Sender sender;
    private final BlockingQueue<AgentFrame> frames = new LinkedBlockingQueue<>();
    private final AtomicInteger outstandingBytes = new AtomicInteger();
    private int takenBytes;
    private long cancelledAtNanos;
    private boolean cancelSent;

    AgentExecution(String guest, int id, Sender sender) {
        this.guest = guest;
        this.id = id;
        this.sender = sender;
    }

    /** Reader thread. */
    void onFrame(AgentFrame frame) {
        if (frame.type() == AgentFrame.STDOUT || frame.type() == AgentFrame.STDERR) {
            if (frame.payload().length == 0) {
                return; // costs no credit, so it must cost no memory
            }
            if (outstandingBytes.addAndGet(frame.payload().length) > AgentFrame.INITIAL_CREDIT_BYTES) {
                fail(guest + ": its agent sends more output than it was allowed");
                return;
            }
        }
        frames.add(frame);
    }

    /** Any thread: the command's end will not be known. */
    void fail(String reason) {
        frames.add(new AgentFrame(AgentFrame.FAILED, 0, id, reason.getBytes(StandardCharsets.UTF_8)));
    }

    /** Waits for the command's end and returns its status. */
    int await(ExecOutput output, BooleanSupplier cancelled) {
        boolean ended = false;
        try {
            while (true) {
                AgentFrame frame = frames.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (frame != null) {
                    switch (frame.type()) {
                        case AgentFrame.STDOUT, AgentFrame.STDERR -> take(frame, output);
                        case AgentFrame.EXIT -> {
                            ended = true;
                            return status(frame);
                        }
                        case AgentFrame.FAILED -> {
                            ended = true;
                            throw new GuestException(failure(frame));
                        }
                        default -> { } // a frame of the other direction: an agent in error, and harmless
                    }
                }
                checkCancelled(cancelled);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestException(guest + ": interrupted", e);
        } finally {
            if (!ended) {
                cancel();
            }
        }
    }

    private void take(AgentFrame frame, ExecOutput output) {
        int length = frame.payload().length;
        if (frame.type() == AgentFrame.STDOUT) {
            output.onStdout(frame.payload(), length);
        } else {
            output.onStderr(frame.payload(), length);
        }
        takenBytes += length;
        if (takenBytes >= CREDIT_STEP_BYTES) {
            outstandingBytes.addAndGet(-takenBytes);
            sender.send(AgentFrame.CREDIT, id, ByteBuffer.allocate(4).putInt(takenBytes).array());
            takenBytes = 0;
        }
    }

    private int status(AgentFrame frame) {
        if (frame.payload().length != 4) {
            throw new GuestException(guest + ": its agent sent a malformed exit status");
        }
        return ByteBuffer.wrap(frame.payload()).getInt();
    }

    private String failure(AgentFrame frame) {
        String text = new String(frame.payload(), StandardCharsets.UTF_8);
        return frame.epoch() == 0 ? text : guest + ": " + text;
    }

    private void checkCancelled(BooleanSupplier cancelled) {
        if (!cancelSent && cancelled.getAsBoolean()) {
            cancel();
        }
        if (cancelSent && System.nanoTime() - cancelledAtNanos > TimeUnit.SECONDS.toNanos(CANCEL_SECONDS_MAX)) {
            throw new GuestException(guest + ": the cancelled command does not end");
        }
    }

    private void cancel() {
        if (!cancelSent) {
            cancelSent = true;
            cancelledAtNanos = System.nanoTime();
            try {
                sender.send(AgentFrame.CANCEL, id, new byte[0]);
            } catch (GuestException e) {
                fail(e.getMessage());
            }
        }
    }
}
