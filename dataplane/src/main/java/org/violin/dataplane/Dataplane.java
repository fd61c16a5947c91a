package org.violin.dataplane;

import java.util.List;
import java.util.Map;

/**
 * The packet engine's public face. Every method may be called from any thread; each is carried to the worker by its
 * command queue and returns when the worker has done it. A bridge is a learning switch or a two-port patch; every port
 * is attached to exactly one bridge from open to close.
 *
 * <p>Errors: {@link DataplaneException} when a name is taken or unknown, when the kernel refuses, or when the worker
 * does not answer in time. A call that throws has changed nothing.
 */
public final class Dataplane implements AutoCloseable {

    private Dataplane() {
    }

    /** Binds the UDP socket, if any, and starts the worker. */
    public static Dataplane launch(DataplaneConfig config) {
        throw new DataplaneException("not yet");
    }

    public void addSwitch(SwitchConfig config) {
    }

    /** A patch joins two ports like a cable: what comes in at one leaves at the other, whatever it is. */
    public void addPatch(String name) {
    }

    /** Removes a switch or patch that has no ports left. */
    public void removeBridge(String name) {
    }

    public void openTap(TapConfig config, String bridge) {
    }

    public void openUnix(UnixPortConfig config, String bridge) {
    }

    public void openTunnel(TunnelConfig config) {
    }

    /** Closes a tunnel that has no links left. */
    public void closeTunnel(String name) {
    }

    public void openLink(LinkConfig config, String bridge) {
    }

    /** Closes a port of any kind; a TAP's device and a unix port's socket file go with it. */
    public void closePort(String name) {
    }

    public List<PortStatus> ports() {
        return List.of();
    }

    public List<TunnelStatus> tunnels() {
        return List.of();
    }

    /** What the switches have learned; one switch when {@code bridge} is not null. */
    public List<MacStatus> macs(String bridge) {
        return List.of();
    }

    /** Datagrams that belong to no tunnel, and other drops of the dataplane as a whole, by reason. */
    public Map<String, Long> drops() {
        return Map.of();
    }

    /** Closes every port and tunnel in reverse order of opening, and ends the worker. Idempotent. */
    @Override
    public void close() {
    }
}
