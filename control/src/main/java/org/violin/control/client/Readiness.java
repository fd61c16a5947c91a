package org.violin.control.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.violin.control.api.NodeDto;
import org.violin.control.api.TunnelDto;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Plan;

/** Waits until a network's guests are ready and its tunnels up, and tells of each as it happens. */
final class Readiness {
    private static final long POLL_MILLIS = 150;

    private final NetworkRecord record;
    private final Plan plan;
    private final Progress progress;
    private final long start = System.nanoTime();
    /** What is not up yet, and what is known of it. */
    private final Map<String, String> pending = new LinkedHashMap<>();
    private final List<String> failed = new ArrayList<>();

    Readiness(NetworkRecord record, Plan plan, Progress progress) {
        this.record = record;
        this.plan = plan;
        this.progress = progress;
    }

    /** Returns what is not up when {@code timeout} has passed, or sooner when nothing more can come. */
    List<String> await(Duration timeout, Cancellation cancellation) {
        for (Plan.Host host : plan.hosts()) {
            host.spec().guests().forEach(guest -> expect(guest.name(), "boots"));
            host.spec().tunnels().forEach(tunnel -> expect(tunnelName(host.name(), tunnel.peer()), "connects"));
        }
        while (true) {
            cancellation.check();
            Parallel.map(plan.hosts(), this::look).forEach(Runnable::run);
            if (pending.isEmpty() || System.nanoTime() - start >= timeout.toNanos()) {
                break;
            }
            pause(POLL_MILLIS);
        }
        Map<String, String> consoles = consoles();
        pending.forEach((what, state) -> progress.failed(what,
            "not up after " + seconds() + ": " + state + consoles.getOrDefault(what, "")));
        failed.addAll(pending.keySet());
        return failed;
    }

    /** Of guests that are not up, how far they have come. */
    private Map<String, String> consoles() {
        Map<String, String> ends = new HashMap<>();
        for (Plan.Host planned : plan.hosts()) {
            DaemonClient client = record.host(planned.name()).orElseThrow().client();
            planned.spec().guests().stream().map(GuestSpec::name).filter(pending::containsKey).forEach(guest -> {
                try {
                    ends.put(guest, "; its console ends with: " + client.lastConsoleLine(record.network(), guest));
                } catch (ApiException e) {
                    ends.put(guest, "; its console is not to be had: " + e.getMessage());
                }
            });
        }
        return ends;
    }

    private static String tunnelName(String host, String peer) {
        return "tunnel " + host + " -> " + peer;
    }

    private void expect(String what, String state) {
        pending.put(what, state);
        progress.begin(what, state);
    }

    /** Asks a host; the answer's effects are for the caller's thread. */
    private Runnable look(Plan.Host planned) {
        NetworkSpec spec = planned.spec();
        Host host = record.host(planned.name()).orElseThrow();
        try {
            DaemonClient client = host.client();
            List<NodeDto> nodes = spec.guests().isEmpty() ? List.of() : client.nodes(record.network());
            List<TunnelDto> tunnels = spec.tunnels().isEmpty() ? List.of() : client.tunnels(record.network());
            return () -> {
                nodes.forEach(this::onNode);
                tunnels.forEach(tunnel -> onTunnel(planned.name(), tunnel));
            };
        } catch (ApiException e) {
            return () -> spec.guests().forEach(guest -> pending.replace(guest.name(), e.getMessage()));
        }
    }

    private void onNode(NodeDto node) {
        if (!pending.containsKey(node.name())) {
            return;
        }
        switch (node.state()) {
            case "ready" -> {
                if (node.detail().isEmpty()) {
                    finish(node.name(), "ready");
                } else {
                    fail(node.name(), "booted, but: " + node.detail());
                }
            }
            case "dead" -> fail(node.name(), "died: " + node.detail());
            default -> {
                if (node.wanted().equals("stopped")) {
                    finish(node.name(), "stays stopped: violin node start " + node.name());
                } else {
                    pending.replace(node.name(), node.state());
                }
            }
        }
    }

    private void onTunnel(String host, TunnelDto tunnel) {
        String what = tunnelName(host, tunnel.peer());
        if (pending.containsKey(what)) {
            if (tunnel.state().equals("up")) {
                finish(what, "up");
            } else {
                pending.replace(what, tunnel.state());
            }
        }
    }

    private void finish(String what, String text) {
        pending.remove(what);
        progress.done(what, text + " (" + seconds() + ")");
    }

    private void fail(String what, String text) {
        pending.remove(what);
        failed.add(what);
        progress.failed(what, text);
    }

    private String seconds() {
        return String.format(java.util.Locale.ROOT, "%.1f s", (System.nanoTime() - start) / 1e9);
    }

    /** Between two looks at what is to come. */
    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException("interrupted");
        }
    }
}
