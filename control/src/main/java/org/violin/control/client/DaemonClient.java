package org.violin.control.client;

import java.io.BufferedReader;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.violin.control.api.ApiJson;
import org.violin.control.api.CheckDto;
import org.violin.control.api.ErrorDto;
import org.violin.control.api.EventDto;
import org.violin.control.api.ExecChunk;
import org.violin.control.api.ExecRequest;
import org.violin.control.api.GroupDto;
import org.violin.control.api.HostDto;
import org.violin.control.api.JetwayDto;
import org.violin.control.api.LatencyDto;
import org.violin.control.api.LearnedDto;
import org.violin.control.api.LinkDto;
import org.violin.control.api.MacDto;
import org.violin.control.api.NodeDto;
import org.violin.control.api.PingDto;
import org.violin.control.api.PlanDto;
import org.violin.control.api.PortDto;
import org.violin.control.api.RequestDto;
import org.violin.control.api.TraceDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.guest.GuestDisks;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.tune.TrialReport;
import org.violin.control.tune.TrialRequest;

/**
 * One daemon's API. Each call is a connection of its own, so any number of threads may call. Every method throws
 * {@link ApiException} when the daemon refuses or does not answer in time, and when its thread is interrupted.
 */
public final class DaemonClient {
    /** A daemon answers questions from memory; one that takes this long hangs. */
    private static final int LINE_MAX = 120;
    /** Of a guest's console: its last line is in these. */
    private static final int CONSOLE_END_BYTES = 4096;
    private static final Duration QUESTION = Duration.ofSeconds(5);
    /** Applying a spec stops and starts guests, one after the other. */
    private static final Duration CHANGE = Duration.ofSeconds(180);
    /** A trial begins with a change, which stops and starts nothing but waits for others. */
    private static final Duration TRIAL = Duration.ofSeconds(30);
    private static final Duration NO_LIMIT = Duration.ZERO;
    private static final byte[] NOTHING = {};

    private final String host;
    private final Path socket;

    /**
     * @param host   the host's name in messages
     * @param socket the daemon's {@code api.sock}
     */
    public DaemonClient(String host, Path socket) {
        this.host = host;
        this.socket = socket;
    }

    public String hostName() {
        return host;
    }

    public Path socket() {
        return socket;
    }

    public HostDto host() {
        return get("/v1/host", HostDto.class);
    }

    public List<String> networks() {
        return List.of(get("/v1/networks", String[].class));
    }

