package org.violin.dataplane.port;

import org.violin.dataplane.sys.Ready;

/**
 * The worker's side of a port: how frames come in. A port with a device of its own marks itself ready and is asked
 * later; a port whose frames come out of datagrams hands each over as it is found. Worker's thread.
 */
public interface Inlet extends Ready {

    /** A frame has come in; the hold on its slot passes to the worker. {@code offload}: an {@code Offload} word. */
    void onFrame(int slot, int offset, int length, long offload);
}
