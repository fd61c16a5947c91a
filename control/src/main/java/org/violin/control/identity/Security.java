package org.violin.control.identity;

import java.util.Objects;
import java.util.function.Function;
import org.violin.control.keys.Sealing;

/**
 * How an operator wants tunnels to be secured.
 *
 * @param sealing with what, and by which shared key if they have one
 * @param self    this host's identity; null: keys do not come from control connections
 * @param peers   who has to be at the other end of the tunnel to a peer of some name
 */
public record Security(Sealing sealing, Identity self, Function<String, Peer> peers) {
    /** Frames go as they are. */
    public static final Security NONE = of(Sealing.NONE);

    public Security {
        Objects.requireNonNull(sealing, "sealing");
        Objects.requireNonNull(peers, "peers");
    }

    /** By a shared key, or not at all. */
    public static Security of(Sealing sealing) {
        return new Security(sealing, null, name -> {
            throw new IllegalStateException("no identity, no peers");
        });
    }

    /** For people. */
    @Override
    public String toString() {
        return sealing.toString();
    }
}
