package org.violin.control.client;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.violin.control.api.HostDto;
import org.violin.control.client.NetworkRecord.Host;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.Plan;
import org.violin.control.topology.Planner;
import org.violin.control.topology.Topology;

/**
 * Brings a network up, or from what it is to what its file says now. In order: the registry's entry, the namespaces and
 * the underlay between them, their daemons, the way of guests that are on other hosts, each daemon's part, the wait for
 * guests and tunnels; last, the removal of hosts that the file names no more. Whatever fails before the wait has ended,
 * and Ctrl-C, takes back what this run did, newest first.
 */
public final class Up {
    /** After Ctrl-C: stopping guests and daemons of every host, on a busy machine. */
    private static final Duration TAKE_BACK_LIMIT = Duration.ofSeconds(90);

    private static final HostDto NONE = new HostDto("", "", 0, null, "", "", 0, "");

    private final Registry registry;
    private final Path launcher;
    private final Progress progress;
    private final Undo undo = new Undo();

    /** Set by {@link #run}. */
    private NetworkRecord record;
    private Plan plan;

    /** @param launcher the {@code violin} program, which daemons are started with */
    public Up(Registry registry, Path launcher, Progress progress) {
        this.registry = registry;
        this.launcher = launcher;
        this.progress = progress;
    }

    /**
     * Returns the names of what is not up in time; empty: all is well. Throws {@link ClientException} or
     * {@link ApiException} when it failed and was taken back.
     *
     * @param file    where the topology came from
     * @param timeout how long guests may boot and tunnels may take to answer
     */
    public List<String> run(Topology topology, Path file, Duration timeout) {
        try (Registry.Lock lock = registry.lock(topology.network());
            Cancellation cancellation = new Cancellation(TAKE_BACK_LIMIT)) {
            assert lock != null;
            Optional<NetworkRecord> previous = registry.find(topology.network());
            try {
                plan = Planner.plan(topology, Blueprint.heldAddresses(previous));
                List<Host> wanted = Blueprint.hosts(plan, registry.home());
                Blueprint.check(topology.network(), wanted, previous, registry);
                record = previous.map(old -> old.union(wanted)).orElseGet(() -> new NetworkRecord(
                    topology.network(), file.toString(), now(), wanted)).from(file);
                registry.write(record);
                makeUnderlay(wanted, previous, cancellation);
                startDaemons(wanted, previous, cancellation);
                if (previous.isPresent()) {
                    moveNodes(cancellation);
                }
                applySpecs(wanted, previous, cancellation);
                List<String> missing = new Readiness(record, plan, progress).await(timeout, cancellation);
                cancellation.check();
                removeOthers(wanted);
                return missing;
            } catch (RuntimeException e) {
                throw takeBack(previous, e, cancellation);
            }
        }
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private RuntimeException takeBack(Optional<NetworkRecord> previous, RuntimeException cause,
        Cancellation cancellation) {
        cancellation.acknowledge();
        if (record == null) {
            return cause;
        }
        progress.abandon();
        progress.begin(record.network(), cancellation.cancelled() ? "interrupted: taking back" : "taking back");
        List<String> failures = undo.run();
        if (failures.isEmpty()) {
            previous.ifPresentOrElse(registry::write, () -> registry.remove(record.network()));
            progress.failed(record.network(), "taken back: "
                + (previous.isPresent() ? "it is as it was before" : "nothing is left of it"));
        } else {
            progress.failed(record.network(), String.join("; ", failures) + ": clean up with: violin down "
                + record.network());
        }
        return cancellation.cancelled() ? new ClientException("interrupted") : cause;
    }

    private void makeUnderlay(List<Host> wanted, Optional<NetworkRecord> previous, Cancellation cancellation) {
        List<Underlay.Member> members = Blueprint.members(wanted);
        if (members.isEmpty()) {
            return;
        }
        cancellation.check();
        String what = "underlay";
        progress.begin(what, "making namespaces");
        Underlay underlay = new Underlay(record.network());
        if (!underlay.boardExists()) {
            undo.push("remove the underlay", underlay::removeBoard);
        }
        int madeCount = 0;
        for (Underlay.Member member : members) {
            if (!Underlay.exists(Underlay.namespace(record.network(), member.host()))) {
                undo.push("remove the namespace of " + member.host(), () -> underlay.remove(member));
                madeCount++;
            }
            if (previous.flatMap(old -> old.host(member.host())).isEmpty()) {
                Path state = registry.home().stateDirectory(
                    HostDaemon.daemonName(record.network(), member.host()));
                if (new HostDaemon(record, record.host(member.host()).orElseThrow()).answering() != null) {
                    throw new ClientException("host " + member.host() + ": a daemon that is not of this network runs"
                        + " on " + state + ": end it, or rename the host");
                }
                // What an earlier network of this name left behind must not come back.
                Trees.delete(state);
                undo.push("remove " + state, () -> Trees.delete(state));
            }
        }
        underlay.ensure(members);
        progress.done(what, madeCount == 0 ? "there already"
            : madeCount + (madeCount == 1 ? " namespace made" : " namespaces made"));
    }

    private void startDaemons(List<Host> wanted, Optional<NetworkRecord> previous, Cancellation cancellation) {
        List<HostDto> answers = new ArrayList<>(
            Parallel.map(wanted, host -> Optional.ofNullable(new HostDaemon(record, host).answering()).orElse(NONE)));
        Map<Integer, HostDaemon> started = new LinkedHashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            Host host = wanted.get(i);
            if (answers.get(i) != NONE) {
                progress.done(host.name(), "daemon runs already (pid " + answers.get(i).pid() + ")");
                continue;
            }
            cancellation.check();
            if (!host.netns()) {
                // The question again, for the reason why there is no answer.
                host.client().host();
            }
            progress.begin(host.name(), "daemon starts");
            HostDaemon daemon = new HostDaemon(record, host);
            // One that had died before this run is not made to die again: its guests may run.
            if (previous.flatMap(old -> old.host(host.name())).isEmpty()) {
                undo.push("stop the daemon of " + host.name(), daemon::stop);
            }
            daemon.start(launcher, registry.tunnelKey(record.network()));
            started.put(i, daemon);
        }
        started.forEach((i, daemon) -> {
            answers.set(i, daemon.awaitReady());
            progress.done(wanted.get(i).name(), "daemon started (pid " + answers.get(i).pid() + ")");
        });
        List<Host> known = new ArrayList<>();
        for (int i = 0; i < wanted.size(); i++) {
            known.add(wanted.get(i).withStateDir(answers.get(i).stateDir()));
        }
        record = record.union(known);
        registry.write(record);
    }

