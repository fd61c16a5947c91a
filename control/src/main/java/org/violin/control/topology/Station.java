package org.violin.control.topology;

/**
 * A vNIC, TAP or jetway of the file under check.
 *
 * @param label {@code vhost1.eth0}, or a tap's or jetway's name
 * @param node  its mapping in the file
 */
record Station(String label, YamlNode node) {
}
