package org.violin.control.host;

import java.util.Set;

/** A port that can be plugged into another bridge while frames pass: its device stays as it is. */
sealed interface Plugged extends Piece permits Piece.Nic, Piece.Tap, JetwayPiece, PacketPiece, UdpPortPiece {
    /** Its name in the network. */
    String port();

    /** What it is plugged into. */
    String bridge();

    /** The same plugged into another bridge. */
    Plugged on(String otherBridge);

    @Override
    default String key() {
        return "port " + port();
    }

    @Override
    default int rank() {
        return 4;
    }

    @Override
    default void unmake(Site site) {
        site.driver().closePort(site.network(), port());
    }

    @Override
    default Set<String> foundations() {
        return Set.of("bridge " + bridge());
    }

    @Override
    default boolean canBecome(Piece wanted) {
        return wanted instanceof Plugged to && on(to.bridge()).equals(to);
    }
}
