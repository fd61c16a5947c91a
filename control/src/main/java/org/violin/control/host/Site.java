package org.violin.control.host;

/** Where a step takes place. */
record Site(HostDriver driver, String network, TunnelUsers tunnels) {
}
