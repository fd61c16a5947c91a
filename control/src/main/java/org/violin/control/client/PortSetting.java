package org.violin.control.client;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.violin.control.spec.FecSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.LinkSpec;
import org.violin.control.spec.NetworkSpec;
import org.violin.control.spec.Transport;
import org.violin.control.spec.TunnelSpec;

/**
 * What can be changed at a port of a network that is up.
 *
 * @param line      what becomes of the frames that leave by it
 * @param fec       how the tunnel that carries it is protected; null: it is no link, and no tunnel does
 * @param transport what that tunnel goes by; null as well
 * @param fit       what those who send through it are told; null as well
 */
public record PortSetting(LineSpec line, FecSpec fec, Transport transport, FitSpec fit) {

    public PortSetting withLine(LineSpec newLine) {
        return new PortSetting(newLine, fec, transport, fit);
    }

    /** Throws {@link IllegalArgumentException} where no tunnel is. */
    public PortSetting withFec(FecSpec newFec) {
        if (fec == null) {
            throw new IllegalArgumentException("fec: only a link between two hosts has a tunnel that this is for");
        }
        return new PortSetting(line, newFec, transport, fit);
    }

    /** Throws {@link IllegalArgumentException} where no tunnel is. */
    public PortSetting withTransport(Transport newTransport) {
        if (transport == null) {
            throw new IllegalArgumentException("transport: only a link between two hosts has a tunnel that this is"
                + " for");
        }
        return new PortSetting(line, fec, newTransport, fit);
    }

    /** Throws {@link IllegalArgumentException} where no tunnel is. */
    public PortSetting withFit(UnaryOperator<FitSpec> change) {
        if (fit == null) {
            throw new IllegalArgumentException("mss-clamp, df: only a link between two hosts has a tunnel to fit");
        }
        return new PortSetting(line, fec, transport, change.apply(fit));
    }

    static PortSetting of(NetworkSpec spec, String port) {
        Optional<LinkSpec> link = link(spec, port);
        Optional<TunnelSpec> carrier = link.map(LinkSpec::peer).flatMap(peer ->
            spec.tunnels().stream().filter(tunnel -> tunnel.peer().equals(peer)).findFirst());
        return new PortSetting(spec.impairment(port), carrier.map(TunnelSpec::fec).orElse(null),
            carrier.map(TunnelSpec::transport).orElse(null), link.map(LinkSpec::fit).orElse(null));
    }

    NetworkSpec appliedTo(NetworkSpec spec, String port) {
        NetworkSpec impaired = spec.withImpairment(port, line);
        return link(spec, port).map(link -> impaired.withFec(link.peer(), fec)
            .withTransport(link.peer(), transport).withFit(port, fit)).orElse(impaired);
    }

    private static Optional<LinkSpec> link(NetworkSpec spec, String port) {
        return spec.links().stream().filter(link -> link.name().equals(port)).findFirst();
    }

    /** For people. */
    public String text() {
        List<String> words = new ArrayList<>();
        words.add(line.equals(LineSpec.NONE) ? "not impaired" : line.text());
        if (fec != null && !fec.equals(FecSpec.OFF)) {
            words.add("fec " + fec.text());
        }
        if (transport != null && transport != Transport.UDP) {
            words.add("transport " + transport.label());
        }
        if (fit != null && !fit.equals(FitSpec.NONE)) {
            words.add(fit.text());
        }
        return String.join(", ", words);
    }
}
