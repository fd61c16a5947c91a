package org.violin.benchmarks.lab;

/** A veth pair. */
public enum Veth implements Underlay {
    /** As it is. */
    WHOLE("a veth pair as it is, which carries super-frames whole"),
    /** As a NIC without offloads: each packet of at most one MTU, checksums made by the sender's CPU. */
    PLAIN_NIC("a veth pair as a plain NIC, without the sender's offloads, with the receiver's GRO");

    private final String description;

    Veth(String description) {
        this.description = description;
    }

    @Override
    public void join(End a, End b) {
        a.ip("link add " + End.UNDERLAY + " type veth peer name " + End.UNDERLAY + " netns " + b.namespace());
        if (this == PLAIN_NIC) {
            a.withoutOffloads();
            b.withoutOffloads();
        }
    }

    @Override
    public String description() {
        return description;
    }
}
