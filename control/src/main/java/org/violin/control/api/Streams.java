package org.violin.control.api;

import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.violin.control.guest.ExecOutput;
import org.violin.control.host.Engine;
import org.violin.control.host.Event;
import org.violin.control.host.Events;
import org.violin.control.host.HostException;
import org.violin.control.tune.Trial;
import org.violin.control.tune.TrialRequest;
import org.violin.dataplane.Dataplane;
import org.violin.dataplane.FrameTrace;

/**
 * The answers that have no length: a command's output, a console, events, traced frames, a trial's reports, a disk.
 * Each runs on a virtual thread.
 */
final class Streams {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int CHUNK_BYTES = 32 * 1024;
    private static final int TRACE_EVERY_MAX = 1_000_000;
    private static final int TRACE_SECONDS_MAX = 3600;

    private final Engine engine;
    private final Views views;
    private final BooleanSupplier closing;
    /** Those under way, by network and host. */
    private final Map<String, Trial> trials = new ConcurrentHashMap<>();

    /** @param closing true when the server stops: every stream ends */
    Streams(Engine engine, Views views, BooleanSupplier closing) {
        this.engine = engine;
        this.views = views;
        this.closing = closing;
    }

    /** Runs a command; a client that goes away takes it with it. */
    void exec(RoutingContext context, ApiStream stream) {
        List<String> argv;
        try {
            argv = ApiJson.parseWhole(ApiServer.bytes(context), ExecRequest.class).argv();
        } catch (IllegalArgumentException e) {
            throw new ApiServer.BadRequestException(e.getMessage());
        }
        if (argv.isEmpty() || argv.contains(null)) {
            throw new ApiServer.BadRequestException("argv: the program is missing");
        }
        ExecOutput output = new ExecOutput() {
            @Override
            public void onStdout(byte[] bytes, int length) {
                stream.writeLine(ExecChunk.ofStdout(Arrays.copyOf(bytes, length)));
            }

            @Override
            public void onStderr(byte[] bytes, int length) {
                stream.writeLine(ExecChunk.ofStderr(Arrays.copyOf(bytes, length)));
            }
        };
        try {
            int status = engine.exec(context.pathParam("network"), context.pathParam("node"), argv, output,
                () -> stream.gone() || closing.getAsBoolean());
            stream.writeLine(ExecChunk.ofExit(status));
        } catch (HostException e) {
            if (!stream.begun()) {
                throw e;
            }
            stream.writeLine(ExecChunk.ofError(e.getMessage()));
        }
    }

    /** The console log from its beginning; a log that shrinks is a new one. */
    void console(RoutingContext context, ApiStream stream) {
        boolean follow = follow(context);
        Path log = engine.consoleLog(context.pathParam("network"), context.pathParam("node"));
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
        long position = 0;
        try (FileChannel file = FileChannel.open(log, StandardOpenOption.READ)) {
            stream.begin();
            while (!stream.gone() && !closing.getAsBoolean()) {
                if (file.size() < position) {
                    position = 0;
                }
                int count = file.read(chunk.clear(), position);
                if (count > 0) {
                    position += count;
                    stream.write(Buffer.buffer(Arrays.copyOf(chunk.array(), count)));
                } else if (follow) {
                    Thread.sleep(POLL);
                } else {
                    return;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The disk of a guest that is leaving. */
    void disk(RoutingContext context, ApiStream stream) {
        engine.moves().send(context.pathParam("network"), context.pathParam("node"), new OutputStream() {
            @Override
            public void write(int oneByte) {
                stream.write(Buffer.buffer(1).appendByte((byte) oneByte));
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                stream.write(Buffer.buffer(length).appendBytes(bytes, offset, length));
            }
        });
    }

    void events(RoutingContext context, ApiStream stream) {
        if (!follow(context)) {
            stream.begin();
            engine.events().recent().forEach(event -> stream.writeLine(Views.event(event)));
            return;
        }
        try (Events.Subscription subscription = engine.events().subscribe()) {
            stream.begin();
            while (!stream.gone() && !closing.getAsBoolean() && !subscription.ended()) {
                Optional<Event> event = subscription.poll(POLL);
                event.ifPresent(e -> stream.writeLine(Views.event(e)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Frames as they are traced, until there are enough, the time is over or the client goes. */
    void trace(RoutingContext context, ApiStream stream) {
        int every = number(context, "every", TRACE_EVERY_MAX);
        int count = number(context, "count", Dataplane.TRACE_MAX);
        long limitNs = TimeUnit.SECONDS.toNanos(number(context, "seconds", TRACE_SECONDS_MAX));
        long beganNs = System.nanoTime();
        try (FrameTrace trace = views.trace(context.queryParams().get("network"), every, count)) {
            stream.begin();
            boolean isOver;
            do {
                Thread.sleep(POLL);
                isOver = System.nanoTime() - beganNs >= limitNs;
                trace.take().forEach(frame -> stream.writeLine(Views.traced(frame)));
            } while (!isOver && !trace.isDone() && !stream.gone() && !closing.getAsBoolean());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One end of a trial, which lasts until it is over or {@link #endTrial}, or until the client goes. */
    void trial(RoutingContext context, ApiStream stream) {
        TrialRequest request;
        try {
            request = ApiJson.parseWhole(ApiServer.bytes(context), TrialRequest.class);
        } catch (IllegalArgumentException e) {
            throw new ApiServer.BadRequestException(e.getMessage());
        }
        String name = trialName(context);
        try (Trial trial = Trial.begin(engine, context.pathParam("network"), context.pathParam("peer"), request)) {
            trials.put(name, trial);
            try {
                boolean isOver;
                do {
                    isOver = trial.isOver();
                    stream.writeLine(trial.report());
                    Thread.sleep(POLL);
                } while (!isOver && !stream.gone() && !closing.getAsBoolean());
            } finally {
                trials.remove(name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String trialName(RoutingContext context) {
        return context.pathParam("network") + " " + context.pathParam("peer");
    }

    /** Has a trial's answer end, once all is undone. Nothing to do where there is none. */
    void endTrial(RoutingContext context) {
        Trial trial = trials.get(trialName(context));
        if (trial != null) {
            trial.end();
        }
    }

    static int number(RoutingContext context, String name, int max) {
        String value = context.queryParams().get(name);
        if (value == null || !value.matches("[1-9]\\d{0,8}") || Integer.parseInt(value) > max) {
            throw new ApiServer.BadRequestException(name + "=" + value + ": 1 to " + max);
        }
        return Integer.parseInt(value);
    }

    private static boolean follow(RoutingContext context) {
        String follow = context.queryParams().get("follow");
        if (follow != null && !follow.equals("true") && !follow.equals("false")) {
            throw new ApiServer.BadRequestException("follow=" + follow + ": true or false");
        }
        return "true".equals(follow);
    }
}
