package org.violin.control.spec;

/**
 * Link emulation at one port.
 *
 * @param port of this network on this host: a link, {@code <guest>.<nic>}, or a TAP's or UDP port's name
 * @param line what becomes of the frames that leave the daemon by this port
 */
public record ImpairmentSpec(String port, LineSpec line) {
}
