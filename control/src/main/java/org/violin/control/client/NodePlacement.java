package org.violin.control.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.violin.control.api.NodeDto;
import org.violin.control.guest.GuestDisks;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.topology.NodeMove;

/**
 * Where the guests of a network are, and how they get elsewhere with their disks. For whoever holds the network's lock.
 *
 * <p>Theory of operation. A move is a commit in two phases with this command as the coordinator, which may die at any
 * moment. Its record is at the daemons: first the old one journals that the guest is leaving, and for whom, and runs it
 * no more; then the new one takes the disk, where it is no guest's; then the new one journals that it has the guest.
 * That is the commit. Until then the guest is the old one's, from then on it is the new one's, and the old one may
 * delete what it has. So {@link #mend} needs to ask the new one alone; while that does not answer, nobody may run the
 * guest. docs/migration.md has each step and what comes of a failure in it.
 */
final class NodePlacement {
    private static final Duration BOOT_LIMIT = Duration.ofSeconds(90);
    private static final long POLL_MILLIS = 20;
    /** What a disk that has come leaves free. */
    private static final long RESERVE_BYTES = 16 << 20;

    private final NetworkRecord record;
    private final Duration tunnelsLimit;
    private final Runnable unbroken;

    /** @param unbroken called before what must not be broken off by an interrupt of this thread */
    NodePlacement(NetworkRecord record, Duration tunnelsLimit, Runnable unbroken) {
        this.record = record;
        this.tunnelsLimit = tunnelsLimit;
        this.unbroken = unbroken;
    }

    private NodeMove moves(Look look) {
        return new NodeMove(record.network(), look.specs(), look.underlays());
    }

    private DaemonClient daemon(String host) {
        return record.host(host).orElseThrow().client();
    }

    /** The host of each guest of a network, of those that answer. After {@link #mend} each has one. */
    static Map<String, String> hosts(NetworkRecord record) {
        Map<String, String> hosts = new HashMap<>();
        Look.at(record).specs().forEach((host, spec) -> spec.guests().forEach(guest -> hosts.put(guest.name(), host)));
        return hosts;
    }

    /** Ends what commands have left that died half way: each guest is in one place, and runs there if it is to. */
    void mend() {
        new Survey(List.of(record)).ask(DaemonClient::nodes).stream().filter(answer -> answer.error() == null)
            .forEach(answer -> answer.value().stream().filter(node -> node.leavingFor() != null)
                .forEach(node -> mend(node.name(), answer.host().name(), node.leavingFor())));
    }

    private void mend(String node, String from, String to) {
        boolean hasCome = hasCome(node, from, to);
        Look look = Look.at(record);
        Map<String, NetworkSpec> specs = new LinkedHashMap<>();
        try {
            specs.putAll(moves(look).place(node, hasCome ? to : from).specs());
        } catch (IllegalArgumentException e) {
            look.complete();
            throw new ClientException(e.getMessage());
        }
        specs.keySet().retainAll(look.specs().keySet());
        List<String> failed = new ArrayList<>();
        NetworkSpec last = specs.remove(from);
        failed.addAll(record.each(specs, DaemonClient::put));
        if (last != null) {
            failed.addAll(record.each(Map.of(from, last), DaemonClient::put));
        }
        if (!hasCome) {
            attempt(failed, () -> daemon(from).stay(record.network(), node));
        }
        if (!failed.isEmpty()) {
            throw new ClientException("node " + node + " is on " + (hasCome ? to : from)
                + " after a move that was broken off, but not all is in order: " + String.join("; ", failed));
        }
    }

    /** Whether a guest has come to where it was to go; if not, it does not come any more. */
    private boolean hasCome(String node, String from, String to) {
        Look look = Look.at(record);
        if (look.errors().containsKey(to)) {
            throw new ClientException("node " + node + " was on its way from " + from + " to " + to
                + ", and whether it has come there is not known: " + look.errors().get(to));
        }
        NetworkSpec now = look.specs().get(to);
        if (now == null || NodeMove.has(now, node)) {
            return now != null;
        }
        try {
            // A request of the command that died may still be under way: without the disk it comes to nothing.
            daemon(to).discardDisk(record.network(), node);
            return false;
        } catch (ApiException e) {
            NetworkSpec there = Look.at(record).specs().get(to);
            if (there != null && NodeMove.has(there, node)) {
                return true;
            }
            throw e;
        }
    }

    private static void attempt(List<String> failed, Runnable action) {
        try {
            action.run();
        } catch (ApiException e) {
            failed.add(e.getMessage());
        }
    }

    /** Moves a guest to a host, wherever it is, and from whatever a move has left that failed. */
    void bring(String node, String host) {
        mend();
        if (!host.equals(hosts(record).get(node))) {
            move(node, host);
        }
    }

    /** Moves a guest to another host. */
    NodeMigration.Done move(String node, String to) {
        Look look = Look.at(record).complete();
        NodeMove moves = moves(look);
        NodeMove.Moved moved;
        try {
            moved = moves.move(node, to);
        } catch (IllegalArgumentException e) {
            throw new ClientException(e.getMessage());
        }
        return new Move(look, moved, node, moves.hostsOf(node).getFirst(), to).run();
    }

    private final class Move {
        private final Look before;
        private final NodeMove.Moved moved;
        private final String node;
        private final String from;
        private final String to;
        private final String network = record.network();
        private final DaemonClient source;
        private final DaemonClient target;
        private boolean isCommitting;

        private Move(Look before, NodeMove.Moved moved, String node, String from, String to) {
            this.before = before;
            this.moved = moved;
            this.node = node;
            this.from = from;
            this.to = to;
            source = daemon(from);
            target = daemon(to);
        }

