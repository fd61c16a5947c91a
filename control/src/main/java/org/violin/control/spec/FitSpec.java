package org.violin.control.spec;

import java.util.ArrayList;
import java.util.List;

/**
 * What those who send through a link are told, so that what they send fits a datagram of its tunnel. The bounds are the
 * dataplane's.
 *
 * @param mssClamp the largest MSS that TCP connections may agree on, 88 to 65535; {@link #MSS_AUTO}: what fits; 0: any
 * @param honorsDf whether packets that are too long and not to be fragmented are dropped, and answered
 */
public record FitSpec(int mssClamp, boolean honorsDf) {
    public static final int MSS_AUTO = -1;
    /** Nothing. */
    public static final FitSpec NONE = new FitSpec(0, false);

    private static final int MSS_MIN = 88;
    private static final int MSS_MAX = 65_535;

    public FitSpec {
        if (mssClamp != 0 && mssClamp != MSS_AUTO && (mssClamp < MSS_MIN || mssClamp > MSS_MAX)) {
            throw new IllegalArgumentException(mssClamp + ": " + expected());
        }
    }

    private static String expected() {
        return "off, auto, or the bytes of a segment, " + MSS_MIN + " to " + MSS_MAX;
    }

    /**
     * Reads {@code off}, {@code auto} or a number of bytes.
     *
     * @throws IllegalArgumentException with a message that says what is expected
     */
    public static int parseMss(String text) {
        if (text.equals("off") || text.equals("auto")) {
            return text.equals("off") ? 0 : MSS_AUTO;
        }
        int bytes = text.matches("\\d{1,5}") ? Integer.parseInt(text) : 0;
        if (bytes < MSS_MIN || bytes > MSS_MAX) {
            throw new IllegalArgumentException("'" + text + "': " + expected());
        }
        return bytes;
    }

    /** What {@link #parseMss} reads. */
    public String mssText() {
        return mssClamp == 0 ? "off" : mssClamp == MSS_AUTO ? "auto" : Integer.toString(mssClamp);
    }

    /** In the words of topology files: {@code mss-clamp auto, df honor}; empty where there is nothing to say. */
    public String text() {
        List<String> words = new ArrayList<>();
        if (mssClamp != 0) {
            words.add("mss-clamp " + mssText());
        }
        if (honorsDf) {
            words.add("df honor");
        }
        return String.join(", ", words);
    }
}
