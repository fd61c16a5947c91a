package org.violin.control.topology;

import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/** How messages speak of names. */
final class Words {
    private static final int SHOWN_CHARS = 60;
    // Looking for likely names is quadratic; a file with more names than this is told without.
    private static final int MAX_CANDIDATES = 1000;
    private static final int MAX_LISTED = 12;

    private Words() {
    }

    /** {@code text} cut to what fits a message. */
    static String shorten(String text) {
        return text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "...";
    }

    /** Of {@code candidates} the one that {@code word} was probably meant to be; null if none is near. */
    static String nearest(String word, Collection<String> candidates) {
        if (candidates.size() > MAX_CANDIDATES) {
            return null;
        }
        String best = null;
        int bestDistance = Math.max(1, Math.min(word.length(), SHOWN_CHARS) / 3) + 1;
        for (String candidate : candidates) {
            if (Math.abs(candidate.length() - word.length()) < bestDistance) {
                int distance = distance(word.toLowerCase(Locale.ROOT), candidate);
                if (distance < bestDistance) {
                    best = candidate;
                    bestDistance = distance;
                }
            }
        }
        return best;
    }

    /** {@code ; did you mean 'x'?}, or else the names there are. */
    static String hint(String word, Collection<String> candidates, String kind) {
        String nearest = nearest(word, candidates);
        if (nearest != null) {
            return "; did you mean '" + nearest + "'?";
        }
        if (candidates.isEmpty()) {
            return "; there are no " + kind;
        }
        String names = candidates.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
        return "; the " + kind + " are " + names + (candidates.size() > MAX_LISTED ? ", ..." : "");
    }

    /** Edits that make one of the other: insert, delete, replace, or swap two neighbours. */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
