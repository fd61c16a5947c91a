package org.violin.dataplane.counters;

/** What every port counts. Bytes are those of the frames, without FCS and without what carries them. */
public enum PortCounter implements Documented {
    RX_FRAMES("Frames that came in from the device, guest or tunnel."),
    RX_BYTES("Bytes of the frames that came in."),
    TX_FRAMES("Frames that went out to the device, guest or tunnel."),
    TX_BYTES("Bytes of the frames that went out."),
    RX_RECOVERED("Of a tunnel: datagrams that were lost on the way, and that parity has brought back.");

    private final String meaning;

    PortCounter(String meaning) {
        this.meaning = meaning;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
