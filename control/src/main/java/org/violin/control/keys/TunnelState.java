package org.violin.control.keys;

/**
 * What the dataplane tells of a tunnel that a {@link KeyAgreement} keeps in keys.
 *
 * @param up              whether both sides hear each other
 * @param localIndex      of the keys that datagrams are sealed with now, as in
 *                        {@link org.violin.dataplane.TunnelKeys#localIndex}; 0 for none
 * @param sealedDatagrams how many have been sealed with those
 */
public record TunnelState(boolean up, int localIndex, long sealedDatagrams) { }
