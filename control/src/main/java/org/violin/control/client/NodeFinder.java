package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.violin.control.api.NodeDto;

/** Finds the guest that a user means by {@code NODE} or {@code NETWORK/NODE}. */
public final class NodeFinder {
    private NodeFinder() {
    }

    /** A guest and the daemon that runs it. */
    public record Found(String network, NodeDto node, DaemonClient daemon) {
        public String fullName() {
            return network + "/" + node.name();
        }
    }

    /** Throws {@link ClientException} when no guest, or more than one, is meant. */
    public static Found find(Registry registry, String reference) {
        int slash = reference.indexOf('/');
        String network = slash < 0 ? null : reference.substring(0, slash);
        String name = reference.substring(slash + 1);
        return choose(reference, name, Survey.of(registry, network).ask(DaemonClient::nodes));
    }

    static Found choose(String reference, String name, List<Survey.Answer<List<NodeDto>>> answers) {
        if (answers.isEmpty()) {
            throw new ClientException("no node " + reference
                + ": no network is up (violin up FILE brings one up)");
        }
        List<Found> found = new ArrayList<>();
        List<String> others = new ArrayList<>();
        List<String> errors = new ArrayList<>();
        for (Survey.Answer<List<NodeDto>> answer : answers) {
            if (answer.error() != null) {
                errors.add(answer.error());
                continue;
            }
            for (NodeDto node : answer.value()) {
                if (node.name().equals(name)) {
                    found.add(new Found(answer.network(), node, answer.host().client()));
                }
                others.add(node.name());
            }
        }
        // One that is on its way to another host is where it is no more on its way.
        Set<String> settled = found.stream().filter(each -> each.node().leavingFor() == null).map(Found::network)
            .collect(Collectors.toSet());
        found.removeIf(each -> each.node().leavingFor() != null && settled.contains(each.network()));
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (found.isEmpty()) {
            throw new ClientException("no node " + reference + " is up: " + instead(others, errors));
        }
        throw new ClientException(reference + " may be any of "
            + String.join(", ", found.stream().map(Found::fullName).toList()) + ": say which");
    }

    private static String instead(List<String> others, List<String> errors) {
        if (!errors.isEmpty()) {
            return String.join("; ", errors);
        }
        return others.isEmpty() ? "there is none"
            : "there is " + String.join(", ", others.stream().distinct().toList());
    }
}
