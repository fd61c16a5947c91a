package org.violin.control.vnet;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;
import org.violin.control.vnet.Refusal.Word;

/**
 * By what a handler's frames are to go (docs/vnet.md, Transports).
 *
 * @param transport TCP: by the connection, be that TLS; UDP; or AUTO: by UDP where it passes, else by the connection
 * @param fec       of what goes by UDP, in either direction
 */
public record Way(Transport transport, FecSpec fec) {
    /** As the paper has it. */
    static final Way CONNECTION = new Way(Transport.TCP, FecSpec.OFF);

    private static final Set<String> WORDS =
        Arrays.stream(Transport.values()).map(Transport::name).collect(Collectors.toSet());
    private static final String FEC = "FEC:";

    /** Throws {@link IllegalArgumentException} for what there is not. */
    public Way {
        if (transport == Transport.TLS) {
            throw new IllegalArgumentException("TLS: say TCP, which is TLS where the connection is; or UDP, or AUTO");
        }
        if (transport == Transport.TCP && !fec.equals(FecSpec.OFF)) {
            throw new IllegalArgumentException("FEC: a connection loses nothing on the way: say UDP or AUTO");
        }
    }

    /** Where it begins among words that addresses may be in front of; their number: there is none. */
    static int begin(List<String> words) {
        int at = 0;
        while (at < words.size() && !WORDS.contains(words.get(at).toUpperCase(Locale.ROOT))) {
            at++;
        }
        return at;
    }

    /** @param words from {@link #begin} on; none: by the connection */
    static Way parse(List<String> words) throws Refusal {
        if (words.isEmpty()) {
            return CONNECTION;
        }
        String fec = words.size() == 1 ? FEC + "off" : words.get(1);
        if (words.size() > 2 || !fec.regionMatches(true, 0, FEC, 0, FEC.length())) {
            throw new Refusal(Word.SYNTAX, "after the transport nothing may follow but FEC:off, FEC:auto, or FEC: and"
                + " datagrams and parity of a block, such as FEC:10+3");
        }
        try {
            return new Way(Transport.valueOf(words.getFirst().toUpperCase(Locale.ROOT)),
                FecSpec.parse(fec.substring(FEC.length()).toLowerCase(Locale.ROOT)));
        } catch (IllegalArgumentException e) {
            throw new Refusal(Word.TRANSPORT, e.getMessage());
        }
    }

    /** Whether it is a tunnel sealed by a key of its own, that may go by UDP. */
    boolean isSealed() {
        return transport != Transport.TCP;
    }

    /** As on a line, with a blank in front; nothing, where it is the connection. */
    String text() {
        return !isSealed() ? "" : " " + transport.name() + (fec.equals(FecSpec.OFF) ? "" : " " + FEC + fec.text());
    }
}
