package org.violin.control.cli;

import org.violin.control.spec.FitSpec;
import picocli.CommandLine.Option;

/** What those who send through a link are told of its path. */
final class FitOptions {
    enum Df { honor, ignore }

    @Option(names = "--mss-clamp", paramLabel = "auto|off|BYTES", converter = Mss.class,
        description = "The largest segments that TCP connections through the link may agree on; auto: what fits a"
            + " datagram of the tunnel.")
    private Integer mssClamp;

    @Option(names = "--df", paramLabel = "honor|ignore",
        description = "honor: packets with DF, and of IPv6, that are too long for the tunnel are dropped, and their"
            + " sender is told by ICMP; else they are fragmented, and nobody is told.")
    private Df df;

    /** Whether any of them is on the command line. */
    boolean given() {
        return mssClamp != null || df != null;
    }

    /** As {@code before} where the options are silent. */
    FitSpec applyTo(FitSpec before) {
        return new FitSpec(mssClamp == null ? before.mssClamp() : mssClamp,
            df == null ? before.honorsDf() : df == Df.honor);
    }

    static final class Mss extends Converter<Integer> {
        Mss() {
            super(FitSpec::parseMss);
        }
    }
}