        private NodeMigration.Done run() {
            try {
                requireFit();
            } catch (ApiException e) {
                throw new ClientException(e.getMessage() + ". Nothing is changed");
            }
            // Also for the sake of its file system: one that boots cannot be asked to power off.
            boolean isStopped = booted(source).wanted().equals("stopped");
            Map<String, NetworkSpec> others = new LinkedHashMap<>(moved.specs());
            NetworkSpec without = others.remove(from);
            NetworkSpec with = others.remove(to);
            long beganNs;
            long bytes;
            try {
                openTunnels();
                beganNs = System.nanoTime();
                source.leave(network, node, to);
                bytes = source.copyDisk(network, node, target);
                orThrow(record.each(others, DaemonClient::put));
                isCommitting = true;
                target.put(with, node, isStopped);
            } catch (ApiException | ClientException e) {
                throw takenBack(e.getMessage());
            }
            long standsStillMs = standsStillMs();
            unbroken.run();
            List<String> left = record.each(Map.of(from, without), DaemonClient::put);
            if (!left.isEmpty()) {
                throw new ClientException("node " + node + " is on " + to + " now, but not all is in order: "
                    + String.join("; ", left) + ": run 'violin up' again");
            }
            if (!isStopped) {
                requireReady(booted(target));
            }
            Duration blackout = isStopped ? null : standsStillMs > 0 ? Duration.ofMillis(standsStillMs)
                : Duration.ofNanos(System.nanoTime() - beganNs);
            return new NodeMigration.Done(network, node, from, to, bytes, blackout, standsStillMs > 0);
        }

        /** For how long it has stood still where it was, now that it runs again; 0: it was off, or nobody knows. */
        private long standsStillMs() {
            try {
                return source.amount(network, node).standsStillMillis();
            } catch (ApiException e) {
                return 0;
            }
        }

        /** The guest as a daemon has it when it boots no more, or has booted for too long. */
        private NodeDto booted(DaemonClient daemon) {
            long deadlineNs = System.nanoTime() + BOOT_LIMIT.toNanos();
            while (true) {
                NodeDto now = daemon.nodes(network).stream().filter(each -> each.name().equals(node)).findFirst()
                    .orElseThrow(() -> new ClientException(
                        "node " + node + " was taken from " + daemon.hostName() + " meanwhile"));
                if (!now.state().equals("booting") || System.nanoTime() - deadlineNs >= 0) {
                    return now;
                }
                Readiness.pause(POLL_MILLIS);
            }
        }

        private void requireReady(NodeDto now) {
            if (!now.state().equals("ready")) {
                throw new ClientException("node " + node + " is on " + to + ", but is not up there: it is "
                    + now.state() + (now.detail().isEmpty() ? "" : ": " + now.detail()));
            }
        }

        /** Throws if it is known beforehand that the guest cannot be there. */
        private void requireFit() {
            GuestDisks.Platform here = source.platform();
            GuestDisks.Platform there = target.platform();
            boolean isSameImage = here.image().equals(there.image());
            if (!isSameImage || !here.kernel().equals(there.kernel())) {
                throw new ClientException("node " + node + " cannot run on " + to + ", which has another guest "
                    + (isSameImage ? "kernel (linux.uml) than " : "image than ") + from + " (SHA-256 "
                    + (isSameImage ? there.kernel() : there.image()).substring(0, 16) + "..., not "
                    + (isSameImage ? here.kernel() : here.image()).substring(0, 16) + "...): copy " + from
                    + "'s there and start the daemon again. Nothing is changed");
            }
            long bytes = source.amount(network, node).bytes();
            if (there.freeBytes() < bytes + RESERVE_BYTES) {
                throw new ClientException("node " + node + " has a disk of " + (bytes >> 20) + " MiB, and " + to
                    + " has " + (there.freeBytes() >> 20) + " MiB left: make room there. Nothing is changed");
            }
            moved.specs().forEach((host, spec) -> daemon(host).plan(spec));
        }

        private void openTunnels() {
            Map<String, NetworkSpec> missing = new LinkedHashMap<>(moved.prepared());
            missing.entrySet().removeIf(entry -> entry.getValue().equals(before.specs().get(entry.getKey())));
            orThrow(record.each(missing, DaemonClient::put));
            TunnelWait.await(record, to, moved.peers(), tunnelsLimit).ifPresent(down -> {
                throw new ClientException("node " + node + " cannot be on " + to + ", as " + down);
            });
        }

        private static void orThrow(List<String> errors) {
            if (!errors.isEmpty()) {
                throw new ClientException(String.join("; ", errors));
            }
        }

        private ClientException takenBack(String why) {
            unbroken.run();
            List<String> left = new ArrayList<>();
            if (isCommitting) {
                // It may have changed and not said so. As long as it has not said that it has not, it has the guest.
                attempt(left, () -> target.put(before.specs().get(to)));
                attempt(left, () -> target.discardDisk(network, node));
                if (!left.isEmpty()) {
                    return new ClientException(why + "; whether node " + node + " is on " + to + " is not known, and"
                        + " on " + from + " it does not run: " + left.getFirst()
                        + ": run 'violin up' again when it answers");
                }
            }
            attempt(left, () -> source.stay(network, node));
            Map<String, NetworkSpec> was = new LinkedHashMap<>(before.specs());
            was.keySet().retainAll(moved.specs().keySet());
            left.addAll(record.each(was, DaemonClient::put));
            if (!isCommitting) {
                attempt(left, () -> target.discardDisk(network, node));
            }
            return new ClientException(why + (left.isEmpty() ? ". All is as it was"
                : "; taking it back failed too: " + String.join("; ", left) + ": run 'violin up' again"));
        }
    }
}
