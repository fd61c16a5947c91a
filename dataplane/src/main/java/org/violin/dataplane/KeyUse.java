package org.violin.dataplane;

/**
 * What a sealed tunnel does with its keys, as it was at one moment.
 *
 * @param up         whether the tunnel is
 * @param localIndex the {@link TunnelKeys#localIndex()} of the keys that it sends with; 0: it has none
 * @param datagrams  sealed with those
 */
public record KeyUse(boolean up, int localIndex, long datagrams) {
}