    /** What the daemon holds of a network; empty when it does not know it. */
    public Optional<NetworkSpec> network(String network) {
        try {
            return Optional.of(get("/v1/networks/" + encode(network), NetworkSpec.class));
        } catch (ApiException e) {
            if (e.notFound()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    public List<String> plan(NetworkSpec spec) {
        return call("POST", path(spec.network(), "/plan"), ApiJson.bytes(spec), QUESTION, PlanDto.class).steps();
    }

    /** Brings the daemon into line with {@code spec}; returns the steps it took. */
    public List<String> put(NetworkSpec spec) {
        return call("PUT", path(spec.network(), ""), ApiJson.bytes(spec), CHANGE, PlanDto.class).steps();
    }

    /** Removes a network and stops its guests. A network the daemon does not know is no error. */
    public List<String> delete(String network) {
        try {
            return call("DELETE", path(network, ""), NOTHING, CHANGE, PlanDto.class).steps();
        } catch (ApiException e) {
            if (e.notFound()) {
                return List.of();
            }
            throw e;
        }
    }

    /** As {@link #put(NetworkSpec)}, with a guest that is new in it and whose disk has come from another host. */
    List<String> put(NetworkSpec spec, String arrived, boolean stopped) {
        String target = path(spec.network(), "?arrived=" + encode(arrived) + "&stopped=" + stopped);
        return call("PUT", target, ApiJson.bytes(spec), CHANGE, PlanDto.class).steps();
    }

    /** What guests run on there. */
    GuestDisks.Platform platform() {
        return call("GET", "/v1/platform", NOTHING, CHANGE, GuestDisks.Platform.class);
    }

    /** What of a guest's disk would have to be copied, and for how long it has stood still if it was sent. */
    GuestDisks.Amount amount(String network, String node) {
        return get(nodePath(network, node, "/disk/amount"), GuestDisks.Amount.class);
    }

    /**
     * Stops a guest that is about to go to another host, unless it can go while it runs; it cannot be started until
     * {@link #stay}.
     */
    void leave(String network, String node, String to) {
        call("POST", nodePath(network, node, "/leave?to=" + encode(to)), NOTHING, CHANGE, NodeDto.class);
    }

    /** A guest that was about to go runs again. */
    void stay(String network, String node) {
        node(network, node, "stay");
    }

    /** Sends a guest, or its disk, that is about to go to another daemon; returns the bytes that were copied. */
    long copyDisk(String network, String node, DaemonClient to) {
        String target = nodePath(network, node, "/disk");
        try (UnixHttp from = open("GET", target, "", NOTHING, CHANGE);
            UnixHttp http = to.answered(CHANGE, other ->
                other.upload("PUT", target, "application/octet-stream", new Source(from.body())))) {
            return ApiJson.parse(http.body().readAllBytes(), GuestDisks.Amount.class).bytes();
        } catch (IOException e) {
            throw to.unreachable(e);
        } catch (IllegalArgumentException e) {
            throw to.foreign("PUT " + target, e);
        }
    }

    /** What is read from this daemon while it is written to another: it is told which of them failed. */
    private final class Source extends FilterInputStream {
        private Source(InputStream from) {
            super(from);
        }

        @Override
        public int read(byte[] bytes, int offset, int length) {
            try {
                return in.read(bytes, offset, length);
            } catch (IOException e) {
                throw unreachable(e);
            }
        }
    }

    /** Deletes what has come of the disk of a guest that the daemon does not have. */
    void discardDisk(String network, String node) {
        open("DELETE", nodePath(network, node, "/disk"), "", NOTHING, CHANGE).close();
    }

    public List<NodeDto> nodes(String network) {
        return List.of(get("/v1/nodes?network=" + encode(network), NodeDto[].class));
    }

    public List<PortDto> ports(String network) {
        return List.of(get("/v1/ports?network=" + encode(network), PortDto[].class));
    }

    public List<LinkDto> links(String network) {
        return List.of(get("/v1/links?network=" + encode(network), LinkDto[].class));
    }

    public List<TunnelDto> tunnels(String network) {
        return List.of(get("/v1/tunnels?network=" + encode(network), TunnelDto[].class));
    }

    /** How the tunnels are, in words; takes a second where they are not up. */
    public List<CheckDto> netcheck(String network) {
        return List.of(get("/v1/netcheck?network=" + encode(network), CheckDto[].class));
    }

    /** Asks the other end of a tunnel for an answer, and waits a second for it. */
    public PingDto ping(String network, String peer, int bytes) {
        String target = path(network, "/peers/" + encode(peer) + "/ping?bytes=" + bytes);
        return call("POST", target, NOTHING, QUESTION, PingDto.class);
    }

    public List<MacDto> macs(String network) {
        return List.of(get("/v1/macs?network=" + encode(network), MacDto[].class));
    }

    /** Has the daemon's switches know stations that another one has learned; returns how many they did not know. */
    public int learn(String network, List<MacDto> stations) {
        return call("POST", path(network, "/macs"), ApiJson.bytes(stations), QUESTION, LearnedDto.class).stations();
    }

    public List<GroupDto> groups(String network) {
        return List.of(get("/v1/groups?network=" + encode(network), GroupDto[].class));
    }

    public List<JetwayDto> jetways(String network) {
        return List.of(get("/v1/jetways?network=" + encode(network), JetwayDto[].class));
    }

    public List<RequestDto> requests(String network) {
        return List.of(get("/v1/requests?network=" + encode(network), RequestDto[].class));
    }

    public List<LatencyDto> latencies(String network) {
        return List.of(get("/v1/latency?network=" + encode(network), LatencyDto[].class));
    }

    /**
     * Traces one frame in {@code every} of those that come in by the network's ports, until there are {@code count} or
     * {@code seconds} have passed.
     */
    public List<TraceDto> trace(String network, int every, int count, int seconds) {
        String target = "/v1/trace?network=" + encode(network) + "&every=" + every + "&count=" + count + "&seconds="
            + seconds;
        List<TraceDto> frames = new ArrayList<>();
        lines(target, QUESTION.plusSeconds(Math.max(0, seconds)), TraceDto.class, frames::add);
        return frames;
    }

    /** @param action {@code start}, {@code stop}, {@code kill} or {@code restart} */
    public NodeDto node(String network, String node, String action) {
        return call("POST", nodePath(network, node, "/" + action), NOTHING, CHANGE, NodeDto.class);
    }

    /**
     * Runs a command in a guest and hands its output on as it comes. Returns its exit status. The command ends when
     * this process does.
     */
    public int exec(String network, String node, List<String> argv, Consumer<ExecChunk> output) {
        byte[] request = ApiJson.bytes(new ExecRequest(argv));
        try (UnixHttp http = open("POST", nodePath(network, node, "/exec"), "application/json", request, NO_LIMIT)) {
            BufferedReader lines = reader(http);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                ExecChunk chunk = ApiJson.parse(line.getBytes(StandardCharsets.UTF_8), ExecChunk.class);
                if (chunk.exit() != null) {
                    return chunk.exit();
                }
                if (chunk.error() != null) {
                    throw new ApiException(500, network + "/" + node + ": " + chunk.error());
                }
                output.accept(chunk);
            }
            throw new ApiException(500, network + "/" + node + ": the daemon ended the command without a status");
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** A stream of bytes from a daemon; {@link #close} from any thread ends it. */
    public static final class ByteStream implements AutoCloseable {
        private final UnixHttp http;

        private ByteStream(UnixHttp http) {
            this.http = http;
        }

        public InputStream bytes() {
            return http.body();
        }

        @Override
        public void close() {
            http.close();
        }
    }

    /** The guest's console log from its beginning; with {@code follow} it goes on for ever. */
    public ByteStream console(String network, String node, boolean follow) {
        String target = nodePath(network, node, "/console?follow=" + follow);
        return new ByteStream(open("GET", target, "", NOTHING, follow ? NO_LIMIT : QUESTION));
    }

    /** The last line that the guest's console has, without control characters and at most 120 long; empty: none. */
    public String lastConsoleLine(String network, String node) {
        try (ByteStream console = console(network, node, false)) {
            byte[] end = new byte[0];
            for (byte[] more; (more = console.bytes().readNBytes(CONSOLE_END_BYTES)).length > 0;) {
                byte[] both = Arrays.copyOf(end, end.length + more.length);
                System.arraycopy(more, 0, both, end.length, more.length);
                end = Arrays.copyOfRange(both, Math.max(0, both.length - CONSOLE_END_BYTES), both.length);
            }
            String last = new String(end, StandardCharsets.UTF_8).lines()
                .map(line -> line.replaceAll("\\p{Cntrl}", "").strip()).filter(line -> !line.isEmpty())
                .reduce((first, second) -> second).orElse("");
            return last.substring(0, Math.min(last.length(), LINE_MAX));
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /** Types into the guest's console. */
    public void consoleInput(String network, String node, byte[] bytes) {
        String target = nodePath(network, node, "/console");
        open("POST", target, "application/octet-stream", bytes, QUESTION).close();
    }

    /** Hands on the daemon's past events, and with {@code follow} those to come until the thread is interrupted. */
    public void events(boolean follow, Consumer<EventDto> events) {
        lines("/v1/events?follow=" + follow, follow ? NO_LIMIT : QUESTION, EventDto.class, events);
    }

    /** Hands on each line of an answer. */
    private <T> void lines(String target, Duration silenceMax, Class<T> type, Consumer<T> values) {
        try (UnixHttp http = open("GET", target, "", NOTHING, silenceMax)) {
            BufferedReader lines = reader(http);
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (!line.isBlank()) {
                    values.accept(ApiJson.parse(line.getBytes(StandardCharsets.UTF_8), type));
                }
            }
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    /**
     * One end of a trial. What the daemon made for it, and did to the tunnel, is undone by {@link #close}, and when
     * this process dies; not at once, but {@link #end} waits for it.
     */
    public final class TrialStream implements AutoCloseable {
        private final String target;
        private final UnixHttp http;
        private final BufferedReader lines;

        private TrialStream(String target, TrialRequest request) {
            this.target = target;
            http = open("POST", target, "application/json", ApiJson.bytes(request), TRIAL);
            lines = reader(http);
        }

        /** The next report; there are some each second. */
        public TrialReport next() {
            try {
                String line = lines.readLine();
                if (line == null) {
                    throw new ApiException(500, host + ": the daemon ended the trial");
                }
                return ApiJson.parse(line.getBytes(StandardCharsets.UTF_8), TrialReport.class);
            } catch (IOException e) {
                throw unreachable(e);
            } catch (IllegalArgumentException e) {
                throw foreign("POST " + target, e);
            }
        }

        /** Ends it, and waits until all is as it was. */
        public void end() {
            open("DELETE", target, "", NOTHING, QUESTION).close();
            try {
                while (lines.readLine() != null) {
                    continue;
                }
            } catch (IOException e) {
                throw unreachable(e);
            }
        }

        @Override
        public void close() {
            http.close();
        }
    }

    /** Begins a trial on the tunnel to {@code peer}. */
    public TrialStream trial(String network, String peer, TrialRequest request) {
        return new TrialStream(path(network, "/peers/" + encode(peer) + "/trial"), request);
    }

    /** Asks the daemon to end; it answers before it does. */
    public void shutdown(boolean stopGuests) {
        open("POST", "/v1/shutdown?guests=" + (stopGuests ? "stop" : "keep"), "", NOTHING, QUESTION).close();
    }

    private static BufferedReader reader(UnixHttp http) {
        return new BufferedReader(new InputStreamReader(http.body(), StandardCharsets.UTF_8));
    }

    private static String path(String network, String rest) {
        return "/v1/networks/" + encode(network) + rest;
    }

    private static String nodePath(String network, String node, String rest) {
        return path(network, "/nodes/" + encode(node) + rest);
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private <T> T get(String target, Class<T> type) {
        return call("GET", target, NOTHING, QUESTION, type);
    }

    private <T> T call(String method, String target, byte[] content, Duration timeout, Class<T> type) {
        try (UnixHttp http = open(method, target, "application/json", content, timeout)) {
            return ApiJson.parse(http.body().readAllBytes(), type);
        } catch (IOException e) {
            throw unreachable(e);
        } catch (IllegalArgumentException e) {
            throw foreign(method + " " + target, e);
        }
    }

    private UnixHttp open(String method, String target, String contentType, byte[] content, Duration timeout) {
        return answered(timeout, http -> http.exchange(method, target, contentType, content));
    }

    private interface Exchange {
        void run(UnixHttp http) throws IOException;
    }

    /** An exchange that has been answered with a 2xx status; anything else becomes an exception. */
    private UnixHttp answered(Duration timeout, Exchange exchange) {
        UnixHttp http = null;
        boolean answered = false;
        try {
            http = UnixHttp.connect(socket, timeout);
            exchange.run(http);
            answered = http.status() / 100 == 2;
            if (!answered) {
                throw new ApiException(http.status(), host + ": " + errorText(http));
            }
            return http;
        } catch (IOException e) {
            throw unreachable(e);
        } finally {
            if (http != null && !answered) {
                http.close();
            }
        }
    }

    private static String errorText(UnixHttp http) throws IOException {
        byte[] body = http.body().readAllBytes();
        try {
            ErrorDto error = ApiJson.parse(body, ErrorDto.class);
            boolean half = Boolean.FALSE.equals(error.rolledBack());
            return error.error() + (half ? " (and not all of the change could be undone)" : "");
        } catch (IllegalArgumentException e) {
            return "status " + http.status() + ": " + new String(body, StandardCharsets.UTF_8).strip();
        }
    }

    private ApiException foreign(String request, IllegalArgumentException e) {
        return new ApiException(500,
            host + ": " + request + ": " + e.getMessage() + ": are violin and the daemon of one version?");
    }

    private ApiException unreachable(IOException e) {
        return new ApiException(ApiException.UNREACHABLE,
            host + ": its daemon does not answer at " + socket + ": "
                + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
    }
}
