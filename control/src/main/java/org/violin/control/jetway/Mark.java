package org.violin.control.jetway;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * How a daemon's things are told from all others: by a hash of its state directory, which no two daemons share.
 *
 * @param owner eight hex digits
 */
record Mark(String owner) {
    private static final int DIGITS = 8;

    static Mark of(Path stateDirectory) {
        return new Mark(hash(stateDirectory.toString()));
    }

    private static String hash(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash).substring(0, DIGITS);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /** What begins the comment of everything that this daemon makes. */
    String text() {
        return "violin " + owner;
    }

    boolean isOn(String comment) {
        return comment.equals(text()) || comment.startsWith(text() + " ");
    }

    /** One name for a jetway; the names that it is made of have no dot. */
    static String id(String network, String jetway) {
        return network + "." + jetway;
    }

    /** The name of a jetway's kernel bridge. */
    String bridge(String id) {
        return "vj" + hash(owner + " " + id);
    }
}
