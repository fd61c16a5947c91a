package org.violin.dataplane.counters;

/** What every port counts. Bytes are those of the frames, without FCS and without what carries them. */
public enum PortCounter implements Documented {
    RX_FRAMES("rx-frames", "Frames that came in from the device, guest or tunnel."),
    RX_BYTES("rx-bytes", "Bytes of the frames that came in."),
    TX_FRAMES("tx-frames", "Frames that went out to the device, guest or tunnel."),
    TX_BYTES("tx-bytes", "Bytes of the frames that went out.");

    private final String label;
    private final String meaning;

    PortCounter(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    @Override
    public String label() {
        return label;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
