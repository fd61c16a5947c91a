package org.violin.control.tune;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.Transport;

/** A transport that a tunnel may have, from the simplest to the one with most to it. */
public enum Variant {
    UDP("udp", "fec: off", FecSpec.OFF, Transport.UDP),
    UDP_FEC("udp+fec", "fec: auto", FecSpec.AUTO, Transport.UDP),
    TCP("tcp", "transport: tcp", FecSpec.OFF, Transport.TCP),
    TLS("tls", "transport: tls", FecSpec.OFF, Transport.TLS);

    private final String label;
    private final String settings;
    private final FecSpec fec;
    private final Transport transport;

    Variant(String label, String settings, FecSpec fec, Transport transport) {
        this.label = label;
        this.settings = settings;
        this.fec = fec;
        this.transport = transport;
    }

    /** {@code udp+fec}. */
    @JsonValue
    public String label() {
        return label;
    }

    public FecSpec fec() {
        return fec;
    }

    public Transport transport() {
        return transport;
    }

    /** The line under {@code tunnels} in a topology file that makes it so. */
    String line(String from, String to) {
        return "- { ends: [" + from + ", " + to + "], " + settings + " }";
    }

    /** Throws {@link IllegalArgumentException}, which says what there is. */
    @JsonCreator
    public static Variant parse(String label) {
        return Arrays.stream(values()).filter(variant -> variant.label.equals(label)).findFirst().orElseThrow(() ->
            new IllegalArgumentException("'" + label + "': " + Arrays.stream(values()).map(Variant::label)
                .collect(Collectors.joining(", "))));
    }

    /** Reads {@code udp,udp+fec}; the result is in order, and has each once. */
    public static List<Variant> parseList(String labels) {
        List<Variant> asked = new ArrayList<>(Arrays.stream(labels.split(",", -1)).map(Variant::parse).toList());
        return asked.stream().distinct().sorted().toList();
    }
}
