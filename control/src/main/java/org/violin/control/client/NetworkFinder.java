package org.violin.control.client;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.violin.control.spec.NetworkSpec;

/** Finds the network of a name that a user gave without it. */
final class NetworkFinder {
    private final Registry registry;

    NetworkFinder(Registry registry) {
        this.registry = registry;
    }

    /**
     * The one network that has such a thing. Throws {@link ClientException} when none has, or more than one.
     *
     * @param kind what it is called in messages
     * @param has  whether a host has it
     * @param hint how a message about a name that nothing has goes on, from the name and all that there is
     */
    String having(String kind, String name, Predicate<NetworkSpec> has,
        BiFunction<String, Collection<NetworkSpec>, String> hint) {
        List<NetworkRecord> records = registry.networks();
        if (records.isEmpty()) {
            throw new ClientException("no " + kind + " " + name
                + ": no network is up (violin up FILE brings one up)");
        }
        List<Survey.Answer<Optional<NetworkSpec>>> answers = new Survey(records).ask(DaemonClient::network);
        List<String> found = answers.stream()
            .filter(answer -> answer.error() == null && answer.value().isPresent() && has.test(answer.value().get()))
            .map(Survey.Answer::network).distinct().toList();
        if (found.size() == 1) {
            return found.getFirst();
        }
        if (!found.isEmpty()) {
            throw new ClientException(name + " may be any of " + found.stream()
                .map(network -> network + "/" + name).collect(Collectors.joining(", ")) + ": say which");
        }
        List<String> errors = answers.stream().map(Survey.Answer::error).filter(error -> error != null).toList();
        List<NetworkSpec> all = answers.stream().filter(answer -> answer.error() == null)
            .flatMap(answer -> answer.value().stream()).toList();
        throw new ClientException("there is no " + kind + " '" + name + "'"
            + (errors.isEmpty() ? hint.apply(name, all) : ": " + String.join("; ", errors)));
    }
}
