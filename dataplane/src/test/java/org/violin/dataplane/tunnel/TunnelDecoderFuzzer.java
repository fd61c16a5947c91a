package org.violin.dataplane.tunnel;

/**
 * The decoder as Jazzer's target, which looks for inputs that reach new code: {@code mvn verify -Pfuzz -pl dataplane
 * -am -DskipTests -Dviolin.fuzz.seconds=600}. What it finds is kept under {@code target/fuzz}.
 */
public final class TunnelDecoderFuzzer {
    private static final TunnelDecoder DECODER = new TunnelDecoder();

    private TunnelDecoderFuzzer() {
    }

    /** Called by Jazzer. */
    public static void fuzzerTestOneInput(byte[] datagram) {
        DECODER.accept(datagram, datagram.length);
        DECODER.assertCanaries();
    }
}
