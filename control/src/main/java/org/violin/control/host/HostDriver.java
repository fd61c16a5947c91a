package org.violin.control.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.violin.control.guest.ExecOutput;
import org.violin.control.guest.GuestDisks;
import org.violin.control.guest.GuestStatus;
import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.GuestSpec;
import org.violin.control.spec.JetwaySpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.PacketSpec;
import org.violin.control.spec.TapSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.UdpPortSpec;
import org.violin.control.stream.StreamStatus;
import org.violin.dataplane.FrameTrace;
import org.violin.dataplane.GroupStatus;
import org.violin.dataplane.MacStatus;
import org.violin.dataplane.PortStatus;
import org.violin.dataplane.TunnelStatus;

/**
 * What the engine can do to its host, one verb each. A call that throws has changed nothing, except that a failed
 * {@code configureGuest}, {@code replugGuest} or {@code readdressTap} may have done a part; they can be repeated.
 * Thread-safe.
 */
public interface HostDriver extends AutoCloseable {

    void addBridge(String network, BridgeSpec bridge);

    void removeBridge(String network, String bridge);

    /**
     * Opens a tunnel that no network uses yet; its name is its remote.
     *
     * @param peer    the other host's name, which its certificate has to have if tunnels are secured by a CA
     * @param remote  as {@link Remote#parse} writes it
     * @param pathMtu bytes; 0: found out
     * @param local   what the remote is to the peer, written alike; null: not known, so that there are no streams, and
     *                the tunnel cannot be told from others by its key
     */
    void openTunnel(String peer, String remote, int pathMtu, String local);

    void closeTunnel(String peer, String remote);

    /** Has what is sent through an open tunnel protected like this from now on. */
    void protect(String remote, FecSpec fec);

    /**
     * Has what passes an open tunnel go by this transport from now on, if the peer has it so as well. What is under way
     * arrives.
     */
    void carry(String remote, Transport transport);

    void openLink(String network, LinkSpec link, String remote);

    /** Has those who send through an open link told this from now on; {@link FitSpec#NONE}: nothing. */
    void fit(String network, String link, FitSpec fit);

    void openTap(String network, TapSpec tap);

    /** Gives the device the addresses of {@code to} instead of those of {@code from}. */
    void readdressTap(TapSpec from, TapSpec to);

    /** Makes a port of an interface of the host, which stays when the port is closed. */
    void openPacket(String network, PacketSpec packet);

    /** Opens a jetway with its port. */
    void openJetway(String network, JetwaySpec jetway);

    /** Closes a jetway's port and takes away all that is there of it. A call that failed can be repeated. */
    void closeJetway(String network, String jetway);

    /** Listens where the vNIC will connect. */
    void openNic(String network, String guest, String nic, String bridge);

    /** Binds a port's socket; its peer is sent to, and heard, from now on. */
    void openUdpPort(String network, UdpPortSpec port);

    /**
     * Plugs open vNICs' ports, TAPs, jetways, packet ports and UDP ports into other bridges, all at once, while frames
     * pass.
     *
     * @param bridges by the ports' names
     */
    void movePorts(String network, Map<String, String> bridges);

    /** Closes a link, a TAP, a packet port, a UDP port or a vNIC's port by its name in the network. */
    void closePort(String network, String port);

    /** Has what leaves by an open port pass such a line from now on; {@link LineSpec#NONE}: no more. */
    void impair(String network, String port, LineSpec line);

    /**
     * Has what comes in by an open port checked from now on; what is declared is in the guard by now. null: as when the
     * port was opened.
     */
    void guard(String network, String port, GuardSpec guard);

    /** Starts the guest's process; its ports are open. Nothing to do when it runs. */
    void startGuest(String network, GuestSpec guest);

    /** Powers the guest off, kills it when it does not obey. Nothing to do when it does not run. */
    void stopGuest(String network, String guest);

    /** As pulling the plug. Nothing to do when it does not run. */
    void killGuest(String network, String guest);

    /**
     * Gives a running guest its vNICs, whose ports are open, their addresses, routes, forwarding and routing suite.
     * Nothing to do when it does not run.
     */
    void configureGuest(String network, GuestSpec guest);

    /** Configures the guest as {@link #configureGuest} does, and has vNICs of its connect to their ports anew. */
    void replugGuest(String network, GuestSpec guest, Set<String> nics);

    /** Stops the guest if need be and deletes its directory. */
    void forgetGuest(String network, String guest);

    /**
     * Takes over the guests that an earlier daemon left running; their ports are open again.
     *
     * @return those that run, and those that do not and have a disk here
     */
    List<GuestStatus> adoptGuests();

    /** The disks of guests that leave and come; throws {@code GuestException} where no guest can run. */
    GuestDisks disks();

    /** What a running guest was started or last configured with. */
    Optional<GuestSpec> guestSpec(String network, String guest);

    /** Empty: never started here. */
    Optional<GuestStatus> guest(String network, String guest);

    /** See {@code Guests.exec}. */
    int exec(String network, String guest, List<String> argv, ExecOutput output, BooleanSupplier cancelled);

    Path consoleLog(String network, String guest);

    void consoleInput(String network, String guest, byte[] bytes);

    /** Named {@code <network>/<port>} on bridges {@code <network>/<bridge>}. */
    List<PortStatus> ports();

    /** Named by their remote. */
    List<TunnelStatus> tunnels();

    /** The stream of one of the {@link #tunnels}; null: it goes in datagrams, and is to. */
    StreamStatus stream(TunnelStatus tunnel);

    /** What is the matter with a tunnel; takes half a second if it is not up. */
    Diagnosis diagnose(TunnelStatus tunnel);

    /** See {@code Dataplane.ping}. */
    Duration ping(String remote, int bytes, Duration timeout);

    List<MacStatus> macs();

    /** See {@code Dataplane.learn}; named as in {@link #macs}. */
    int learn(List<MacStatus> stations);

    List<GroupStatus> groups();

    /** See {@code Dataplane.trace}; the ports are named as in {@link #ports}. */
    FrameTrace trace(Predicate<String> ingress, int every, int count);

    /** Closes what the dataplane holds; the guests keep running. */
    @Override
    void close();
}
