package org.violin.control.api;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.violin.control.guest.GuestException;
import org.violin.control.host.Arrival;
import org.violin.control.host.Engine;
import org.violin.control.host.HostException;
import org.violin.control.host.Node;
import org.violin.control.os.Command.CommandException;
import org.violin.control.spec.NetworkSpec;
import org.violin.dataplane.DataplaneException;

/**
 * The daemon's API. Requests are read and answers written on Vert.x's event loop; in between each request has a
 * virtual thread, for the engine blocks. Only the socket's owner can connect.
 */
public final class ApiServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ApiServer.class);
    private static final long MAX_BODY_BYTES = 1 << 20;
    private static final int PING_BYTES_MAX = 65_535;
    private static final String NODE = "/v1/networks/:network/nodes/:node";
    private static final String BODY = "body";
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,62}");
    private static final long CLOSE_SECONDS = 5;
    /** A change under way is not interrupted: it takes as long as guests take to stop. */
    private static final long REQUESTS_SECONDS = 30;

    private final Engine engine;
    private final HostDto host;
    private final Views views;
    private final Function<String, List<RequestDto>> requests;
    private final Consumer<Boolean> shutdown;
    private final Path socket;
    private final ExecutorService threads =
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("api-", 0).factory());
    private final Vertx vertx;
    private volatile boolean closing;
    private HttpServer server;

    private ApiServer(Path socket, HostDto host, Engine engine, Function<String, List<RequestDto>> requests,
            Consumer<Boolean> shutdown) {
        this.socket = socket;
        this.host = host;
        this.engine = engine;
        this.views = new Views(engine);
        this.requests = requests;
        this.shutdown = shutdown;
        this.vertx = Vertx.vertx(new VertxOptions()
            .setPreferNativeTransport(true)
            .setFileSystemOptions(new FileSystemOptions()
                .setFileCachingEnabled(false).setClassPathResolvingEnabled(false))
            .setEventLoopPoolSize(1)
            .setWorkerPoolSize(1)
            .setInternalBlockingPoolSize(1));
    }

    /**
     * Listens.
     *
     * @param socket   a stale socket file is replaced: the caller holds the lock of its directory
     * @param requests what has become of requests for ports of a network, null: of all
     * @param shutdown called at most once a request, on a thread that may block, with whether the guests shall stop
     */
    public static ApiServer start(Path socket, HostDto host, Engine engine,
            Function<String, List<RequestDto>> requests, Consumer<Boolean> shutdown) {
        ApiServer server = new ApiServer(socket, host, engine, requests, shutdown);
        try {
            server.listen();
            return server;
        } catch (IOException | RuntimeException e) {
            server.close();
            throw new HostException(HostException.Kind.STATE, socket + ": " + e.getMessage(), e);
        }
    }

    private void listen() throws IOException {
        if (!vertx.isNativeTransportEnabled()) {
            throw new IOException("unix sockets need netty's epoll library", vertx.unavailableNativeTransportCause());
        }
        Files.deleteIfExists(socket);
        server = await(vertx.createHttpServer(new HttpServerOptions().setHandle100ContinueAutomatically(true))
            .requestHandler(router())
            .listen(SocketAddress.domainSocketAddress(socket.toString())));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    }

    private Router router() {
        Router router = Router.router(vertx);
        // Before the handler that keeps whole bodies in memory.
        router.put(NODE + "/disk").handler(c -> {
            c.put(BODY, new ApiBody(vertx.getOrCreateContext(), c.request()));
            c.next();
        });
        answer(router, HttpMethod.PUT, NODE + "/disk", this::receiveDisk);
        router.route().handler(BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES));
        for (int status : new int[] {400, 404, 405, 413, 414, 415, 500}) {
            router.errorHandler(status, context -> fail(context, status));
        }
        answer(router, HttpMethod.GET, "/v1/host", context -> host);
        answer(router, HttpMethod.GET, "/v1/networks", context -> engine.networks());
        answer(router, HttpMethod.GET, "/v1/networks/:network", c -> engine.spec(c.pathParam("network")));
        answer(router, HttpMethod.PUT, "/v1/networks/:network", c -> new PlanDto(engine.apply(body(c), arrival(c))));
        answer(router, HttpMethod.POST, "/v1/networks/:network/plan", c -> new PlanDto(engine.plan(body(c))));
        answer(router, HttpMethod.DELETE, "/v1/networks/:network",
            c -> new PlanDto(engine.remove(c.pathParam("network"))));
        answer(router, HttpMethod.GET, "/v1/nodes", context -> views.nodes(network(context)));
        answer(router, HttpMethod.GET, "/v1/ports", context -> views.ports(network(context)));
        answer(router, HttpMethod.GET, "/v1/links", context -> views.links(network(context)));
        answer(router, HttpMethod.GET, "/v1/tunnels", context -> views.tunnels(network(context)));
        answer(router, HttpMethod.GET, "/v1/netcheck", context -> views.netcheck(network(context)));
        answer(router, HttpMethod.POST, "/v1/networks/:network/peers/:peer/ping",
            c -> views.ping(c.pathParam("network"), c.pathParam("peer"), Streams.number(c, "bytes", PING_BYTES_MAX)));
        answer(router, HttpMethod.GET, "/v1/macs", context -> views.macs(network(context)));
        answer(router, HttpMethod.POST, "/v1/networks/:network/macs",
            c -> views.learn(c.pathParam("network"), parsed(c, MacDto[].class)));
        answer(router, HttpMethod.GET, "/v1/groups", context -> views.groups(network(context)));
        answer(router, HttpMethod.GET, "/v1/jetways", context -> views.jetways(network(context)));
        answer(router, HttpMethod.GET, "/v1/requests", context -> requests.apply(network(context)));
        answer(router, HttpMethod.GET, "/v1/latency", context -> views.latencies(network(context)));
        onNode(router, "start", engine::start);
        onNode(router, "stop", engine::stop);
        onNode(router, "kill", engine::kill);
        onNode(router, "restart", engine::restart);
        Streams streams = new Streams(engine, views, () -> closing);
        router.post(NODE + "/exec").handler(c -> stream(c, "application/x-ndjson", streams::exec));
        router.get(NODE + "/console").handler(c -> stream(c, "application/octet-stream", streams::console));
        answer(router, HttpMethod.POST, NODE + "/console", c -> {
            engine.consoleInput(c.pathParam("network"), c.pathParam("node"), bytes(c));
            return List.of();
        });
        moves(router, streams);
        String trial = "/v1/networks/:network/peers/:peer/trial";
        router.post(trial).handler(c -> stream(c, "application/x-ndjson", streams::trial));
        answer(router, HttpMethod.DELETE, trial, c -> {
            streams.endTrial(c);
            return List.of();
        });
        router.get("/v1/trace").handler(c -> stream(c, "application/x-ndjson", streams::trace));
        router.get("/v1/events").handler(c -> stream(c, "application/x-ndjson", streams::events));
        router.post("/v1/shutdown").handler(this::shutdown);
        return router;
    }

    /** What guests that go to other hosts need. */
    private void moves(Router router, Streams streams) {
        answer(router, HttpMethod.GET, "/v1/platform", c -> engine.moves().platform());
        onNode(router, "stay", engine.moves()::stay);
        answer(router, HttpMethod.POST, NODE + "/leave", c -> Views.node(
            engine.moves().leave(c.pathParam("network"), c.pathParam("node"), hostName(c))));
        answer(router, HttpMethod.GET, NODE + "/disk/amount",
            c -> engine.moves().amount(c.pathParam("network"), c.pathParam("node")));
        router.get(NODE + "/disk").handler(c -> stream(c, "application/octet-stream", streams::disk));
        answer(router, HttpMethod.DELETE, NODE + "/disk", c -> {
            engine.moves().discard(c.pathParam("network"), c.pathParam("node"));
            return List.of();
        });
    }

    private Object receiveDisk(RoutingContext context) {
        ApiBody body = context.get(BODY);
        try (body) {
            return engine.moves().receive(context.pathParam("network"), context.pathParam("node"), body);
        }
    }

    /** The guest that a specification brings with it from another host; null: none. */
    private static Arrival arrival(RoutingContext context) {
        String guest = context.queryParams().get("arrived");
        return guest == null ? null : new Arrival(guest, "true".equals(context.queryParams().get("stopped")));
    }

    private static String hostName(RoutingContext context) {
        String host = context.queryParams().get("to");
        if (host == null || !HOST_NAME.matcher(host).matches()) {
            throw new BadRequestException("to=" + host + ": the name of a host");
        }
        return host;
    }

    private interface NodeAction {
        Node run(String network, String node);
    }

    private void onNode(Router router, String verb, NodeAction action) {
        answer(router, HttpMethod.POST, NODE + "/" + verb,
            c -> Views.node(action.run(c.pathParam("network"), c.pathParam("node"))));
    }

    private void answer(Router router, HttpMethod method, String path, Function<RoutingContext, Object> answer) {
        router.route(method, path).handler(context -> {
            Context loop = vertx.getOrCreateContext();
            threads.execute(() -> {
                try {
                    Object value = answer.apply(context);
                    later(loop, () -> send(context, 200, value));
                } catch (RuntimeException e) {
                    Failure failure = Failure.of(e);
                    later(loop, () -> send(context, failure.status(), failure.body()));
                }
            });
        });
    }

    private interface Streaming {
        void run(RoutingContext context, ApiStream stream);
    }

    private void stream(RoutingContext context, String contentType, Streaming streaming) {
        Context loop = vertx.getOrCreateContext();
        ApiStream stream = new ApiStream(loop, context.response(), contentType);
        threads.execute(() -> {
            try {
                streaming.run(context, stream);
                stream.end();
            } catch (ApiStream.ClientGoneException e) {
                LOG.debug("{}: the client is gone", context.request().uri());
            } catch (RuntimeException e) {
                Failure failure = Failure.of(e);
                if (stream.begun()) {
                    // The status is out: cutting the body off is the one way left to say that it is not whole.
                    later(loop, () -> context.request().connection().close());
                } else {
                    later(loop, () -> send(context, failure.status(), failure.body()));
                }
            }
        });
    }

    private static void later(Context loop, Runnable action) {
        try {
            loop.runOnContext(nothing -> action.run());
        } catch (RejectedExecutionException e) {
            LOG.debug("the server has closed before its answer", e);
        }
    }

    private void shutdown(RoutingContext context) {
        String guests = context.queryParams().contains("guests") ? context.queryParams().get("guests") : "keep";
        if (!guests.equals("stop") && !guests.equals("keep")) {
            send(context, 400, new ErrorDto("guests=" + guests + ": stop or keep", null));
            return;
        }
        send(context, 202, List.of()).onComplete(sent ->
            Thread.ofPlatform().name("shutdown").start(() -> shutdown.accept(guests.equals("stop"))));
    }

    private static NetworkSpec body(RoutingContext context) {
        NetworkSpec spec = parsed(context, NetworkSpec.class);
        if (!context.pathParam("network").equals(spec.network())) {
            throw new BadRequestException("the body is of network " + spec.network() + ", the path of network "
                + context.pathParam("network"));
        }
        return spec;
    }

    private static <T> T parsed(RoutingContext context, Class<T> type) {
        try {
            return ApiJson.parseWhole(bytes(context), type);
        } catch (IllegalArgumentException e) {
            throw new BadRequestException(e.getMessage());
        }
    }

    static byte[] bytes(RoutingContext context) {
        Buffer body = context.body().buffer();
        return body == null ? new byte[0] : body.getBytes();
    }

    private static String network(RoutingContext context) {
        return context.queryParams().get("network");
    }

    private static void fail(RoutingContext context, int status) {
        String text = switch (status) {
            case 404 -> "no such resource: " + context.request().path();
            case 405 -> context.request().method() + " is not allowed on " + context.request().path();
            case 413 -> "the body is larger than " + MAX_BODY_BYTES + " bytes";
            case 500 -> Failure.unexpected(context.failure()).body().error();
            default -> "bad request";
        };
        send(context, status, new ErrorDto(text, null));
    }

    private static Future<Void> send(RoutingContext context, int status, Object value) {
        if (context.response().ended() || context.response().closed()) {
            return Future.failedFuture("closed");
        }
        return context.response().setStatusCode(status).putHeader("Content-Type", "application/json")
            .end(Buffer.buffer(ApiJson.bytes(value)));
    }

    /** Stops listening, ends all streams, and waits for the requests under way. Idempotent. */
    @Override
    public synchronized void close() {
        if (closing) {
            return;
        }
        closing = true;
        try {
            if (server != null) {
                await(server.close());
            }
            threads.shutdown();
            if (!threads.awaitTermination(REQUESTS_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("requests are still under way after {} s", REQUESTS_SECONDS);
            }
            await(vertx.close());
            Files.deleteIfExists(socket);
        } catch (IOException e) {
            LOG.warn("{}", socket, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.await(CLOSE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer from the event loop within " + CLOSE_SECONDS + " s", e);
        }
    }

    /** A request that says something that cannot be understood. */
    static final class BadRequestException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        BadRequestException(String message) {
            super(message);
        }
    }

    /** How an exception is told to a client: what was foreseen by its message, what was not by a reference. */
    record Failure(int status, ErrorDto body) {
        static Failure of(RuntimeException e) {
            return switch (e) {
                case BadRequestException bad -> new Failure(400, new ErrorDto(bad.getMessage(), null));
                case HostException known -> of(known);
                case DataplaneException refused -> new Failure(409, new ErrorDto(refused.getMessage(), null));
                case GuestException refused -> new Failure(409, new ErrorDto(refused.getMessage(), null));
                case CommandException refused -> new Failure(409, new ErrorDto(refused.getMessage(), null));
                default -> unexpected(e);
            };
        }

        private static Failure of(HostException e) {
            return switch (e.kind()) {
                case INVALID -> new Failure(422, new ErrorDto(e.getMessage(), null));
                case NOT_FOUND -> new Failure(404, new ErrorDto(e.getMessage(), null));
                case CONFLICT -> new Failure(409, new ErrorDto(e.getMessage(), null));
                case ROLLED_BACK -> new Failure(409, new ErrorDto(e.getMessage(), true));
                case HALF_DONE -> new Failure(409, new ErrorDto(e.getMessage(), false));
                case STATE -> new Failure(500, new ErrorDto(e.getMessage(), null));
            };
        }

        static Failure unexpected(Throwable e) {
            String reference = UUID.randomUUID().toString().substring(0, 8);
            LOG.error("unexpected, reference {}", reference, e);
            return new Failure(500, new ErrorDto("unexpected error, reference " + reference + " in daemon.log", null));
        }
    }
}
