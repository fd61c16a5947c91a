package org.violin.control.client;

import java.nio.file.Path;
import java.util.Optional;
import org.violin.control.jetway.JetwayException;
import org.violin.control.jetway.Jetways;
import org.violin.control.os.Command.CommandException;

/** Takes a network off one host: everything for a host that is a namespace, the network alone for any other. */
final class HostRemoval {
    private final NetworkRecord record;
    private final NetworkRecord.Host host;

    HostRemoval(NetworkRecord record, NetworkRecord.Host host) {
        this.record = record;
        this.host = host;
    }

    /** Returns what went wrong, in one line; what was removed before stays removed, so it may be tried again. */
    Optional<String> run() {
        try {
            if (host.netns()) {
                removeNamespace();
            } else {
                removeNetwork();
            }
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(e.getMessage());
        }
    }

    private void removeNamespace() {
        new HostDaemon(record, host).stop();
        Underlay underlay = new Underlay(record.network());
        underlay.remove(Blueprint.member(host));
        Trees.delete(Path.of(host.stateDir()));
    }

    private void removeNetwork() {
        try {
            host.client().delete(record.network());
        } catch (ApiException e) {
            if (e.unreachable() && host.stateDir() != null) {
                new LeftGuests(Path.of(host.stateDir())).end(record.network());
                throw new ClientException(e.getMessage() + ": its guests are stopped" + closeJetways()
                    + ", but its journal still has the network: start the daemon and run violin down "
                    + record.network() + " again");
            }
            throw e;
        }
    }

    private String closeJetways() {
        try {
            new Jetways(Path.of(host.stateDir())).closeAll(record.network());
            return ", its jetways off";
        } catch (CommandException | JetwayException e) {
            return ", its jetways not (" + e.getMessage() + ")";
        }
    }
}
