package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.TunnelSpec;

/**
 * What can be changed at a port of a network that is up.
 *
 * @param line what becomes of the frames that leave by it
 * @param fec  how the tunnel that carries it is protected; null: it is no link, and no tunnel does
 */
public record PortSetting(LineSpec line, FecSpec fec) {

    public PortSetting withLine(LineSpec newLine) {
        return new PortSetting(newLine, fec);
    }

    /** Throws {@link IllegalArgumentException} where no tunnel is. */
    public PortSetting withFec(FecSpec newFec) {
        if (fec == null) {
            throw new IllegalArgumentException("fec: only a link between two hosts has a tunnel that this is for");
        }
        return new PortSetting(line, newFec);
    }

    static PortSetting of(NetworkSpec spec, String port) {
        FecSpec fec = peer(spec, port).flatMap(peer ->
            spec.tunnels().stream().filter(tunnel -> tunnel.peer().equals(peer)).findFirst())
            .map(TunnelSpec::fec).orElse(null);
        return new PortSetting(spec.impairment(port), fec);
    }

    NetworkSpec appliedTo(NetworkSpec spec, String port) {
        NetworkSpec impaired = spec.withImpairment(port, line);
        return peer(spec, port).map(peer -> impaired.withFec(peer, fec)).orElse(impaired);
    }

    private static Optional<String> peer(NetworkSpec spec, String port) {
        return spec.links().stream().filter(link -> link.name().equals(port)).map(LinkSpec::peer).findFirst();
    }

    /** For people. */
    public String text() {
        List<String> words = new ArrayList<>();
        words.add(line.equals(LineSpec.NONE) ? "not impaired" : line.text());
        if (fec != null && !fec.equals(FecSpec.OFF)) {
            words.add("fec " + fec.text());
        }
        return String.join(", ", words);
    }
}
