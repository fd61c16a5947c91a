package org.violin.dataplane;

import java.util.SplittableRandom;

/** What a handshake would have given the two ends of a tunnel. */
record TestKeys(TunnelKeys first, TunnelKeys second) {

    /** Whose first end is sure of the other, as the one who began a handshake is. */
    static TestKeys draw(SplittableRandom random, SealCipher cipher) {
        byte[] there = new byte[SealCipher.KEY_BYTES];
        byte[] back = new byte[SealCipher.KEY_BYTES];
        random.nextBytes(there);
        random.nextBytes(back);
        int first = random.nextInt() | 1;
        int second = random.nextInt() | 1;
        return new TestKeys(new TunnelKeys(first, second, cipher, there, back, true),
            new TunnelKeys(second, first, cipher, back, there, false));
    }
}
