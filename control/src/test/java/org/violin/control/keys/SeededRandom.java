package org.violin.control.keys;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Queue;
import java.util.SplittableRandom;

/** What a test knows beforehand: bytes that it has given, then those of a seed. */
final class SeededRandom extends SecureRandom {
    private static final long serialVersionUID = 1L;

    private final transient SplittableRandom random;
    private final transient Queue<byte[]> given = new ArrayDeque<>();

    SeededRandom(SplittableRandom random) {
        this.random = random;
    }

    /** The next bytes asked for are these, as many as there are. */
    SeededRandom then(String hex) {
        given.add(HexFormat.of().parseHex(hex));
        return this;
    }

    @Override
    public void nextBytes(byte[] bytes) {
        byte[] next = given.poll();
        if (next == null) {
            random.nextBytes(bytes);
        } else {
            System.arraycopy(next, 0, bytes, 0, bytes.length);
        }
    }
}
