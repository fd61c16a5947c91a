package org.violin.control.host;

import org.violin.control.spec.BridgeSpec;
import org.violin.control.spec.FitSpec;
import org.violin.control.spec.GuardSpec;
import org.violin.control.spec.LineSpec;
import org.violin.control.spec.MulticastSpec;
import org.violin.dataplane.Fit;
import org.violin.dataplane.Guard;
import org.violin.dataplane.Impairment;
import org.violin.dataplane.MulticastConfig;
import org.violin.dataplane.SwitchConfig;

/** What ports, lines and switches do, and what is done for them, as specifications and as the dataplane have it. */
public final class Lines {
    private Lines() {
    }

    /** Throws {@link IllegalArgumentException}, whose message names what is out of bounds, as users know it. */
    public static Impairment impairment(LineSpec line) {
        return new Impairment(line.delayNanos(), line.jitterNanos(), line.loss(), line.burstFrames(),
            line.rateBitsPerSecond(), line.queueBytes(), line.reorder(), line.duplicate(), line.corrupt(),
            line.down(), line.seed());
    }

    /**
     * The same with chances of its own for the port that {@code identity} names: were the two ends of a link to draw
     * the same ones, what is lost in one direction would say what is lost in the other.
     */
    static Impairment impairmentAt(String identity, LineSpec line) {
        return impairment(line.withSeed(line.seed() ^ (long) identity.hashCode() << Integer.SIZE));
    }

    /** Throws {@link IllegalArgumentException}, whose message names what is out of bounds. */
    static SwitchConfig lan(String name, BridgeSpec lan) {
        MulticastSpec multicast = lan.multicast();
        return new SwitchConfig(name, lan.macCapacity(), lan.ageingSeconds(), new MulticastConfig(multicast.snooping(),
            multicast.querier(), multicast.queryIntervalSeconds(), multicast.dropsUnknown()));
    }

    /**
     * What is declared is in the guard by now. Throws {@link IllegalArgumentException}, whose message names what is out
     * of bounds, as users know it.
     */
    static Guard guard(GuardSpec guard) {
        return new Guard(guard.macs().equals(GuardSpec.ANY) ? null : guard.macs(),
            guard.addresses().equals(GuardSpec.ANY) ? null : guard.addresses(), guard.maxMacs(),
            guard.storm().broadcast(), guard.storm().unknown(), guard.storm().multicast(), guard.dropsBpdus());
    }

    /** Cannot fail: both have the same bounds. */
    public static Fit fit(FitSpec fit) {
        return new Fit(fit.mssClamp(), fit.honorsDf());
    }
}
