package org.violin.benchmarks.lab;

/** One host of a pair, or of more: a network namespace with an underlay device. */
public final class End extends Netns {
    /** The device of the underlay. */
    public static final String UNDERLAY = "under0";
    /** The device that a tunnel makes. */
    public static final String OVERLAY = "over0";

    private final int number;

    /**
     * @param hosts  the name of the pair
     * @param name   such as a or b
     * @param number from 1; the last byte of its addresses
     */
    End(Lab lab, String hosts, String name, int number) {
        super(lab, hosts, name);
        this.number = number;
    }

    /** From 1. */
    public int number() {
        return number;
    }

    /** Its IPv4 address in the underlay. */
    public String underlay() {
        return "10.201.0." + number;
    }

    /** Its IPv4 address inside the tunnel, without the prefix length of 24. */
    public String overlay() {
        return "10.202.0." + number;
    }

    /** Has the underlay's device sum and cut nothing, as a plain NIC; what comes may be joined as there. */
    void withoutOffloads() {
        run("ethtool", "-K", UNDERLAY, "tso", "off", "gso", "off", "tx-udp-segmentation", "off", "tx", "off",
            "gro", "on");
    }
}
