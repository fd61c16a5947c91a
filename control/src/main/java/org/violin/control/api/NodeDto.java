package org.violin.control.api;

import java.util.List;

/**
 * A guest.
 *
 * @param role      {@code host} or {@code router}
 * @param state     {@code booting}, {@code ready}, {@code stopped}, {@code dead} or {@code leaving}
 * @param wanted    {@code running} or {@code stopped}: what the operator asked for
 * @param pid       of the guest's first process; 0 when it does not run
 * @param startedAt ISO-8601; null when it never ran
 * @param detail    empty, or how a dead guest died and the tail of its console
 * @param leavingFor the host that it is on its way to, which may have it already: then it is there; null: none
 */
public record NodeDto(
    String network, String name, String role, String state, String wanted, long pid, String startedAt, int memoryMiB,
    List<Nic> nics, String detail, String leavingFor) {

    /**
     * A vNIC. Its port is named {@code <node>.<nic>}.
     *
     * @param addresses with prefix length
     */
    public record Nic(String name, String bridge, String mac, int mtu, List<String> addresses) {
    }
}