    /** Guests go where the file has them now, with their disks: a specification alone would start them anew there. */
    private void moveNodes(Cancellation cancellation) {
        NodePlacement placement = new NodePlacement(record, TunnelWait.LIMIT, cancellation::acknowledge);
        placement.mend();
        misplaced(plan, NodePlacement.hosts(record)).forEach((node, way) -> {
            cancellation.check();
            progress.begin(node, "moves from " + way.from() + " to " + way.to());
            undo.push("move " + node + " back to " + way.from(), () -> placement.bring(node, way.from()));
            progress.done(node, "moved from " + way.from() + ": " + placement.move(node, way.to()).text());
        });
    }

    private record Way(String from, String to) {
    }

    /** @param hosts of guests that there are */
    private static Map<String, Way> misplaced(Plan plan, Map<String, String> hosts) {
        Map<String, Way> misplaced = new LinkedHashMap<>();
        plan.hosts().forEach(host -> host.spec().guests().stream().map(GuestSpec::name)
            .filter(node -> !hosts.getOrDefault(node, host.name()).equals(host.name()))
            .forEach(node -> misplaced.put(node, new Way(hosts.get(node), host.name()))));
        return misplaced;
    }

    private void applySpecs(List<Host> wanted, Optional<NetworkRecord> previous, Cancellation cancellation) {
        for (int i = 0; i < wanted.size(); i++) {
            cancellation.check();
            Host host = wanted.get(i);
            DaemonClient client = host.client();
            NetworkSpec spec = plan.hosts().get(i).spec();
            Optional<NetworkSpec> before = client.network(record.network());
            progress.begin(host.name(), "applying");
            boolean fresh = host.netns() && previous.flatMap(old -> old.host(host.name())).isEmpty();
            if (!fresh) {
                undo.push("put back the network on " + host.name(), () -> before.ifPresentOrElse(
                    client::put, () -> client.delete(record.network())));
            }
            List<String> steps = client.put(spec);
            progress.done(host.name(), steps.isEmpty() ? "nothing to change"
                : steps.size() + (steps.size() == 1 ? " step" : " steps"));
        }
    }

    /** Past the point of no return: a failure here leaves the rest up and the host in the registry. */
    private void removeOthers(List<Host> wanted) {
        List<Host> others = record.hosts().stream()
            .filter(host -> wanted.stream().noneMatch(kept -> kept.name().equals(host.name()))).toList();
        List<Host> remaining = new ArrayList<>(record.hosts());
        List<String> failures = new ArrayList<>();
        for (Host host : others) {
            progress.begin(host.name(), "is no longer in the file: taking down");
            Optional<String> failure = new HostRemoval(record, host).run();
            failure.ifPresentOrElse(why -> {
                progress.failed(host.name(), why);
                failures.add(why);
            }, () -> {
                progress.done(host.name(), "taken down");
                remaining.remove(host);
            });
        }
        if (remaining.stream().noneMatch(Host::netns) && record.hasNetns()) {
            new Underlay(record.network()).removeBoard();
        }
        record = record.withHosts(remaining);
        registry.write(record);
        undo.forget();
        if (!failures.isEmpty()) {
            throw new ClientException(String.join("\n", failures));
        }
    }

    /** What {@link #run} would do, one line for each step, by host; asks the daemons that run and changes nothing. */
    public Map<String, List<String>> dryRun(Topology topology) {
        Optional<NetworkRecord> previous = registry.find(topology.network());
        Plan dry = Planner.plan(topology, Blueprint.heldAddresses(previous));
        List<Host> wanted = Blueprint.hosts(dry, registry.home());
        Blueprint.check(topology.network(), wanted, previous, registry);
        Map<String, List<String>> lines = new LinkedHashMap<>();
        for (int i = 0; i < wanted.size(); i++) {
            Host host = wanted.get(i);
            lines.put(host.name(), Blueprint.dryRun(topology.network(), host, dry.hosts().get(i).spec()));
        }
        previous.map(NodePlacement::hosts).map(hosts -> misplaced(dry, hosts)).ifPresent(all -> all.forEach(
            (node, way) -> lines.get(way.to()).addFirst("move guest " + node + " here from " + way.from()
                + ", with its disk")));
        previous.ifPresent(old -> old.hosts().stream()
            .filter(host -> !lines.containsKey(host.name()))
            .forEach(host -> lines.put(host.name(), List.of("take down: it is no longer in the file"))));
        return lines;
    }

}
