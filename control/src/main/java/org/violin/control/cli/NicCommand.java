package org.violin.control.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.violin.control.client.Home;
import org.violin.control.client.NicPlug;
import org.violin.control.client.NodeFinder;
import org.violin.control.client.Registry;
import org.violin.control.spec.GuestSpec.NicSpec;
import org.violin.control.topology.NicChange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code violin nic}. */
@Command(name = "nic", mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND",
    description = {"Plugs vNICs into guests that run, and unplugs them."},
    subcommands = {NicCommand.Attach.class, NicCommand.Detach.class})
final class NicCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing: attach or detach");
    }

    /** {@code violin nic attach}. */
    @Command(name = "attach", mixinStandardHelpOptions = true,
        description = {"Gives a guest one more vNIC, on a switch on any host. The guest runs on.",
            "The next 'violin up' brings back what its file says."},
        footer = {"", "Example: violin nic attach vhost1 lan2 --address 10.1.2.9/24"})
    static final class Attach implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "NODE", description = "A guest: NODE, or NETWORK/NODE.")
        private String node;

        @Parameters(index = "1", paramLabel = "SWITCH", description = "What the vNIC is plugged into.")
        private String switchName;

        @Option(names = "--address", paramLabel = "ADDRESS/LENGTH",
            description = "An IPv4 or IPv6 address with its prefix length; may be repeated.")
        private List<String> addresses = List.of();

        @Option(names = "--name", paramLabel = "NAME",
            description = "eth0, eth1, ...; left out: the first that is free.")
        private String name;

        @Option(names = "--mac", paramLabel = "MAC", description = "Left out: made from network, node and name.")
        private String mac;

        @Option(names = "--mtu", paramLabel = "BYTES", description = "Left out: as the switch's other vNICs have it.")
        private int mtu;

        @Override
        public Integer call() {
            Registry registry = new Registry(Home.find());
            NodeFinder.Found found = NodeFinder.find(registry, node);
            NicSpec nic = new NicPlug(registry, found.network())
                .attach(found.node().name(), switchName, new NicChange.Wanted(name, mac, mtu, addresses));
            System.out.println(found.fullName() + " has " + nic.name() + " on " + switchName + ", " + nic.mac()
                + (nic.addresses().isEmpty() ? "" : ", " + String.join(", ", nic.addresses())));
            return Exit.OK;
        }
    }

    /** {@code violin nic detach}. */
    @Command(name = "detach", mixinStandardHelpOptions = true,
        description = {"Takes a vNIC away from a guest, which runs on.",
            "The next 'violin up' brings back what its file says."})
    static final class Detach implements Callable<Integer> {
        @Parameters(index = "0", paramLabel = "NODE", description = "A guest: NODE, or NETWORK/NODE.")
        private String node;

        @Parameters(index = "1", paramLabel = "NIC", description = "A vNIC of the guest, such as eth1.")
        private String nic;

        @Override
        public Integer call() {
            Registry registry = new Registry(Home.find());
            NodeFinder.Found found = NodeFinder.find(registry, node);
            new NicPlug(registry, found.network()).detach(found.node().name(), nic);
            System.out.println(found.fullName() + " has no " + nic + " any more");
            return Exit.OK;
        }
    }
}
