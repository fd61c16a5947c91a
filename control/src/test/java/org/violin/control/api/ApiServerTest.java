package org.violin.control.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.violin.control.TestRun;
import org.violin.control.host.Engine;
import org.violin.control.host.Events;
import org.violin.control.host.MemoryDriver;
import org.violin.control.spec.AllowSpec;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.ImpairmentSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;
import org.violin.control.spec.UdpPortSpec;
import org.violin.control.tune.TrialRequest;
import org.violin.control.tune.Variant;
import org.violin.dataplane.MacStatus;

/** The API over a real unix socket, on a host in memory. */
@Timeout(30)
class ApiServerTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final NetworkSpec SPEC = new NetworkSpec("n1", "a",
        List.of(BridgeSpec.lan("lan1", 1024, 300)),
        List.of(new TunnelSpec("b", "10.0.0.2:7000", 0, FecSpec.AUTO, Transport.TLS, "10.0.0.1:7000")),
        List.of(new LinkSpec("link:trunk", "lan1", "b", -5, new FitSpec(1300, true))),
        List.of(new GuestSpec("g1", GuestSpec.Role.ROUTER, 64,
            List.of(new NicSpec("eth0", "lan1", "02:00:00:00:00:01", 1500, List.of("10.1.0.1/24"))), List.of(),
            "router ospf\n")),
        List.of(new TapSpec("t1", "vt1", "lan1", 1500, List.of("10.1.0.9/24"))),
        List.of(new ImpairmentSpec("link:trunk", LineSpec.NONE.withDown(true))),
        List.of(new JetwaySpec(new TapSpec("out", "vj1", "lan1", 1500, List.of("10.1.0.254/24")),
            JetwaySpec.Mode.NAT, "", List.of(AllowSpec.parse("tcp/443 to 192.0.2.0/24")), List.of(), false, false)),
        List.of(),
        List.of(UdpPortSpec.vxlan("u1", "lan1", "10.0.0.1:4789", "10.0.0.9:4789", 42)),
        List.of(new GuardSpec("t1", GuardSpec.ANY, List.of(GuardSpec.DECLARED), 9, new GuardSpec.Storm(1, 2, 3),
            true)), true);

    @TempDir
    private Path directory;
    private final MemoryDriver driver = new MemoryDriver();
    private final Events events = new Events(Clock.systemUTC(), 16, 16);
    private final BlockingQueue<Boolean> shutdowns = new LinkedBlockingQueue<>();
    private Engine engine;
    private ApiServer server;
    private Vertx vertx;
    private HttpClient client;

    private record Answer(int status, String body) {
        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (IOException e) {
                throw new AssertionError(body, e);
            }
        }
    }

    @BeforeEach
    void start() {
        engine = new Engine(driver, directory.resolve("journal"), events);
        server = ApiServer.start(socket(),
            new HostDto("a", "1.0", 42, null, directory.toString(), "epoll", 1, "normal"), engine,
            network -> List.of(new RequestDto("", "malformed", 3)), shutdowns::add);
        vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
        client = vertx.createHttpClient();
    }

    @AfterEach
    void stop() {
        client.close().await();
        vertx.close().await();
        server.close();
        engine.close();
        assertThat(socket()).doesNotExist();
    }

    private Path socket() {
        return directory.resolve("api.sock");
    }

    private HttpClientRequest request(HttpMethod method, String uri) {
        return client.request(new RequestOptions().setMethod(method).setURI(uri).setHost("violin").setPort(80)
            .setServer(SocketAddress.domainSocketAddress(socket().toString()))).await();
    }

    private Answer call(HttpMethod method, String uri, Object body) {
        HttpClientRequest request = request(method, uri);
        Buffer bytes = body instanceof String text ? Buffer.buffer(text)
            : body == null ? Buffer.buffer() : Buffer.buffer(ApiJson.bytes(body));
        // Asked for before the request is sent: a body that nobody waits for when its head comes is thrown away.
        Future<Answer> answer = request.response()
            .compose(response -> response.body().map(text -> new Answer(response.statusCode(), text.toString())));
        request.send(bytes).await();
        return answer.await();
    }

    /** Sends the request; the answer's pieces, then "end", go to the queue. */
    private static BlockingQueue<String> follow(HttpClientRequest request) {
        BlockingQueue<String> pieces = new LinkedBlockingQueue<>();
        request.response().onSuccess(response -> {
            response.handler(bytes -> pieces.add(bytes.toString()));
            response.endHandler(nothing -> pieces.add("end"));
            response.exceptionHandler(failure -> pieces.add("end"));
        });
        request.send().await();
        return pieces;
    }

    private Answer get(String uri) {
        return call(HttpMethod.GET, uri, null);
    }

    @Test
    void onlyTheOwnerCanConnect() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket()))).isEqualTo("rw-------");
    }

    @Test
    void aNetworkIsPlannedMadeShownAndRemoved() {
        JsonNode plan = call(HttpMethod.POST, "/v1/networks/n1/plan", SPEC).json().get("steps");
        assertThat(plan).hasSize(13);
        assertThat(driver.state()).isEmpty();
        Answer put = call(HttpMethod.PUT, "/v1/networks/n1", SPEC);
        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().get("steps")).isEqualTo(plan);
        assertThat(call(HttpMethod.PUT, "/v1/networks/n1", SPEC).json().get("steps")).isEmpty();
        assertThat(get("/v1/networks").body()).isEqualTo("[\"n1\"]");
        assertThat(ApiJson.parse(get("/v1/networks/n1").body().getBytes(StandardCharsets.UTF_8), NetworkSpec.class))
            .isEqualTo(SPEC);
        assertThat(get("/v1/host").body()).contains("\"name\":\"a\"", "\"pid\":42", "\"listen\":null");
        assertThat(call(HttpMethod.DELETE, "/v1/networks/n1", null).status()).isEqualTo(200);
        assertThat(driver.state()).isEmpty();
        assertThat(get("/v1/networks").body()).isEqualTo("[]");
    }

    @Test
    void whatThereIsIsShownByNetwork() {
        engine.apply(SPEC);
        JsonNode node = get("/v1/nodes?network=n1").json().get(0);
        assertThat(node.get("state").asText()).isEqualTo("ready");
        assertThat(node.get("wanted").asText()).isEqualTo("running");
        assertThat(node.get("role").asText()).isEqualTo("router");
        assertThat(node.get("nics").get(0).get("bridge").asText()).isEqualTo("lan1");
        JsonNode ports = get("/v1/ports?network=n1").json();
        assertThat(ports.findValuesAsText("name")).containsExactly("g1.eth0", "link:trunk", "t1", "u1");
        assertThat(ports.get(3).get("kind").asText()).isEqualTo("vxlan");
        assertThat(ports.get(0).get("drops").get("no-peer").asInt()).isEqualTo(3);
        assertThat(ports.get(0).get("impairment").isNull()).isTrue();
        assertThat(ports.get(1).get("impairment").get("down").asBoolean()).isTrue();
        assertThat(ports.get(1).get("fit").toString()).isEqualTo("{\"mssClamp\":1300,\"honorsDf\":true}");
        assertThat(ports.get(2).get("fit").isNull()).isTrue();
        assertThat(ports).extracting(port -> port.get("fec").asText()).containsExactly("null", "auto", "null", "null");
        assertThat(ports).extracting(port -> port.get("transport").asText())
            .containsExactly("null", "tls", "null", "null");
        JsonNode link = get("/v1/links").json().get(0);
        assertThat(link.get("name").asText()).isEqualTo("link:trunk");
        assertThat(link.get("linkId").asLong()).isEqualTo(4294967291L);
        assertThat(link.get("tunnel").asText()).isEqualTo("connecting");
        assertThat(link.get("rxFrames").asInt()).isEqualTo(1);
        assertThat(link.get("impairment")).isEqualTo(ports.get(1).get("impairment"));
        JsonNode tunnel = get("/v1/tunnels?network=n1").json().get(0);
        assertThat(tunnel.get("peer").asText()).isEqualTo("b");
        assertThat(tunnel.get("fec").asText()).isEqualTo("auto");
        assertThat(tunnel.get("transport").asText()).isEqualTo("tls");
        assertThat(tunnel.get("way").asText()).isEqualTo("tls via 192.0.2.9:4711");
        assertThat(tunnel.get("remote").asText()).isEqualTo("10.0.0.2:7000");
        assertThat(tunnel.get("connections").toString()).isEqualTo("{\"connected\":1}");
        assertThat(tunnel.get("drops").toString()).isEqualTo("{\"codel\":2}");
        assertThat(tunnel.get("links").asInt()).isEqualTo(1);
        assertThat(get("/v1/macs?network=n1").json().get(0).get("bridge").asText()).isEqualTo("lan1");
        assertThat(get("/v1/macs?network=other").status()).isEqualTo(404);
        Answer learned = call(HttpMethod.POST, "/v1/networks/n1/macs",
            List.of(new MacDto("n1", "lan1", "02:00:00:00:00:07", "t1", 9)));
        assertThat(learned.json().get("stations").asInt()).isOne();
        assertThat(driver.learned()).containsExactly(new MacStatus("n1/lan1", "02:00:00:00:00:07", "n1/t1", 9));
        assertThat(call(HttpMethod.POST, "/v1/networks/n2/macs", List.of()).status()).isEqualTo(404);
        assertThat(call(HttpMethod.POST, "/v1/networks/n1/macs", "{}").status()).isEqualTo(400);
        JsonNode groups = get("/v1/groups?network=n1").json();
        assertThat(groups).extracting(group -> group.get("port").asText()).contains("t1", "null");
        assertThat(groups.get(0).get("bridge").asText()).isEqualTo("lan1");
        assertThat(groups.get(0).get("group").asText()).isEqualTo("239.1.2.3");
        assertThat(get("/v1/groups?network=other").status()).isEqualTo(404);
    }

    @Test
    void aPacketPortIsMadeAndShown() {
        NetworkSpec spec = new NetworkSpec.Builder("n1", "a").bridges(SPEC.bridges()).packets(List.of(new PacketSpec(
            "lan", "eth1", "lan1", PacketSpec.Role.PROXY, List.of("02:00:00:00:00:01"), true, false))).build();
        assertThat(call(HttpMethod.PUT, "/v1/networks/n1", spec).json().get("steps").get(1).asText())
            .isEqualTo("open packet port lan on lan1: proxy on eth1 for 02:00:00:00:00:01 and groups");
        assertThat(ApiJson.parse(get("/v1/networks/n1").body().getBytes(StandardCharsets.UTF_8), NetworkSpec.class))
            .isEqualTo(spec);
        assertThat(get("/v1/ports").json().get(0).get("kind").asText()).isEqualTo("packet");
    }

    @Test
    void errorsAreToldInJson() {
        assertThat(get("/v1/nowhere").json().get("error").asText()).contains("/v1/nowhere");
        assertThat(get("/v1/nowhere").status()).isEqualTo(404);
        assertThat(call(HttpMethod.DELETE, "/v1/host", null).status()).isEqualTo(405);
        assertThat(get("/v1/networks/n1").json().get("error").asText()).isEqualTo("no network n1 on this host");
        Answer bad = call(HttpMethod.PUT, "/v1/networks/n1", "{\"network\":\"n1\",\"x\":1}");
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.json().get("error").asText()).isEqualTo("not a NetworkSpec at line 1, column 22: Missing creator"
            + " property 'host' (index 1)");
        assertThat(call(HttpMethod.POST, "/v1/networks/n1/nodes/g1/exec", "{\"argv\":[\"a\"],\"x\":1}").body())
            .contains("\\\"x\\\"");
        assertThat(call(HttpMethod.PUT, "/v1/networks/n2", SPEC).status()).isEqualTo(400);
        assertThat(call(HttpMethod.PUT, "/v1/networks/n1", "").status()).isEqualTo(400);
        Answer large = call(HttpMethod.PUT, "/v1/networks/n1", "x".repeat((1 << 20) + 1));
        assertThat(large.status()).isEqualTo(413);
        assertThat(large.json().get("error").asText()).contains("larger than");
        NetworkSpec dangling = new NetworkSpec.Builder("n1", "a").taps(SPEC.taps()).build();
        assertThat(call(HttpMethod.PUT, "/v1/networks/n1", dangling).status()).isEqualTo(422);
        assertThat(get("/v1/events?follow=perhaps").status()).isEqualTo(400);
    }

    @Test
    void aFailedChangeSaysWhetherItWasUndone() {
        driver.failAt("openTap");
        Answer undone = call(HttpMethod.PUT, "/v1/networks/n1", SPEC);
        assertThat(undone.status()).isEqualTo(409);
        assertThat(undone.json().get("rolledBack").asBoolean()).isTrue();
        assertThat(undone.json().get("error").asText()).isEqualTo("open TAP vt1 on lan1: told to fail");
        assertThat(driver.state()).isEmpty();
        assertThat(get("/v1/networks").body()).isEqualTo("[]");
    }

    @Test
    void guestsAreStoppedAndStarted() {
        engine.apply(SPEC);
        Answer stopped = call(HttpMethod.POST, "/v1/networks/n1/nodes/g1/stop", null);
        assertThat(stopped.json().get("state").asText()).isEqualTo("stopped");
        assertThat(stopped.json().get("wanted").asText()).isEqualTo("stopped");
        assertThat(call(HttpMethod.POST, "/v1/networks/n1/nodes/g1/start", null).json().get("state").asText())
            .isEqualTo("ready");
        assertThat(call(HttpMethod.POST, "/v1/networks/n1/nodes/g1/kill", null).status()).isEqualTo(200);
        assertThat(call(HttpMethod.POST, "/v1/networks/n1/nodes/g1/restart", null).json().get("wanted").asText())
            .isEqualTo("running");
        assertThat(call(HttpMethod.POST, "/v1/networks/n1/nodes/g9/stop", null).status()).isEqualTo(404);
    }

    @Test
    void aCommandsOutputIsStreamed() {
        engine.apply(SPEC);
        String exec = "/v1/networks/n1/nodes/g1/exec";
        Answer hello = call(HttpMethod.POST, exec, new ExecRequest(List.of("cat", "hello")));
        assertThat(hello.body().lines()).containsExactly("{\"stdout\":\"aGVsbG8=\"}", "{\"exit\":0}");
        assertThat(call(HttpMethod.POST, exec, new ExecRequest(List.of("false", "no"))).body().lines())
            .containsExactly("{\"stderr\":\"bm8=\"}", "{\"exit\":1}");
        assertThat(call(HttpMethod.POST, exec, new ExecRequest(List.of("break", "so"))).body().lines())
            .containsExactly("{\"stdout\":\"c28=\"}", "{\"error\":\"guest g1 died\"}");
        assertThat(call(HttpMethod.POST, exec, new ExecRequest(List.of())).status()).isEqualTo(400);
        Answer unexpected = call(HttpMethod.POST, exec, new ExecRequest(List.of("unexpected")));
        assertThat(unexpected.status()).isEqualTo(500);
        assertThat(unexpected.body()).contains("reference").doesNotContain("secret", "Exception");
        engine.stop("n1", "g1");
        assertThat(call(HttpMethod.POST, exec, new ExecRequest(List.of("cat", "x"))).status()).isEqualTo(409);
    }

    @Test
    void aClientThatGoesAwayTakesItsCommandWithIt() throws Exception {
        engine.apply(SPEC);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            String body = new String(ApiJson.bytes(new ExecRequest(List.of("forever", "x"))), StandardCharsets.UTF_8);
            String request = "POST /v1/networks/n1/nodes/g1/exec HTTP/1.1\r\nHost: violin\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body;
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
            assertThat(channel.read(ByteBuffer.allocate(1024))).isPositive();
        }
        TestRun.await("the end of the command", () -> driver.calls().contains("cancelled"));
    }

    @Test
    void theConsoleIsReadFollowedAndWritten() throws Exception {
        String console = "/v1/networks/n1/nodes/g1/console";
        assertThat(get(console).status()).isEqualTo(404);
        engine.apply(SPEC);
        Path log = directory.resolve("console");
        Files.writeString(log, "booting\n");
        driver.setConsole("n1", "g1", log);
        assertThat(get(console).body()).isEqualTo("booting\n");
        HttpClientRequest request = request(HttpMethod.GET, console + "?follow=true");
        BlockingQueue<String> pieces = follow(request);
        assertThat(pieces.take()).isEqualTo("booting\n");
        Files.writeString(log, "login:", StandardOpenOption.APPEND);
        assertThat(pieces.take()).isEqualTo("login:");
        Files.writeString(log, "anew", StandardOpenOption.TRUNCATE_EXISTING);
        assertThat(pieces.take()).isEqualTo("anew");
        request.connection().close().await();
        assertThat(call(HttpMethod.POST, console, "root\n").status()).isEqualTo(200);
        assertThat(driver.calls()).contains("consoleInput root\n");
    }

    @Test
    void eventsAreToldAndFollowedUntilTheDaemonStops() throws Exception {
        events.publish("n1", "guest-ready", "g1", "");
        assertThat(JSON.readTree(get("/v1/events").body()).get("kind").asText()).isEqualTo("guest-ready");
        BlockingQueue<String> pieces = follow(request(HttpMethod.GET, "/v1/events?follow=true"));
        assertThat(pieces.take()).contains("guest-ready");
        events.publish("n1", "guest-died", "g1", "killed by signal 9");
        assertThat(pieces.take()).contains("guest-died", "killed by signal 9");
        server.close();
        assertThat(pieces.take()).isEqualTo("end");
    }

    @Test
    void howLongFramesWereInsideIsShown() {
        engine.apply(SPEC);
        JsonNode jetway = get("/v1/jetways?network=n1").json().get(0);
        assertThat(jetway.get("state").asText()).isEqualTo("off");
        assertThat(jetway.at("/spec/allow/0").asText()).isEqualTo("tcp/443 to 192.0.2.0/24");
        assertThat(get("/v1/requests?network=n1").json().at("/0/times").asInt()).isEqualTo(3);
        JsonNode latencies = get("/v1/latency?network=n1").json();
        assertThat(latencies.findValuesAsText("port")).containsExactly("g1.eth0", "link:trunk", "t1", "u1");
        JsonNode trunk = latencies.get(1);
        assertThat(trunk.get("bridge").asText()).isEqualTo("lan1");
        assertThat(trunk.get("frames").asInt()).isEqualTo(2);
        assertThat(trunk.get("p50Nanos").asInt()).isEqualTo(10_495);
        assertThat(trunk.get("p999Nanos").asInt()).isEqualTo(20_500);
        assertThat(trunk.get("buckets").get(1).get("fromNanos").asInt()).isEqualTo(20_480);
        assertThat(get("/v1/latency?network=other").status()).isEqualTo(404);
        LatencyDto[] parsed = ApiJson.parse(latencies.toString().getBytes(StandardCharsets.UTF_8), LatencyDto[].class);
        assertThat(LatencyDto.sum(List.of(parsed)).count()).isEqualTo(8);
    }

    @Test
    void framesAreTracedUntilThereAreEnough() {
        engine.apply(SPEC);
        Answer traced = get("/v1/trace?network=n1&every=7&count=2&seconds=3600");
        assertThat(traced.status()).isEqualTo(200);
        assertThat(traced.body().lines()).hasSize(2).first().isEqualTo("{\"network\":\"n1\",\"ingress\":\"g1.eth0\","
            + "\"egress\":null,\"drop\":null,\"bytes\":60,\"superFrame\":false,\"readNanos\":1,\"decideNanos\":2,"
            + "\"queueNanos\":3,\"sendNanos\":4}");
        assertThat(driver.calls()).contains("trace one in 7");
        assertThat(get("/v1/trace?every=1&count=9&seconds=1").body().lines()).as("one second's").hasSize(4);
        assertThat(driver.traces()).isFalse();
        for (String wrong : List.of("every=0&count=1&seconds=1", "every=1&count=10001&seconds=1", "every=1&count=1",
            "every=1&count=1&seconds=x", "every=99999999999&count=1&seconds=1")) {
            assertThat(get("/v1/trace?network=n1&" + wrong).status()).as(wrong).isEqualTo(400);
        }
        assertThat(get("/v1/trace?network=other&every=1&count=1&seconds=1").status()).isEqualTo(404);
    }

    @Test
    void aClientThatGoesAwayEndsItsTraceAndUntilThenThereIsNoOther() throws Exception {
        engine.apply(SPEC);
        String uri = "/v1/trace?every=1&count=100&seconds=3600";
        HttpClientRequest request = request(HttpMethod.GET, uri);
        BlockingQueue<String> pieces = follow(request);
        assertThat(pieces.take()).contains("g1.eth0");
        Answer second = get(uri);
        assertThat(second.status()).isEqualTo(409);
        assertThat(second.json().get("error").asText()).contains("one at a time");
        request.connection().close().await();
        TestRun.await("the end of the trace", () -> !driver.traces());
    }

    @Test
    void aTrialThatCannotBeginLeavesNothing() {
        assertThat(call(HttpMethod.PUT, "/v1/networks/n1", SPEC).status()).isEqualTo(200);
        Map<String, Object> before = driver.state();
        String trial = "/v1/networks/n1/peers/b/trial";
        assertThat(call(HttpMethod.POST, trial, "{}").status()).isEqualTo(400);
        assertThat(call(HttpMethod.POST, trial, "udp").body()).contains("not a TrialRequest");
        assertThat(call(HttpMethod.DELETE, trial, null).status()).as("there is none").isEqualTo(200);
        // A host in memory has no TAP that could be given an address; without root not even that is tried.
        Answer refused = call(HttpMethod.POST, trial, new TrialRequest(7, true, 1, Variant.UDP));
        assertThat(refused.status()).as(refused.body()).isEqualTo(409);
        assertThat(refused.body()).containsAnyOf("vtune00000007", "run this daemon as root");
        assertThat(driver.state()).isEqualTo(before);
    }

    @Test
    void theDaemonIsAskedToStop() throws InterruptedException {
        assertThat(call(HttpMethod.POST, "/v1/shutdown?guests=perhaps", null).status()).isEqualTo(400);
        assertThat(call(HttpMethod.POST, "/v1/shutdown?guests=stop", null).status()).isEqualTo(202);
        assertThat(shutdowns.take()).isTrue();
        assertThat(call(HttpMethod.POST, "/v1/shutdown", null).status()).isEqualTo(202);
        assertThat(shutdowns.take()).isFalse();
    }
}
